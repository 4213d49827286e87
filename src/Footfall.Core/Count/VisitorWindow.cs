using System.Numerics;

namespace Footfall.Count;

/// <summary>
/// Who was seen in the last half hour: each visitor's last second, and how many have theirs in each second, so that
/// the number active in any window up to <see cref="Seconds"/> is a sum over seconds.
/// </summary>
/// <remarks>
/// Open-addressed tables, by the first bits of the hash, so that each grows for itself: one for all would be there twice
/// while it grows, and make counting wait. Written to once a visitor and second. Nothing is taken out: what was last seen
/// before the floor is gone, and the next growth leaves it behind.
/// </remarks>
/// <param name="maxVisitors">Beyond these, those of the oldest seconds are forgotten early, and counted as such.</param>
public sealed class VisitorWindow(int maxVisitors)
{
    /// <summary>The longest window: 30 minutes.</summary>
    public const int Seconds = 1800;

    private const int LeastSlots = 16;
    private const int TableBits = 9; // a million visitors: 64 KiB a table

    private readonly Dictionary<string, int> _apps = new(StringComparer.Ordinal);
    private readonly List<int[]> _lastSeen = []; // by app, then by second
    private readonly Table[] _tables = new Table[1 << TableBits];
    private int _active;
    private uint _floor;
    private uint _newest;

    /// <summary>Visitors forgotten before their half hour was over.</summary>
    public long Forgotten { get; private set; }

    /// <summary>The apps that have been seen.</summary>
    public IReadOnlyCollection<string> Apps => _apps.Keys;

    /// <summary>Takes the next record in.</summary>
    /// <param name="app">Whose visitor.</param>
    /// <param name="visitor">
    /// A hash of app and visitor, of which any bits are as good as others; 0: the record names none. That two of a million
    /// share one happens once in 30 million times, and makes one active visitor of them.
    /// </param>
    /// <param name="second">The log's time, never less than at the call before.</param>
    public void Add(string app, ulong visitor, uint second)
    {
        Raise(second < Seconds ? 0 : second - Seconds + 1);
        if (visitor != 0)
        {
            Touch(app, visitor, second);
        }
    }

    /// <summary>Reads where <see cref="Add"/> of this visitor will begin to look, so that it is at hand then.</summary>
    /// <returns>Nothing of meaning: what is not used would not be read.</returns>
    public uint Fetch(ulong visitor)
    {
        var slots = _tables[visitor >> (64 - TableBits)].Slots;
        return slots is null ? 0 : slots[(int)(uint)visitor & (slots.Length - 1)].Second;
    }

    /// <summary>Visitors of the app whose last interaction is less than <paramref name="seconds"/> before <paramref name="now"/>.</summary>
    public int Active(string app, int seconds, uint now)
    {
        if (_active == 0 || !_apps.TryGetValue(app, out var number))
        {
            return 0;
        }

        // A collector's clock may be ahead of ours: whoever was seen "later than now" is here now.
        var active = 0;
        for (var second = Math.Max(_floor, now - (long)seconds + 1); second <= _newest; second++)
        {
            active += _lastSeen[number][second % Seconds];
        }

        return active;
    }

    private void Touch(string app, ulong visitor, uint second)
    {
        ref var table = ref _tables[visitor >> (64 - TableBits)];
        table.Slots ??= new Slot[LeastSlots];
        ref var slot = ref Find(table.Slots, visitor);
        if (slot.Visitor == visitor && slot.Second >= _floor)
        {
            if (slot.Second == second)
            {
                return;
            }

            _lastSeen[slot.App][slot.Second % Seconds]--;
        }
        else
        {
            if (_active >= maxVisitors && !TryForget(second))
            {
                Forgotten++; // this one: nobody was seen longer ago
                return;
            }

            _active++;
            if (slot.Visitor != visitor)
            {
                if (table.Taken >= table.Slots.Length - (table.Slots.Length / 4))
                {
                    table = Grown(table.Slots);
                    slot = ref Find(table.Slots!, visitor);
                }

                table.Taken++;
                slot.Visitor = visitor;
            }
        }

        slot.Second = _newest = second;
        slot.App = NumberOf(app);
        _lastSeen[slot.App][second % Seconds]++;
    }

    /// <summary>Makes room by forgetting the oldest seconds; false when all were seen in this one.</summary>
    private bool TryForget(uint second)
    {
        var before = _active;
        while (_active >= maxVisitors && _floor < second)
        {
            Raise(_floor + 1);
        }

        Forgotten += before - _active;
        return _active < maxVisitors;
    }

    /// <summary>Whoever was last seen before the floor is gone.</summary>
    private void Raise(uint floor)
    {
        if (floor <= _floor)
        {
            return;
        }

        // All seconds that anybody was last seen in lie within half an hour of the floor.
        var gone = Math.Min(floor - _floor, Seconds);
        for (var second = _floor; _active > 0 && second < _floor + (long)gone; second++)
        {
            foreach (var counts in _lastSeen)
            {
                _active -= counts[second % Seconds];
                counts[second % Seconds] = 0;
            }
        }

        _floor = floor;
    }

    private int NumberOf(string app)
    {
        if (!_apps.TryGetValue(app, out var number))
        {
            _apps.Add(app, number = _lastSeen.Count);
            _lastSeen.Add(new int[Seconds]);
        }

        return number;
    }

    /// <summary>The visitor's slot, or the free one where it belongs.</summary>
    private static ref Slot Find(Slot[] slots, ulong visitor)
    {
        var mask = slots.Length - 1;
        var place = (int)(uint)visitor & mask;
        while (slots[place].Visitor != visitor && slots[place].Visitor != 0)
        {
            place = (place + 1) & mask;
        }

        return ref slots[place];
    }

    /// <summary>Twice what is not gone, at least: a quarter to a half is taken then, and growth is rare.</summary>
    private Table Grown(Slot[] old)
    {
        var kept = old.Count(slot => slot.Visitor != 0 && slot.Second >= _floor);
        var slots = new Slot[Math.Max(LeastSlots, (int)BitOperations.RoundUpToPowerOf2((uint)kept * 2))];
        foreach (var slot in old)
        {
            if (slot.Visitor != 0 && slot.Second >= _floor)
            {
                Find(slots, slot.Visitor) = slot;
            }
        }

        return new Table { Slots = slots, Taken = kept };
    }

    private struct Table
    {
        public Slot[]? Slots;
        public int Taken; // slots with a visitor, gone ones too
    }

    private struct Slot
    {
        public ulong Visitor; // 0: free
        public uint Second;
        public int App;
    }
}
