using System.Numerics;

namespace Footfall.Count;

/// <summary>
/// How far visitors have come in funnels. An attempt begins with the first step, and reaches each next one within the funnel's
/// window of the first. A new one begins with a first step once the last was reached, or the window is over. A pure function of
/// the records read, and of none that is older than <see cref="NeedsAfter"/>.
/// </summary>
/// <remarks>
/// The last is what a rebuild needs. Of a visitor who comes back to the first step again and again, when each attempt began
/// depends on when the one before it did, without end. So those who have done so through the whole window of the clock before
/// this one, without a pause of a window, also begin an attempt with the first that they do in each window of the clock,
/// wherever they are (docs/decisions/0022).
/// </remarks>
/// <param name="funnels">By their numbers.</param>
/// <param name="maxVisitors">Beyond these, all are forgotten and counted as such.</param>
public sealed class FunnelMeter(IReadOnlyList<Funnel> funnels, int maxVisitors)
{
    private const int LeastSlots = 16;
    private const int Ring = VisitorWindow.Seconds + 1;

    private readonly (uint Window, int Steps)[] _funnels = [.. funnels.Select(funnel => ((uint)funnel.Window.TotalSeconds, funnel.Steps.Count))];
    private readonly int[] _until = new int[Ring]; // how many are known until each second, it included
    private Slot[] _slots = new Slot[LeastSlots];
    private int _taken; // slots with a visitor, gone ones too
    private int _known;
    private uint _now;

    /// <summary>The record that what is known begins with: the first, or the one at which all were forgotten last.</summary>
    public long From { get; private set; }

    /// <summary>Visitors forgotten in the middle of a funnel, once for each that they were in.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Places for visitors, of 24 bytes.</summary>
    public int Slots => _slots.Length;

    /// <summary>Visitors known, once for each funnel that they are in.</summary>
    /// <param name="second">The log's time.</param>
    public int Known(uint second)
    {
        MoveTo(second);
        return _known;
    }

    /// <summary>Records of this second and before have no say in what is known now.</summary>
    /// <param name="second">The log's time.</param>
    public long NeedsAfter(uint second)
    {
        // Three windows of the clock before this one. The first shows that there was no pause before the second; who went on
        // through the second began an attempt in the third, or in this one, whatever was before.
        var needs = (long)second;
        foreach (var (window, _) in _funnels)
        {
            needs = Math.Min(needs, (((second / window) - 3L) * window) - 1);
        }

        return needs;
    }

    /// <summary>Forgets all, and counts them: records are missing, or there are too many visitors.</summary>
    /// <param name="from">The next record.</param>
    public void Forget(long from)
    {
        Forgotten += _known;
        Begin(from);
    }

    /// <summary>Knows nothing.</summary>
    /// <param name="from">The next record.</param>
    public void Begin(long from)
    {
        Array.Clear(_until);
        _slots = new Slot[LeastSlots];
        _taken = _known = 0;
        From = from;
    }

    /// <summary>Takes the next record in that is a step. Repeats are not to come.</summary>
    /// <param name="funnel">Of which funnel, by its number.</param>
    /// <param name="visitor">A hash of app and visitor.</param>
    /// <param name="steps">Which steps it is, see <see cref="Funnel.Matches"/>.</param>
    /// <param name="second">The log's time, never less than at the call before.</param>
    /// <param name="position">The record's.</param>
    /// <returns>The step that the visitor has reached by it, from 0; -1: none.</returns>
    public int Add(int funnel, ulong visitor, uint steps, uint second, long position)
    {
        MoveTo(second);
        var (window, count) = _funnels[funnel];
        var key = KeyOf(funnel, visitor);
        ref var slot = ref Find(_slots, key);
        var isKnown = slot.Visitor == key && slot.First + (long)window >= second;
        if ((steps & 1) == 0)
        {
            return isKnown ? Next(ref slot, steps, second, window, count) : -1;
        }

        if (!isKnown && _known >= maxVisitors)
        {
            // All: a rebuild, which begins with fewer, would keep others. From the next record on: this one may have been a step of another.
            Forget(position + 1);
            Forgotten++;
            return -1;
        }

        if (!isKnown)
        {
            slot = ref Enter(key, funnel, second);
        }
        else
        {
            _until[(slot.First + window) % Ring]--;
        }

        var former = slot.First;
        slot.First = second;
        _until[(second + (long)window) % Ring]++;
        if (!isKnown || slot.Steps == 0 || second - slot.Began > window || IsCutByClock(former, slot.Streak, second, window))
        {
            (slot.Began, slot.Steps) = (second, 1);
            return 0;
        }

        return Next(ref slot, steps, second, window, count);
    }

