namespace Footfall.Count;

/// <summary>
/// Who was seen in the last half hour: each visitor's last second, and how many have theirs in each second, so that
/// the number active in any window up to <see cref="Seconds"/> is a sum over seconds.
/// </summary>
/// <param name="maxVisitors">Beyond these, the one seen longest ago is forgotten early, and counted as such.</param>
public sealed class VisitorWindow(int maxVisitors)
{
    /// <summary>The longest window: 30 minutes.</summary>
    public const int Seconds = 1800;

    private readonly Dictionary<UInt128, int> _places = [];
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, int[]> _lastSeen = new(StringComparer.Ordinal);
    private readonly long[] _firstPosition = new long[Seconds];
    private readonly uint[] _firstSecond = new uint[Seconds];
    private int _oldest = -1;
    private int _newest = -1;
    private int _free = -1;

    /// <summary>Visitors forgotten before their half hour was over.</summary>
    public long Forgotten { get; private set; }

    /// <summary>The apps that have been seen.</summary>
    public IReadOnlyCollection<string> Apps => _lastSeen.Keys;

    /// <summary>Takes the next record in.</summary>
    /// <param name="app">Whose visitor.</param>
    /// <param name="visitor">A hash of app and visitor; 0: the record names none.</param>
    /// <param name="second">The log's time, never less than at the call before.</param>
    /// <param name="position">The record's.</param>
    public void Add(string app, UInt128 visitor, uint second, long position)
    {
        var place = second % Seconds;
        if (_firstSecond[place] != second)
        {
            (_firstSecond[place], _firstPosition[place]) = (second, position);
        }

        Expire(second);
        if (visitor != UInt128.Zero)
        {
            Touch(app, visitor, second);
        }
    }

    /// <summary>Visitors of the app whose last interaction is less than <paramref name="seconds"/> before <paramref name="now"/>.</summary>
    public int Active(string app, int seconds, uint now)
    {
        if (!_lastSeen.TryGetValue(app, out var counts))
        {
            return 0;
        }

        // A collector's clock may be ahead of ours: whoever was seen "later than now" is here now.
        var last = _newest < 0 ? -1L : _entries[_newest].Second;
        var active = 0;
        for (var second = Math.Max(Math.Max(0, last - Seconds + 1), now - (long)seconds + 1); second <= last; second++)
        {
            active += counts[second % Seconds];
        }

        return active;
    }

    /// <summary>The first record of the last half hour of the log's time, from which this can be rebuilt, and its second.</summary>
    public (long Position, uint Second)? Oldest(uint second)
    {
        (long Position, uint Second)? oldest = null;
        for (var i = 0; i < Seconds; i++)
        {
            if (_firstSecond[i] + (long)Seconds > second && _firstSecond[i] != 0
                && (oldest is null || _firstPosition[i] < oldest.Value.Position))
            {
                oldest = (_firstPosition[i], _firstSecond[i]);
            }
        }

        return oldest;
    }

    private void Touch(string app, UInt128 visitor, uint second)
    {
        if (_places.TryGetValue(visitor, out var place))
        {
            var seen = _entries[place];
            if (seen.Second == second)
            {
                return;
            }

            Counts(seen.App)[seen.Second % Seconds]--;
            Unlink(place);
        }
        else
        {
            if (_places.Count >= maxVisitors)
            {
                Forget(_oldest);
                Forgotten++;
            }

            place = NewPlace();
            _places.Add(visitor, place);
        }

        _entries[place] = new Entry(visitor, app, second, _newest, -1);
        Append(place);
        Counts(app)[second % Seconds]++;
    }

    private int[] Counts(string app)
    {
        if (!_lastSeen.TryGetValue(app, out var counts))
        {
            _lastSeen.Add(app, counts = new int[Seconds]);
        }

        return counts;
    }

    private void Expire(uint second)
    {
        while (_oldest >= 0 && _entries[_oldest].Second + (long)Seconds <= second)
        {
            Forget(_oldest);
        }
    }

    private void Forget(int place)
    {
        var entry = _entries[place];
        Counts(entry.App)[entry.Second % Seconds]--;
        _places.Remove(entry.Visitor);
        Unlink(place);
        _entries[place] = entry with { Next = _free };
        _free = place;
    }

    private int NewPlace()
    {
        if (_free < 0)
        {
            _entries.Add(default);
            return _entries.Count - 1;
        }

        var place = _free;
        _free = _entries[place].Next;
        return place;
    }

    private void Append(int place)
    {
        if (_newest >= 0)
        {
            _entries[_newest] = _entries[_newest] with { Next = place };
        }
        else
        {
            _oldest = place;
        }

        _newest = place;
    }

    private void Unlink(int place)
    {
        var (previous, next) = (_entries[place].Previous, _entries[place].Next);
        if (previous >= 0)
        {
            _entries[previous] = _entries[previous] with { Next = next };
        }
        else
        {
            _oldest = next;
        }

        if (next >= 0)
        {
            _entries[next] = _entries[next] with { Previous = previous };
        }
        else
        {
            _newest = previous;
        }
    }

    private readonly record struct Entry(UInt128 Visitor, string App, uint Second, int Previous, int Next);
}
