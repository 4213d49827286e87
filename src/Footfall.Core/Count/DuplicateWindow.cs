using System.Numerics;

namespace Footfall.Count;

/// <summary>
/// The identities of the last interactions of a partition: at most so many of them, and none older than so many seconds.
/// A pure function of the records read, repeats included, so that reading the log again from <see cref="Count"/> records back gives the same window.
/// </summary>
/// <remarks>
/// A ring of hashes in the order of the log, in segments that come and go with what it holds, and an open-addressed index
/// of its places, at most half full and, from some thousand on, at least a fifth: 20 bytes an identity and 8 to 20, whether it grows or shrinks. A
/// repeat takes a new place; its old one is dead and leaves in its turn. The bits of the index that a place does not need
/// hold how far the entry stands from its home, and some of its hash, so that hardly ever another's hash is read, which is
/// a cache miss: neither to find one nor to close the gap that one leaves. Beyond 60 million there are fewer bits left, and
/// more hashes are read.
/// </remarks>
public sealed class DuplicateWindow
{
    /// <summary>Places of a segment at most, 20 KiB: up to three are in part or not at all in use.</summary>
    private const int LargestSegment = 1024;

    /// <summary>From its home, that an entry of the index tells, where there are bits for it. Of one as far or farther, one of thousands, the hash is read.</summary>
    private const int LargestDistance = 31;

    private readonly int _maxCount;
    private readonly int _seconds;
    private readonly int _segmentShift;
    private Segment?[] _segments;
    private uint[] _index; // entries: 0 is none, else from the lowest bit on the place and one more, the distance, the tag
    private uint _placeMask;
    private int _distanceShift;
    private uint _mostDistance;
    private Segment? _spare;
    private int _head;
    private long _expected; // adds until which it is left as large as it was made

