namespace Footfall.Count;

/// <summary>
/// The identities of the last interactions of a partition: at most <paramref name="maxCount"/> of them and none older
/// than <paramref name="seconds"/>. A pure function of the records read, repeats included, so that reading the log
/// again from <see cref="Count"/> records back gives the same window.
/// </summary>
/// <remarks>
/// A ring of hashes in the order of the log and an open-addressed index of ring places, at most half full: 20 and 8
/// bytes for each place. It grows by a quarter, so 35 bytes an identity are the most. A repeat takes a new place; its
/// old one is dead and leaves in its turn.
/// </remarks>
/// <param name="maxCount">The most records.</param>
/// <param name="seconds">The longest time.</param>
/// <param name="expected">How many are known to come, such as in a rebuild: it need not grow for these.</param>
public sealed class DuplicateWindow(int maxCount, int seconds, long expected = 0)
{
    private const int FirstCapacity = 1024;

    private UInt128[] _hashes = new UInt128[FirstCapacityOf(maxCount, expected)];
    private uint[] _seconds = new uint[FirstCapacityOf(maxCount, expected)];
    private int[] _index = new int[2 * FirstCapacityOf(maxCount, expected)];
    private int _head;

    /// <summary>Bytes that its arrays take.</summary>
    public long Bytes => (_hashes.Length * 16L) + (_seconds.Length * 4L) + (_index.Length * 4L);

    /// <summary>Records in the window, dead places included.</summary>
    public int Count { get; private set; }

    /// <summary>The second of the newest record that has left the window; what is older can't be seen any more. 0: none has left.</summary>
    public uint Horizon { get; set; }

    /// <summary>The second of the oldest record in the window.</summary>
    public uint OldestSecond => Count == 0 ? 0 : _seconds[_head];

    /// <summary>Takes the next record's identity in; true when the window had it already.</summary>
    /// <param name="hash">Of the identity; 0 stands for a record that has none and never repeats.</param>
    /// <param name="second">The log's time, never less than at the call before.</param>
    public bool Add(UInt128 hash, uint second)
    {
        Expire(second);
        if (Count == _hashes.Length)
        {
            if (Count < maxCount)
            {
                Grow();
            }
            else
            {
                RemoveHead();
            }
        }

        var place = _head + Count;
        place -= place >= _hashes.Length ? _hashes.Length : 0;
        _hashes[place] = hash;
        _seconds[place] = second;
        Count++;
        return hash != UInt128.Zero && Point(hash, place);
    }

    /// <summary>Forgets all: between what it holds and what comes next, records are missing.</summary>
    /// <param name="second">The log's time, which becomes the horizon.</param>
    public void Clear(uint second)
    {
        Array.Clear(_index);
        _head = 0;
        Count = 0;
        Horizon = Math.Max(Horizon, second);
    }

    private static int FirstCapacityOf(int maxCount, long expected) => (int)Math.Min(Math.Max(FirstCapacity, expected), maxCount);

    private void Expire(uint second)
    {
        while (Count > 0 && _seconds[_head] + (long)seconds < second)
        {
            RemoveHead();
        }
    }

    private void RemoveHead()
    {
        Horizon = Math.Max(Horizon, _seconds[_head]);
        var hash = _hashes[_head];
        if (hash != UInt128.Zero)
        {
            var slot = Find(hash);
            if (_index[slot] == _head + 1)
            {
                RemoveSlot(slot);
            }
        }

        _head = _head + 1 == _hashes.Length ? 0 : _head + 1;
        Count--;
    }

    /// <summary>Lets the index name this place for the hash; true when it named another before.</summary>
    private bool Point(UInt128 hash, int place)
    {
        var slot = Find(hash);
        var known = _index[slot] != 0;
        _index[slot] = place + 1;
        return known;
    }

    /// <summary>The slot that names the hash, or the empty one where it would stand.</summary>
    private int Find(UInt128 hash)
    {
        var slot = HomeOf(hash);
        while (_index[slot] != 0 && _hashes[_index[slot] - 1] != hash)
        {
            slot = Next(slot);
        }

        return slot;
    }

    /// <summary>The high half of hash times length (Lemire, https://arxiv.org/abs/1805.10941): any length will do, without a division.</summary>
    private int HomeOf(UInt128 hash) => (int)Math.BigMul((ulong)hash, (ulong)_index.Length, out _);

    private int Next(int slot) => slot + 1 == _index.Length ? 0 : slot + 1;

    /// <summary>How many steps forward from one slot to the other.</summary>
    private int Steps(int from, int to) => to >= from ? to - from : to - from + _index.Length;

    /// <summary>Knuth's deletion from linear probing (TAOCP 6.4, algorithm R): no tombstones, so no slow decay.</summary>
    private void RemoveSlot(int slot)
    {
        var hole = slot;
        for (var next = Next(slot); _index[next] != 0; next = Next(next))
        {
            var home = HomeOf(_hashes[_index[next] - 1]);
            if (Steps(home, next) >= Steps(hole, next))
            {
                _index[hole] = _index[next];
                hole = next;
            }
        }

        _index[hole] = 0;
    }

    private void Grow()
    {
        var capacity = (int)Math.Min(_hashes.Length + (_hashes.Length / 4L), maxCount);
        _hashes = Unroll(_hashes, capacity);
        _seconds = Unroll(_seconds, capacity);
        _head = 0;
        _index = new int[2 * capacity];
        for (var place = 0; place < Count; place++)
        {
            if (_hashes[place] != UInt128.Zero)
            {
                Point(_hashes[place], place);
            }
        }
    }

    private T[] Unroll<T>(T[] ring, int capacity)
    {
        var larger = new T[capacity];
        var first = Math.Min(Count, ring.Length - _head);
        Array.Copy(ring, _head, larger, 0, first);
        Array.Copy(ring, 0, larger, first, Count - first);
        return larger;
    }
}