    /// <summary>The next step, or none. After the last, there is no attempt.</summary>
    private static int Next(ref Slot slot, uint steps, uint second, uint window, int count)
    {
        int next = slot.Steps;
        if (next == 0 || second - slot.Began > window || ((steps >> next) & 1) == 0)
        {
            return -1;
        }

        slot.Steps = (byte)(next + 1 == count ? 0 : next + 1);
        return next;
    }

    /// <summary>Whether it is the first in a window of the clock of a visitor who went on through all of the one before.</summary>
    private static bool IsCutByClock(uint former, uint streak, uint second, uint window)
    {
        var number = second / window;
        return number > former / window && streak < (number - 1L) * window;
    }

    private static ulong KeyOf(int funnel, ulong visitor)
    {
        var key = visitor ^ ((ulong)funnel * 0x9E3779B97F4A7C15);
        return key == 0 ? 1 : key;
    }

    /// <summary>A slot for one who is not known, or no longer.</summary>
    private ref Slot Enter(ulong key, int funnel, uint second)
    {
        if (_taken >= _slots.Length - (_slots.Length / 4))
        {
            Grow(second);
        }

        ref var slot = ref Find(_slots, key);
        _taken += slot.Visitor == key ? 0 : 1;
        _known++;
        slot = new Slot { Visitor = key, Streak = second, Funnel = (ushort)funnel };
        return ref slot;
    }

    /// <summary>Who is not known any more at this second is out of the number of those who are.</summary>
    private void MoveTo(uint second)
    {
        for (long gone = _now; gone < second && _known > 0; gone++)
        {
            _known -= _until[gone % Ring];
            _until[gone % Ring] = 0;
        }

        _now = second;
    }

    /// <summary>The visitor's slot, or the free one where it belongs.</summary>
    private static ref Slot Find(Slot[] slots, ulong key)
    {
        var mask = slots.Length - 1;
        var place = (int)(uint)key & mask;
        while (slots[place].Visitor != key && slots[place].Visitor != 0)
        {
            place = (place + 1) & mask;
        }

        return ref slots[place];
    }

    /// <summary>Twice those who are known, at least: a quarter to a half is taken then, and growth is rare.</summary>
    private void Grow(uint second)
    {
        bool IsKnown(Slot slot) => slot.Visitor != 0 && slot.First + (long)_funnels[slot.Funnel].Window >= second;
        var kept = _slots.Count(IsKnown);
        var slots = new Slot[Math.Max(LeastSlots, (int)BitOperations.RoundUpToPowerOf2((uint)kept * 2))];
        foreach (var slot in _slots)
        {
            if (IsKnown(slot))
            {
                Find(slots, slot.Visitor) = slot;
            }
        }

        (_slots, _taken) = (slots, kept);
    }

    private struct Slot
    {
        public ulong Visitor; // with the funnel; 0: free
        public uint First; // the second of the newest first step
        public uint Streak; // of the oldest, without a pause of a window since
        public uint Began; // of the attempt's
        public ushort Funnel;
        public byte Steps; // reached of the attempt; 0: there is none
    }
}