    /// <param name="maxCount">The most records.</param>
    /// <param name="seconds">The longest time.</param>
    /// <param name="expected">How many are about to come, so that the index needn't grow with them.</param>
    public DuplicateWindow(int maxCount, int seconds, long expected = 0)
    {
        (_maxCount, _seconds, _expected) = (maxCount, seconds, expected);
        _segmentShift = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Min(LargestSegment, maxCount)));
        var places = PlacesFor((int)Math.Min(expected, maxCount));
        _segments = new Segment?[places >> _segmentShift];
        _index = NewIndex(places);
    }

    /// <summary>Records in the window, dead places included.</summary>
    public int Count { get; private set; }

    /// <summary>The second of the newest record that has left the window; what is older can't be seen any more. 0: none has left.</summary>
    public uint Horizon { get; set; }

    /// <summary>The second of the oldest record in the window.</summary>
    public uint OldestSecond => Count == 0 ? 0 : SecondOf(_head);

    /// <summary>Bytes that it holds, less some hundred.</summary>
    public long Bytes
    {
        get
        {
            var segments = _segments.Count(segment => segment is not null) + (_spare is null ? 0 : 1);
            return (segments * (20L << _segmentShift)) + (_segments.Length * 8L) + (_index.Length * 4L);
        }
    }

    private int Places => _index.Length / 2;

    private int SegmentPlaces => 1 << _segmentShift;

    /// <summary>Takes the next record's identity in; true when the window had it already.</summary>
    /// <param name="hash">Of the identity; 0 stands for a record that has none and never repeats.</param>
    /// <param name="second">The log's time, never less than at the call before.</param>
    public bool Add(UInt128 hash, uint second)
    {
        Expire(second);
        if (Count == _maxCount)
        {
            RemoveHead();
        }

        if (PlacesFor(Count + 1) > Places)
        {
            Resize(PlacesFor(Count + 1));
        }

        var place = (_head + Count) & (Places - 1);
        ref var segment = ref _segments[place >> _segmentShift];
        if (segment is null)
        {
            segment = _spare ?? new Segment(SegmentPlaces);
            _spare = null;
        }

        segment.Hashes[place & (SegmentPlaces - 1)] = hash;
        segment.Seconds[place & (SegmentPlaces - 1)] = second;
        Count++;
        _expected--;
        return hash != UInt128.Zero && Point(hash, place);
    }

    /// <summary>Reads where <see cref="Add"/> of this hash will begin to look, so that it is at hand then.</summary>
    /// <returns>Nothing of meaning: what is not used would not be read.</returns>
    public uint Fetch(UInt128 hash) => _index[(int)(ulong)hash & (_index.Length - 1)];

    /// <summary>As <see cref="Fetch"/>, for those that will leave when so many are added, if it is full.</summary>
    public uint FetchOldest(int count)
    {
        var fetched = 0u;
        for (var i = Math.Min(Count, Count + count - _maxCount) - 1; i >= 0; i--)
        {
            fetched += Fetch(HashOf((_head + i) & (Places - 1)));
        }

        return fetched;
    }

    /// <summary>Forgets all: between what it holds and what comes next, records are missing.</summary>
    /// <param name="second">The log's time, which becomes the horizon.</param>
    public void Clear(uint second)
    {
        Array.Clear(_index);
        Array.Clear(_segments);
        _head = 0;
        Count = 0;
        Horizon = Math.Max(Horizon, second);
    }

    /// <summary>A power of two with room for a segment more, so that the oldest and the newest never share one.</summary>
    private int PlacesFor(int count) => (int)BitOperations.RoundUpToPowerOf2((uint)(count + SegmentPlaces));

    private UInt128 HashOf(int place) => _segments[place >> _segmentShift]!.Hashes[place & (SegmentPlaces - 1)];

    private uint SecondOf(int place) => _segments[place >> _segmentShift]!.Seconds[place & (SegmentPlaces - 1)];

    private void Expire(uint second)
    {
        while (Count > 0 && SecondOf(_head) + (long)_seconds < second)
        {
            RemoveHead();
        }

        // A fifth below what makes it grow again, and a segment at least, so that the two don't alternate.
        if (_expected <= 0 && PlacesFor(Count + Math.Max(Count / 5, SegmentPlaces)) < Places)
        {
            Resize(PlacesFor(Count));
        }
    }

    private void RemoveHead()
    {
        Horizon = Math.Max(Horizon, SecondOf(_head));
        var hash = HashOf(_head);
        if (hash != UInt128.Zero)
        {
            var slot = Find(hash, out _);
            if (PlaceOf(_index[slot]) == _head)
            {
                RemoveSlot(slot);
            }
        }

        var next = (_head + 1) & (Places - 1);
        if ((next & (SegmentPlaces - 1)) == 0)
        {
            ref var left = ref _segments[_head >> _segmentShift];
            (_spare, left) = (left, null);
        }

        _head = next;
        Count--;
    }

    /// <summary>Lets the index name this place for the hash; true when it named another before.</summary>
    private bool Point(UInt128 hash, int place)
    {
        var slot = Find(hash, out var mark);
        var known = _index[slot] != 0;
        _index[slot] = mark | (uint)(place + 1);
        return known;
    }

    /// <summary>The slot that names the hash, or the empty one where it would stand.</summary>
    /// <param name="hash">Whose.</param>
    /// <param name="mark">An entry for it there, but for its place.</param>
    private int Find(UInt128 hash, out uint mark)
    {
        var mask = _index.Length - 1;
        var slot = HomeOf(hash);
        var tag = TagOf(hash);
        for (var distance = 0u; ; distance++)
        {
            mark = tag | DistanceBits(distance);
            if (_index[slot] is var entry && (entry == 0 || ((entry & ~_placeMask) == mark && HashOf(PlaceOf(entry)) == hash)))
            {
                return slot;
            }

            slot = (slot + 1) & mask;
        }
    }

    private int PlaceOf(uint entry) => (int)(entry & _placeMask) - 1;

    private int HomeOf(UInt128 hash) => (int)(ulong)hash & (_index.Length - 1);

    /// <summary>Of the half of the hash that does not choose its home.</summary>
    private uint TagOf(UInt128 hash) => (uint)(ulong)(hash >> 64) & ~_placeMask & ~DistanceBits(LargestDistance);

    private uint DistanceBits(uint distance) => Math.Min(distance, _mostDistance) << _distanceShift;

    private uint DistanceOf(int slot, uint entry)
    {
        var distance = (entry >> _distanceShift) & _mostDistance;
        return distance < _mostDistance ? distance : (uint)((slot - HomeOf(HashOf(PlaceOf(entry)))) & (_index.Length - 1));
    }

    private uint[] NewIndex(int places)
    {
        _placeMask = (uint)(2 * places) - 1;
        _distanceShift = BitOperations.PopCount(_placeMask);
        _mostDistance = Math.Min(LargestDistance, uint.MaxValue >> _distanceShift);
        return new uint[2 * places];
    }

    /// <summary>Knuth's deletion from linear probing (TAOCP 6.4, algorithm R): no tombstones, so no slow decay.</summary>
    private void RemoveSlot(int slot)
    {
        var mask = _index.Length - 1;
        var hole = slot;
        for (var next = (slot + 1) & mask; _index[next] is var entry && entry != 0; next = (next + 1) & mask)
        {
            var distance = DistanceOf(next, entry);
            var nearer = (uint)((next - hole) & mask);
            if (distance >= nearer)
            {
                _index[hole] = (entry & ~DistanceBits(LargestDistance)) | DistanceBits(distance - nearer);
                hole = next;
            }
        }

        _index[hole] = 0;
    }

    /// <summary>Another number of places: segments move as they are, the index is made anew.</summary>
    private void Resize(int places)
    {
        var segments = new Segment?[places >> _segmentShift];
        var first = _head >> _segmentShift;
        var used = ((_head & (SegmentPlaces - 1)) + Count + SegmentPlaces - 1) >> _segmentShift;
        for (var i = 0; i < used; i++)
        {
            segments[(first + i) & (segments.Length - 1)] = _segments[(first + i) & (_segments.Length - 1)];
        }

        _segments = segments;
        _head &= places - 1;
        _index = []; // not two at a time
        _index = NewIndex(places);
        for (var i = 0; i < Count; i++)
        {
            var place = (_head + i) & (places - 1);
            var hash = HashOf(place);
            if (hash != UInt128.Zero)
            {
                Point(hash, place);
            }
        }
    }

    private sealed class Segment(int places)
    {
        public UInt128[] Hashes { get; } = new UInt128[places];

        public uint[] Seconds { get; } = new uint[places];
    }
}
