using Footfall.Log.Sqlite;

namespace Footfall.Server.Count;

/// <summary>A total of which the log says something else.</summary>
public readonly record struct Difference(int Partition, RecountedSeries Series, decimal Committed, decimal Recounted)
{
    /// <summary>What is committed beyond what the log says.</summary>
    public decimal Surplus => Committed - Recounted;
}

/// <summary>
/// Compares a partition's totals with its log: each has to be equal. Where retention has taken records totals may be
/// larger, and all together are by exactly as many as it took. Funnels are not compared: what their totals were counted by
/// may have been another configuration, which the log does not tell.
/// </summary>
public sealed class Verification
{
    /// <summary>The sum of all that is made of the records, when it is that which differs.</summary>
    public const string Written = "written";

    /// <summary>The kind that is not compared.</summary>
    public const string Funnel = "funnel";

    private const string Interactions = "interactions";
    private const string Value = "value";
    private const string Other = "(other)";

    private readonly RecountedPartition _partition;
    private readonly Dictionary<RecountedSeries, (decimal Committed, decimal Recounted)> _totals = [];
    private readonly List<Difference> _differences = [];

    private Verification(RecountedPartition partition)
    {
        _partition = partition;
        var apps = partition.Totals.Where(total => total.Committed != 0).Select(total => total.Series.App).ToHashSet(StringComparer.Ordinal);
        foreach (var (series, committed, recounted) in partition.Totals)
        {
            // An app beyond the cap on apps counts as (other).
            var key = apps.Contains(Other) && !apps.Contains(series.App) ? series with { App = Other } : series;
            var sum = _totals.GetValueOrDefault(key);
            _totals[key] = (sum.Committed + committed, sum.Recounted + recounted);
        }
    }

    /// <summary>What differs, the largest first.</summary>
    public static IReadOnlyList<Difference> Of(RecountedPartition partition)
    {
        var verification = new Verification(partition);
        verification.CompareAll();
        return [.. verification._differences
            .OrderByDescending(difference => Math.Abs(difference.Surplus))
            .ThenBy(difference => difference.Series.ToString(), StringComparer.Ordinal)];
    }

    private void CompareAll()
    {
        foreach (var app in _totals.Where(total => total.Key.Kind == Interactions || total.Key.Kind == Value).ToLookup(total => total.Key.App, StringComparer.Ordinal))
        {
            CompareApp(app.Key, [.. app.Select(total => TotalOf(total.Key))]);
        }

        foreach (var total in _totals.Keys.Where(series => series.Kind is "duplicates" or "unreadable" or "missed").Select(TotalOf))
        {
            Compare(total);
        }

        foreach (var total in _totals.Keys.Where(series => series.Kind == "late").Select(TotalOf))
        {
            // What had left the window when a record came can't be told without the records before it.
            AddUnless(_partition.Gone > 0 || total.Surplus == 0, total);
        }

        foreach (var total in _totals.Keys.Where(series => series.Kind == "unseen").Select(TotalOf))
        {
            // Less is no fault: Count leaves views unmeasured when there are more than it keeps, and an earlier version measured none.
            AddUnless(_partition.Gone > 0 || total.Surplus <= 0, total);
        }

        foreach (var total in _totals.Keys.Where(series => series.Kind is "announced" or "announcedValue" or "announcedFunnel").Select(TotalOf))
        {
            AddUnless(total.Committed == 1, total with { Recounted = 1 });
        }

        CompareSum();
    }

    private void CompareApp(string app, Difference[] totals)
    {
        var known = totals.Where(total => total.Series is { Kind: Interactions, Page: not Other } && total.Committed != 0)
            .Select(total => total.Series).ToHashSet();
        bool IsKnown(Difference total) => known.Contains(total.Series with { Kind = Interactions });
        var isOverflowed = totals.Any(total => total.Series.Page == Other && total.Committed != 0);
        if (!isOverflowed)
        {
            Array.ForEach(totals, Compare);
        }
        else
        {
            CompareOverflowed([.. totals.Where(total => total.Series.Kind == Interactions)], IsKnown);
            CompareOverflowed([.. totals.Where(total => total.Series.Kind == Value)], IsKnown);
        }

        // All that was counted in (other) and would have had a name, had there been room.
        var overflowed = totals.Where(total => isOverflowed && total.Series.Kind == Interactions && total.Series.Page != Other)
            .Sum(total => IsKnown(total) ? Math.Max(0, -total.Surplus) : total.Recounted);
        Compare(TotalOf(new("overflowed", app)) with { Recounted = overflowed });
    }

    /// <summary>
    /// (other) has what was recounted for series that the totals don't know, and the beginnings of those that got a name
    /// when the cap was raised.
    /// </summary>
    private void CompareOverflowed(Difference[] totals, Func<Difference, bool> isKnown)
    {
        var fallen = totals.Where(total => isKnown(total) && total.Surplus < 0).ToArray();
        foreach (var total in totals.Where(total => isKnown(total) && total.Surplus >= 0))
        {
            Compare(total);
        }

        var others = totals.Where(total => !isKnown(total)).ToArray();
        if (others.Length == 0)
        {
            Array.ForEach(fallen, Compare);
            return;
        }

        var other = others[0] with
        {
            Series = others[0].Series with { Type = Other, Target = Other, Page = Other },
            Committed = others.Sum(total => total.Committed),
            Recounted = others.Sum(total => total.Recounted),
        };
        var spare = other.Surplus + fallen.Sum(total => total.Surplus);
        if (_partition.Gone > 0 ? spare < 0 : spare != 0)
        {
            Array.ForEach(fallen, Compare);
            AddUnless(fallen.Length > 0 && other.Surplus == 0, other);
        }
    }

    private void CompareSum()
    {
        // Of these each record is in exactly one.
        var all = _totals.Where(total => total.Key.Kind is Interactions or "duplicates" or "unreadable" or "missed").Select(total => total.Value).ToArray();
        var written = new Difference(
            _partition.Partition, new(Written), all.Sum(total => total.Committed), all.Sum(total => total.Recounted) + _partition.Gone);
        AddUnless(_partition.Gone == 0 || written.Surplus == 0, written);
    }

    private void Compare(Difference total)
    {
        var isFine = total.Surplus == 0;
        if (!isFine && _partition.Gone > 0 && total.Surplus > 0)
        {
            // Values may be gone only where interactions are.
            isFine = total.Series.Kind != Value || TotalOf(total.Series with { Kind = Interactions }).Surplus > 0;
        }

        AddUnless(isFine, total);
    }

    private void AddUnless(bool isFine, Difference total)
    {
        if (!isFine)
        {
            _differences.Add(total);
        }
    }

    private Difference TotalOf(RecountedSeries series)
    {
        var (committed, recounted) = _totals.GetValueOrDefault(series);
        return new(_partition.Partition, series, committed, recounted);
    }
}
