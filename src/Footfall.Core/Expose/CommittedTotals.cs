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
    private readonly List<Entry> _changed = []; // since the last publication, each once
    private SeriesTotals _published = SeriesTotals.Empty;
    private readonly HashSet<Entry> _unannounced = [];
    private (long Version, long Published)? _oldest; // of those, as of the last publication
    private readonly Dictionary<(int Partition, TotalKind Kind), decimal> _sums = [];
    private readonly BoardRows _rows;

    /// <param name="apps">Apps whose own totals stand at 0 from the start.</param>
    /// <param name="pinned">Targets that stand at 0 from the start.</param>
    /// <param name="funnels">Funnels whose steps do.</param>
    public CommittedTotals(IEnumerable<string> apps, IEnumerable<PinnedTarget> pinned, IEnumerable<Funnel>? funnels = null)
    {
        Apps = [.. apps.Order(StringComparer.Ordinal)];
        pinned = [.. pinned];
        _rows = new BoardRows(pinned);
        foreach (var app in Apps)
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

        Funnels = [.. funnels ?? []];
        foreach (var funnel in Funnels)
        {
            foreach (var step in funnel.Steps)
            {
                Get(SeriesKey.OfFunnel(funnel.App, funnel.Name, step.Name));
            }
        }
    }

    /// <summary>The configured apps, in order.</summary>
    public IReadOnlyList<string> Apps { get; }

    /// <summary>The configured funnels, of all apps.</summary>
    public IReadOnlyList<Funnel> Funnels { get; }

    /// <summary>The series of a total by its name; null where it was never applied, or is none that is shown.</summary>
    public ExposedSeries? Find(string series, TotalKind kind) =>
        _byText.GetValueOrDefault(series)?.Series is { } found && found.Key.Kind == kind ? found : null;

    /// <summary>Whether there are totals of other partitions than these.</summary>
    public bool HasOther(IReadOnlySet<int> partitions) => _sums.Keys.Any(sum => !partitions.Contains(sum.Partition));

    /// <summary>Takes a committed total; one that is not more than what is known changes nothing.</summary>
    /// <returns>By how much the total grew.</returns>
    /// <exception cref="FormatException">Its series can't be read.</exception>
    public decimal Apply(int partition, Total total)
    {
        if (!_byText.TryGetValue(total.Series, out var entry))
        {
            _byText.Add(total.Series, entry = Find(total.Series));
        }

        if (entry is null)
        {
            return 0;
        }

        var more = entry.Raise(partition, total.Value);
        if (more > 0)
        {
            Note(entry);
        }

        var sum = (partition, entry.Series.Key.Kind);
        _sums[sum] = _sums.GetValueOrDefault(sum) + more;
        return more;
    }

    /// <summary>The sum of one partition's totals of a kind.</summary>
    public decimal Of(int partition, TotalKind kind) => _sums.GetValueOrDefault((partition, kind));

    /// <summary>
    /// Every total as it is now; remembers when each that is not yet announced was first shown as 0. What is given never changes;
    /// it shares with the last publication what did not change since, and is the same one where nothing did.
    /// </summary>
    /// <param name="version">The publication's number, from 1.</param>
    /// <param name="timestamp">The publication's time, monotonic; null where this instance does not show totals.</param>
    public IReadOnlyList<SeriesTotal> Publish(long version, long? timestamp)
    {
        _oldest = null;
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

            if (entry.FirstVersion != 0 && (_oldest is null || entry.FirstVersion < _oldest.Value.Version))
            {
                _oldest = (entry.FirstVersion, entry.FirstPublished);
            }
        }

        var moved = PutInOrder();
        if (_changed.Count > 0 || moved < _entries.Count)
        {
            _published = Follow(moved);
        }

        return _published;
    }

    /// <summary>
    /// Series that somebody has been served as 0 and that have stood so since <paramref name="before"/>: to be
    /// committed as announced, and from then on shown as what they are.
    /// </summary>
    /// <param name="servedVersion">The newest publication that was served.</param>
    /// <param name="before">A monotonic time.</param>
    public IReadOnlyList<Total> DueAnnouncements(long servedVersion, long before)
    {
        bool IsDue(long version, long published) => version <= servedVersion && published <= before;
        if (_oldest is not { } oldest || !IsDue(oldest.Version, oldest.Published))
        {
            return []; // as nearly always; what was published later is due later
        }

        List<Total>? due = null;
        foreach (var entry in _unannounced)
        {
            if (entry.FirstVersion != 0 && IsDue(entry.FirstVersion, entry.FirstPublished))
            {
                (due ??= []).Add(new Total(AnnouncementOf(entry.Series.Key).ToText(), 1));
            }
        }

        return due ?? [];
    }

    /// <summary>When the series that at the last publication had stood at 0 for longest was first shown, monotonic; null when none had.</summary>
    public long? OldestUnannounced => _oldest?.Published;

    /// <summary>The last publication with what has changed since.</summary>
    /// <param name="moved">From which place on what stands there is another.</param>
    private SeriesTotals Follow(int moved)
    {
        var next = new SeriesTotals.Builder(_published, _entries.Count);
        foreach (var entry in _changed)
        {
            next[entry.Place] = entry.Total;
            entry.IsChanged = false;
        }

        _changed.Clear();
        for (var place = moved; place < _entries.Count; place++)
        {
            next[place] = _entries[place].Total;
        }

        return next.Build();
    }

    private void Note(Entry entry)
    {
        if (!entry.IsChanged)
        {
            entry.IsChanged = true;
            _changed.Add(entry);
        }
    }

    /// <summary>The same before a restart and after it. What is new is merged in: nothing to do where nothing is.</summary>
    /// <returns>The first place where another stands now; the end where none does.</returns>
    private int PutInOrder()
    {
        if (_ordered == _entries.Count)
        {
            return _ordered;
        }

        var added = _entries.GetRange(_ordered, _entries.Count - _ordered);
        added.Sort(Compare);
        var old = _ordered - 1;
        var next = added.Count - 1;
        var moved = _entries.Count;
        while (next >= 0)
        {
            var entry = old >= 0 && Compare(_entries[old], added[next]) > 0 ? _entries[old--] : added[next--];
            _entries[--moved] = entry;
            entry.Place = moved;
        }

        _ordered = _entries.Count;
        return moved;
    }

    private static int Compare(Entry one, Entry other)
    {
        var (a, b) = (one.Series.Key, other.Series.Key);
        var kinds = (int)a.Kind - (int)b.Kind; // the enum's own comparison allocates
        var apps = kinds != 0 ? kinds : string.CompareOrdinal(a.App, b.App);
        var types = apps != 0 ? apps : string.CompareOrdinal(a.Type, b.Type);
        var targets = types != 0 ? types : string.CompareOrdinal(a.Target, b.Target);
        return targets != 0 ? targets : string.CompareOrdinal(a.Page, b.Page);
    }

    private static bool NeedsAnnouncement(TotalKind kind) => kind is TotalKind.Interactions or TotalKind.Value or TotalKind.Funnel;

    private static SeriesKey AnnouncementOf(SeriesKey key) => key with
    {
        Kind = key.Kind switch
        {
            TotalKind.Value => TotalKind.AnnouncedValue,
            TotalKind.Funnel => TotalKind.AnnouncedFunnel,
            _ => TotalKind.Announced,
        },
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
            case TotalKind.AnnouncedFunnel:
                Announce(key with { Kind = TotalKind.Funnel });
                return null;
            default:
                return Get(key);
        }
    }

    private void Announce(SeriesKey key)
    {
        var entry = Get(key);
        if (!entry.Announced)
        {
            entry.Announced = true;
            _unannounced.Remove(entry);
            Note(entry);
        }
    }

    private Entry Get(SeriesKey key)
    {
        if (!_byKey.TryGetValue(key, out var entry))
        {
            entry = new Entry(_rows.SeriesOf(key)) { Announced = !NeedsAnnouncement(key.Kind) };
            _byKey.Add(key, entry);
            _entries.Add(entry);
            if (!entry.Announced)
            {
                _unannounced.Add(entry);
            }
        }

        return entry;
    }

    private sealed class Entry(ExposedSeries series)
    {
        private decimal[] _byPartition = [];

        public ExposedSeries Series { get; } = series;

        public decimal Sum { get; private set; }

        public bool Announced { get; set; }

        public SeriesTotal Total => new(Series, Sum, Announced);

        /// <summary>Where it stands in the order, from the first publication on.</summary>
        public int Place { get; set; }

        /// <summary>Whether the last publication has it otherwise.</summary>
        public bool IsChanged { get; set; }

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
