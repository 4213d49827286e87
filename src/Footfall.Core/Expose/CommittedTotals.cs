using Footfall.Count;
using Footfall.Log;

namespace Footfall.Expose;

/// <summary>
/// All totals that are committed, of all partitions, and which of their series have been announced as 0. One writer.
/// </summary>
public sealed class CommittedTotals
{
    private readonly Dictionary<string, Entry?> _byText = new(StringComparer.Ordinal);
    private readonly Dictionary<SeriesKey, Entry> _byKey = [];
    private readonly List<Entry> _entries = []; // in order, those behind it excepted
    private int _ordered;
    private readonly HashSet<Entry> _unannounced = [];
    private readonly Dictionary<(int Partition, TotalKind Kind), decimal> _sums = [];

    /// <param name="apps">Apps whose own totals stand at 0 from the start.</param>
    /// <param name="pinned">Targets that stand at 0 from the start.</param>
    public CommittedTotals(IEnumerable<string> apps, IEnumerable<PinnedTarget> pinned)
    {
        foreach (var app in apps)
        {
            Get(new SeriesKey(TotalKind.Duplicates, app));
            Get(new SeriesKey(TotalKind.Late, app));
            Get(new SeriesKey(TotalKind.Unseen, app));
            Get(new SeriesKey(TotalKind.Overflowed, app));
        }

        foreach (var target in pinned)
        {
            // Not announced by that: what was counted before the first scrape would be its base.
            Get(new SeriesKey(TotalKind.Interactions, target.App, "click", target.Target));
        }
    }

    /// <summary>Takes a committed total; one that is not more than what is known changes nothing.</summary>
    /// <exception cref="FormatException">Its series can't be read.</exception>
    public void Apply(int partition, Total total)
    {
        if (!_byText.TryGetValue(total.Series, out var entry))
        {
            _byText.Add(total.Series, entry = Find(total.Series));
        }

        if (entry is null)
        {
            return;
        }

        var more = entry.Raise(partition, total.Value);
        var sum = (partition, entry.Series.Key.Kind);
        _sums[sum] = _sums.GetValueOrDefault(sum) + more;
    }

    /// <summary>The sum of one partition's totals of a kind.</summary>
    public decimal Of(int partition, TotalKind kind) => _sums.GetValueOrDefault((partition, kind));

    /// <summary>Every total as it is now; remembers when each that is not yet announced was first shown as 0.</summary>
    /// <param name="version">The publication's number, from 1.</param>
    /// <param name="timestamp">The publication's time, monotonic; null where this instance does not show totals.</param>
    public IReadOnlyList<SeriesTotal> Publish(long version, long? timestamp)
    {
        foreach (var entry in _unannounced)
        {
            if (timestamp is null)
            {
                entry.FirstVersion = 0;
            }
            else if (entry.FirstVersion == 0)
            {
                (entry.FirstVersion, entry.FirstPublished) = (version, timestamp.Value);
            }
        }

        PutInOrder();
        return SeriesTotals.From(_entries.Select(entry => new SeriesTotal(entry.Series, entry.Sum, entry.Announced)));
    }

    /// <summary>
    /// Series that somebody has been served as 0 and that have stood so since <paramref name="before"/>: to be
    /// committed as announced, and from then on shown as what they are.
    /// </summary>
    /// <param name="servedVersion">The newest publication that was served.</param>
    /// <param name="before">A monotonic time.</param>
    public IReadOnlyList<Total> DueAnnouncements(long servedVersion, long before)
    {
        List<Total>? due = null;
        foreach (var entry in _unannounced)
        {
            if (entry.FirstVersion != 0 && entry.FirstVersion <= servedVersion && entry.FirstPublished <= before)
            {
                (due ??= []).Add(new Total(AnnouncementOf(entry.Series.Key).ToText(), 1));
            }
        }

        return due ?? [];
    }

    /// <summary>When the series that has stood at 0 for longest was first shown, monotonic; null when none does.</summary>
    public long? OldestUnannounced =>
        _unannounced.Where(entry => entry.FirstVersion != 0).Select(entry => (long?)entry.FirstPublished).Min();

    /// <summary>The same before a restart and after it. What is new is merged in: nothing to do where nothing is.</summary>
    private void PutInOrder()
    {
        if (_ordered == _entries.Count)
        {
            return;
        }

        var added = _entries.GetRange(_ordered, _entries.Count - _ordered);
        added.Sort(Compare);
        var old = _ordered - 1;
        var next = added.Count - 1;
        for (var to = _entries.Count - 1; next >= 0; to--)
        {
            _entries[to] = old >= 0 && Compare(_entries[old], added[next]) > 0 ? _entries[old--] : added[next--];
        }

        _ordered = _entries.Count;
    }

    private static int Compare(Entry one, Entry other)
    {
        var (a, b) = (one.Series.Key, other.Series.Key);
        var kinds = a.Kind.CompareTo(b.Kind);
        var apps = kinds != 0 ? kinds : string.CompareOrdinal(a.App, b.App);
        var types = apps != 0 ? apps : string.CompareOrdinal(a.Type, b.Type);
        var targets = types != 0 ? types : string.CompareOrdinal(a.Target, b.Target);
        return targets != 0 ? targets : string.CompareOrdinal(a.Page, b.Page);
    }

    private static bool NeedsAnnouncement(TotalKind kind) => kind is TotalKind.Interactions or TotalKind.Value;

    private static SeriesKey AnnouncementOf(SeriesKey key) => key with
    {
        Kind = key.Kind == TotalKind.Value ? TotalKind.AnnouncedValue : TotalKind.Announced,
    };

    private Entry? Find(string text)
    {
        var key = SeriesKey.Parse(text);
        switch (key?.Kind)
        {
            case null:
                return null;
            case TotalKind.Announced:
                Announce(key with { Kind = TotalKind.Interactions });
                return null;
            case TotalKind.AnnouncedValue:
                Announce(key with { Kind = TotalKind.Value });
                return null;
            default:
                return Get(key);
        }
    }

    private void Announce(SeriesKey key)
    {
        var entry = Get(key);
        entry.Announced = true;
        _unannounced.Remove(entry);
    }

    private Entry Get(SeriesKey key)
    {
        if (!_byKey.TryGetValue(key, out var entry))
        {
            entry = new Entry(key) { Announced = !NeedsAnnouncement(key.Kind) };
            _byKey.Add(key, entry);
            _entries.Add(entry);
            if (!entry.Announced)
            {
                _unannounced.Add(entry);
            }
        }

        return entry;
    }

    private sealed class Entry(SeriesKey key)
    {
        private decimal[] _byPartition = [];

        public ExposedSeries Series { get; } = new(key);

        public decimal Sum { get; private set; }

        public bool Announced { get; set; }

        public long FirstVersion { get; set; }

        public long FirstPublished { get; set; }

        /// <returns>By how much the total grew; 0 when the value is not new.</returns>
        public decimal Raise(int partition, decimal value)
        {
            if (partition >= _byPartition.Length)
            {
                Array.Resize(ref _byPartition, partition + 1);
            }

            var more = Math.Max(0, value - _byPartition[partition]);
            _byPartition[partition] += more;
            Sum += more;
            return more;
        }
    }
}
