using System.Globalization;
using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>
/// Judges every scrape of every metrics instance: totals never fall, one instance at a time shows them, they are never
/// above what was sent, and each partition's records are all accounted for.
/// </summary>
/// <param name="totals">Whether a metric is one of the totals, which are committed and never go back.</param>
/// <param name="lease">For how long an instance may show totals after its last commit.</param>
internal sealed class Watch(Func<string, bool> totals, TimeSpan lease)
{
    private const int MostViolations = 50;

    // Longer than a new series of values is shown as 0, of which no other number tells: Expose:ZeroFirst and a scrape.
    private static readonly TimeSpan Still = TimeSpan.FromSeconds(3);

    private static readonly string[] Ends =
    [
        "footfall_log_counted_total", "footfall_log_duplicates_total", "footfall_log_unreadable_total",
        "footfall_log_missed_total", "footfall_log_lag",
    ];

    private readonly Lock _lock = new();
    private readonly List<string> _violations = [];
    private readonly Dictionary<string, (TimeSpan Start, TimeSpan End)> _shown = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (TimeSpan Start, Dictionary<int, Partition> Partitions)> _partitions = new(StringComparer.Ordinal);
    private Dictionary<string, decimal> _floor = new(StringComparer.Ordinal);
    private IReadOnlyList<Sample> _last = [];
    private (TimeSpan Start, decimal Sum) _sum;
    private TimeSpan _changed, _moved;
    private int _scrapes, _falls;

    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_lock)
            {
                return [.. _violations];
            }
        }
    }

    public int Scrapes => _scrapes;

    /// <summary>How often a total went back.</summary>
    public int Falls => _falls;

    /// <summary>Who showed the totals last.</summary>
    public string Shower
    {
        get
        {
            lock (_lock)
            {
                return _shown.MaxBy(one => one.Value.End).Key;
            }
        }
    }

    /// <summary>The last page with totals.</summary>
    public IReadOnlyList<Sample> Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>The last page with totals where it is of this instance and was asked for after a time, else an empty one.</summary>
    public IReadOnlyList<Sample> LastOf(string instance, TimeSpan time)
    {
        lock (_lock)
        {
            return _sum.Start > time && _shown.TryGetValue(instance, out var shown) && shown.Start == _sum.Start ? _last : [];
        }
    }

    /// <summary>The last sum of interactions that was shown by a scrape that began after a time, or -1.</summary>
    public decimal SumSince(TimeSpan time)
    {
        lock (_lock)
        {
            return _sum.Start > time ? _sum.Sum : -1;
        }
    }

    /// <summary>When an instance was last seen with other partitions than before.</summary>
    public TimeSpan Moved
    {
        get
        {
            lock (_lock)
            {
                return _moved;
            }
        }
    }

    /// <summary>How many records of each partition are counted or known as repeats, by the scrapes that began after a time.</summary>
    public Dictionary<int, decimal> DoneSince(TimeSpan time, Func<string, bool>? instances = null)
    {
        lock (_lock)
        {
            return _partitions
                .Where(entry => entry.Value.Start > time && (instances?.Invoke(entry.Key) ?? true))
                .SelectMany(entry => entry.Value.Partitions)
                .GroupBy(one => one.Key).ToDictionary(group => group.Key, group => group.Max(one => one.Value.Done));
        }
    }

    /// <summary>Whether all that is written is counted and shown, by the scrapes that began after a time, and nothing has moved for a while.</summary>
    public bool IsAtRest(TimeSpan time, int partitions)
    {
        lock (_lock)
        {
            var newest = _partitions.Values.Where(one => one.Start > time).SelectMany(one => one.Partitions).ToLookup(one => one.Key, one => one.Value);
            return newest.Count == partitions && _sum.Start > time && _sum.Start - _changed >= Still
                && newest.All(one => one.All(partition => partition.Done == partition.Written))
                && newest.Sum(one => one.Max(partition => partition.Counted)) == _sum.Sum;
        }
    }

    /// <summary>The totals that differ between two pages: 0 is as good as none.</summary>
    public IEnumerable<(string Series, decimal Was, decimal Is)> Differences(IReadOnlyList<Sample> was, IReadOnlyList<Sample> now)
    {
        var (one, other) = (Totals(was), Totals(now));
        return one.Keys.Union(other.Keys, StringComparer.Ordinal)
            .Where(series => one.GetValueOrDefault(series) != other.GetValueOrDefault(series))
            .Select(series => (series, one.GetValueOrDefault(series), other.GetValueOrDefault(series)));

        Dictionary<string, decimal> Totals(IReadOnlyList<Sample> page) =>
            page.Where(sample => totals(sample.Name)).ToDictionary(sample => sample.Series, sample => sample.Value, StringComparer.Ordinal);
    }

    /// <summary>Before a scrape: what it must not fall below.</summary>
    public IReadOnlyDictionary<string, decimal> Begin()
    {
        lock (_lock)
        {
            return _floor;
        }
    }

    /// <summary>A scrape has come.</summary>
    /// <param name="instance">Whose.</param>
    /// <param name="floor">From <see cref="Begin"/>.</param>
    /// <param name="start">When it was asked for.</param>
    /// <param name="end">When it was there.</param>
    /// <param name="sent">How many interactions had been sent by then.</param>
    /// <param name="samples">The page.</param>
    public void End(string instance, IReadOnlyDictionary<string, decimal> floor, TimeSpan start, TimeSpan end, int sent, IReadOnlyList<Sample> samples)
    {
        lock (_lock)
        {
            _scrapes++;
            Conserve(instance, start, samples);
            var shows = samples.Any(sample => sample is { Name: "footfall_totals_shown", Value: 1 });
            var shown = samples.Where(sample => totals(sample.Name)).ToList();
            if (!shows)
            {
                if (shown.Count > 0)
                {
                    Violate($"{instance} at {end.TotalSeconds:0.00} s: totals on a page that says it shows none: {shown[0].Series}");
                }

                return;
            }

            ShowsAlone(instance, start, end);
            var next = new Dictionary<string, decimal>(_floor, StringComparer.Ordinal);
            foreach (var sample in shown)
            {
                if (floor.TryGetValue(sample.Series, out var before) && sample.Value < before)
                {
                    _falls++;
                    Violate($"{instance} at {end.TotalSeconds:0.00} s: {sample.Series} went back from {before} to {sample.Value}");
                }

                next[sample.Series] = Math.Max(sample.Value, next.GetValueOrDefault(sample.Series));
            }

            var here = shown.Select(sample => sample.Series).ToHashSet(StringComparer.Ordinal);
            if (floor.FirstOrDefault(before => before.Value > 0 && !here.Contains(before.Key)) is { Key: { } gone })
            {
                _falls++;
                Violate($"{instance} at {end.TotalSeconds:0.00} s: {gone} is gone, which was {floor[gone]}");
            }

            var sum = shown.Where(sample => sample.Name == "footfall_interactions_total").Sum(sample => sample.Value);
            if (sum > sent)
            {
                Violate($"{instance} at {end.TotalSeconds:0.00} s: {sum} interactions are shown and {sent} were sent");
            }

            _changed = next.Count == _floor.Count && next.All(one => one.Value == _floor.GetValueOrDefault(one.Key)) ? _changed : end;
            (_floor, _last, _sum) = (next, samples, (start, sum));
        }
    }

    private void Conserve(string instance, TimeSpan start, IReadOnlyList<Sample> samples)
    {
        var partitions = new Dictionary<int, Partition>();
        foreach (var written in samples.Where(sample => sample.Name == "footfall_log_written_total"))
        {
            var ends = samples.Where(sample => sample.Labels == written.Labels && Ends.Contains(sample.Name, StringComparer.Ordinal)).ToList();
            var accounted = ends.Sum(sample => sample.Value);
            if (accounted != written.Value)
            {
                Violate($"{instance} at {start.TotalSeconds:0.00} s: partition {written.Label("partition")}: {written.Value} written, {accounted} accounted for");
            }

            if (ends.Where(sample => sample.Name is "footfall_log_unreadable_total" or "footfall_log_missed_total").Sum(sample => sample.Value) is > 0 and var lost)
            {
                Violate($"{instance} at {start.TotalSeconds:0.00} s: partition {written.Label("partition")}: {lost} unreadable or missed");
            }

            partitions[int.Parse(written.Label("partition"), CultureInfo.InvariantCulture)] = new(
                written.Value,
                written.Value - ends.Where(sample => sample.Name == "footfall_log_lag").Sum(sample => sample.Value),
                ends.Where(sample => sample.Name == "footfall_log_counted_total").Sum(sample => sample.Value));
        }

        if (!_partitions.TryGetValue(instance, out var before) || !before.Partitions.Keys.ToHashSet().SetEquals(partitions.Keys))
        {
            _moved = start;
        }

        _partitions[instance] = (start, partitions);
    }

    /// <summary>Two show at once when one shows after the other did, and is not new at it: a lease ends before the next begins.</summary>
    private void ShowsAlone(string instance, TimeSpan start, TimeSpan end)
    {
        if (_shown.TryGetValue(instance, out var before) && start - before.End < lease
            && _shown.FirstOrDefault(other => other.Key != instance && other.Value.Start > before.End && other.Value.End < start) is { Key: { } both })
        {
            Violate($"{instance} at {end.TotalSeconds:0.00} s: shows the totals, as {both} does");
        }

        _shown[instance] = (start, end);
    }

    private void Violate(string what)
    {
        if (_violations.Count < MostViolations)
        {
            _violations.Add(what);
        }
    }

    /// <param name="Written">Records ever written.</param>
    /// <param name="Done">Of them, all but those that wait.</param>
    /// <param name="Counted">Of them, interactions counted.</param>
    private readonly record struct Partition(decimal Written, decimal Done, decimal Counted);
}
