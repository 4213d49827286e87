using System.Numerics;

namespace Footfall.Count;

/// <summary>
/// The identities of the last interactions of a partition: at most <paramref name="maxCount"/> of them and none older
/// than <paramref name="seconds"/>. A pure function of the records read, repeats included, so that reading the log
/// again from <see cref="Count"/> records back gives the same window.
/// </summary>
/// <remarks>
/// A ring of hashes in the order of the log and an open-addressed index of ring places, at most half full: 20 and 8
/// bytes an identity. A repeat takes a new place; its old one is dead and leaves in its turn.
/// </remarks>
public sealed class DuplicateWindow(int maxCount, int seconds)
{
    private const int FirstCapacity = 1024;

    private UInt128[] _hashes = new UInt128[Math.Min(FirstCapacity, maxCount)];
    private uint[] _seconds = new uint[Math.Min(FirstCapacity, maxCount)];
    private int[] _index = new int[2 * (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(FirstCapacity, maxCount))];
    private int _head;

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
        var mask = _index.Length - 1;
        var slot = (int)(ulong)hash & mask;
        while (_index[slot] != 0 && _hashes[_index[slot] - 1] != hash)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    /// <summary>Knuth's deletion from linear probing (TAOCP 6.4, algorithm R): no tombstones, so no slow decay.</summary>
    private void RemoveSlot(int slot)
    {
        var mask = _index.Length - 1;
        var hole = slot;
        for (var next = (slot + 1) & mask; _index[next] != 0; next = (next + 1) & mask)
        {
            var home = (int)(ulong)_hashes[_index[next] - 1] & mask;
            if (((next - home) & mask) >= ((next - hole) & mask))
            {
                _index[hole] = _index[next];
                hole = next;
            }
        }

        _index[hole] = 0;
    }

    private void Grow()
    {
        var capacity = (int)Math.Min((long)_hashes.Length * 2, maxCount);
        _hashes = Unroll(_hashes, capacity);
        _seconds = Unroll(_seconds, capacity);
        _head = 0;
        _index = new int[2 * (int)BitOperations.RoundUpToPowerOf2((uint)capacity)];
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
