using System.Text;
using Footfall.Count;
using Footfall.Expose;

namespace Footfall.Simulation;

/// <summary>Holds a schedule to the promises: after each step, and at the end.</summary>
internal sealed class Judge(World world, Plan plan)
{
    private readonly Recount[] _recounts = [.. Enumerable.Range(0, plan.Partitions).Select(_ => new Recount(plan))];
    private readonly Dictionary<SeriesKey, decimal> _shown = []; // the highest that anybody could have seen

    /// <summary>How many interactions the page views missed that were measured whole.</summary>
    public int Unseen => _recounts.Sum(recount => recount.WholeViews.Sum(view => view.Unseen));

    /// <summary>How often the last step of a funnel was reached.</summary>
    public int Completed => _recounts.Sum(recount => recount.Completed);

    public void CheckStep()
    {
        if (world.Scheduler.Escaped is { } place)
        {
            throw new BrokenPromiseException(Promise.Deterministic, place);
        }

        if (world.Scheduler.Failure is { } failure)
        {
            throw failure as BrokenPromiseException ?? new BrokenPromiseException(Promise.Lives, failure.ToString());
        }

        ReadLog();
        CheckInstances();
        world.AllCollectors.RemoveAll(collector => collector.Process.Dead);
        foreach (var collector in world.AllCollectors)
        {
            if (collector.Process == world.Scheduler.LastRan)
            {
                collector.Check();
            }
        }
    }

    /// <summary>Whether all that was sent is answered, counted, shown and stored.</summary>
    public bool IsDrained() =>
        world.Clients.All(client => client.Done)
        && Enumerable.Range(0, plan.Partitions).All(partition => (world.Log.Committed(partition).Position ?? 0) == world.Log.End(partition))
        && world.Spools.All(spool => (spool.Committed(0).Position ?? 0) == spool.End(0))
        && world.Metrics.All(instance => Difference(Known(instance!)) is null)
        && WrongInPrometheus() is null;

    public void CheckEnd()
    {
        CheckLog();
        CheckViews();
        for (var partition = 0; partition < plan.Partitions; partition++)
        {
            var committed = world.Log.Committed(partition).Totals
                .Select(total => (Key: SeriesKey.Parse(total.Series)!, total.Value))
                .Where(total => total.Key.Kind is not (TotalKind.Announced or TotalKind.AnnouncedValue or TotalKind.AnnouncedFunnel))
                .ToDictionary(total => total.Key, total => total.Value);
            Compare(committed, _recounts[partition].Totals, $"committed for partition {partition}");
        }

        foreach (var instance in world.Metrics)
        {
            if (Difference(Known(instance!)) is { } difference)
            {
                throw new BrokenPromiseException(Promise.AllAgree, $"{instance!.Process.Name} knows {difference}");
            }
        }

        if (WrongInPrometheus() is { } wrong)
        {
            throw new BrokenPromiseException(Promise.PrometheusIsRight, wrong);
        }

        if (!IsDrained())
        {
            throw new BrokenPromiseException(Promise.Recovers, "not all is answered, counted and shown a minute after the last fault");
        }
    }

    private void ReadLog()
    {
        for (var partition = 0; partition < _recounts.Length; partition++)
        {
            var recount = _recounts[partition];
            for (var end = world.Log.End(partition); recount.Records < end;)
            {
                var value = world.Log.Value(partition, recount.Records).Span;
                world.Trace?.Invoke($"log {partition} {recount.Records}: {Encoding.UTF8.GetString(value)}");
                recount.Add(value);
            }
        }
    }

    private void CheckInstances()
    {
        MetricsProcess? shows = null;
        world.AllMetrics.RemoveAll(instance => instance.Process.Dead);
        foreach (var instance in world.AllMetrics)
        {
            if (!instance.Process.Runs)
            {
                continue;
            }

            var snapshot = instance.Exposure.Current;
            var shown = instance.Exposure.Lease.Holds;
            if (shown && shows is not null)
            {
                throw new BrokenPromiseException(Promise.OneShows, $"{shows.Process.Name} and {instance.Process.Name} show the totals");
            }

            shows = shown ? instance : shows;
            if (snapshot != instance.Checked.Snapshot)
            {
                CheckPartitions(instance, snapshot);
            }

            if (shown && instance.Checked != (snapshot, true))
            {
                CheckShown(instance, snapshot);
            }

            instance.Checked = (snapshot, shown);
        }
    }

    private static void CheckPartitions(MetricsProcess instance, Snapshot snapshot)
    {
        foreach (var status in snapshot.Partitions)
        {
            if (status.Written != status.Counted + status.Duplicates + status.Unreadable + status.Missed + status.Lag || status.Lag < 0)
            {
                throw new BrokenPromiseException(Promise.Conservation, $"{instance.Process.Name} shows {status}");
            }

            if (status.Missed > 0)
            {
                throw new BrokenPromiseException(Promise.NothingLost, $"{instance.Process.Name} shows {status}");
            }
        }
    }

    private void CheckShown(MetricsProcess instance, Snapshot snapshot)
    {
        foreach (var total in snapshot.Series)
        {
            var key = total.Series.Key;
            if (_shown.TryGetValue(key, out var former) && total.Shown < former)
            {
                throw new BrokenPromiseException(Promise.NeverBack, $"{instance.Process.Name} shows {key} as {total.Shown}, and it was {former}");
            }

            if (total.Value > Truth(key))
            {
                throw new BrokenPromiseException(
                    key.Kind == TotalKind.Unseen ? Promise.UnseenIsTold : key.Kind == TotalKind.Funnel ? Promise.FunnelsAreRight : Promise.NothingTwice,
                    $"{instance.Process.Name} knows {key} as {total.Value}, and the log has {Truth(key)}");
            }

            _shown[key] = total.Shown;
        }

        if (snapshot.Series.Count < _shown.Count)
        {
            var gone = _shown.Keys.Except(snapshot.Series.Select(total => total.Series.Key)).First();
            throw new BrokenPromiseException(Promise.NeverBack, $"{instance.Process.Name} does not show {gone}, and it was {_shown[gone]}");
        }
    }

    private decimal Truth(SeriesKey key)
    {
        var truth = 0m;
        foreach (var recount in _recounts)
        {
            truth += recount.Totals.GetValueOrDefault(key);
        }

        return truth;
    }

    private Dictionary<SeriesKey, decimal> AllTruth() =>
        _recounts.SelectMany(recount => recount.Totals).GroupBy(total => total.Key).ToDictionary(totals => totals.Key, totals => totals.Sum(total => total.Value));

    /// <summary>What the log holds is what was sent, all that was accepted, in order; and what the window could not see is told.</summary>
    private void CheckLog()
    {
        foreach (var recount in _recounts)
        {
            var order = new Dictionary<int, int>();
            foreach (var id in recount.Firsts)
            {
                if (!world.Sent.TryGetValue(id, out var interaction) || !interaction.Sent || interaction.Plan.Wrong)
                {
                    throw new BrokenPromiseException(Promise.NothingMade, $"{id} is counted");
                }

                var client = interaction.Plan.Client;
                if (plan.KeepsOrder && order.GetValueOrDefault(client, -1) > interaction.Place && !world.Clients.Any(other => other.Number == client && other.OutOfOrder))
                {
                    throw new BrokenPromiseException(Promise.Order, $"{id} comes after a later one of its visitor");
                }

                order[client] = interaction.Place;
            }

            var again = recount.Counted.Values.Sum(times => times - 1);
            var late = recount.Totals.Where(total => total.Key.Kind == TotalKind.Late).Sum(total => total.Value);
            if (again > (plan.SmallWindow ? late : 0))
            {
                throw new BrokenPromiseException(Promise.LateIsTold, $"{again} are counted again, and {late} are late");
            }
        }

        if (world.Sent.Values.FirstOrDefault(interaction => interaction.Accepted && !_recounts.Any(recount => recount.Counted.ContainsKey(interaction.Id))) is { } lost)
        {
            throw new BrokenPromiseException(Promise.NothingLost, $"{lost.Id} was accepted and is not in the log");
        }
    }

    /// <summary>
    /// What was not seen, as the clients know it: all that a view numbered below the last that came, and that is in no log.
    /// Of views all of whose records came in their time; what comes later than that was unseen, and remains so.
    /// </summary>
    private void CheckViews()
    {
        var numbered = world.Sent.Values.Where(interaction => interaction.View is not null).ToLookup(interaction => interaction.View!, StringComparer.Ordinal);
        foreach (var recount in _recounts)
        {
            foreach (var (view, unseen) in recount.WholeViews)
            {
                var last = numbered[view].Where(interaction => recount.Counted.ContainsKey(interaction.Id)).Max(interaction => interaction.NumberInView);
                var missing = numbered[view].Count(interaction => interaction.NumberInView < last && !recount.Counted.ContainsKey(interaction.Id));
                if (missing != unseen)
                {
                    throw new BrokenPromiseException(Promise.UnseenIsTold, $"{unseen} of view {view} were not seen, and {missing} did not come");
                }
            }
        }
    }

    private static Dictionary<SeriesKey, decimal> Known(MetricsProcess instance) =>
        instance.Exposure.Current.Series.ToDictionary(total => total.Series.Key, total => total.Value);

    private string? Difference(Dictionary<SeriesKey, decimal> known)
    {
        var truth = AllTruth();
        foreach (var key in known.Keys.Union(truth.Keys))
        {
            if (known.GetValueOrDefault(key) != truth.GetValueOrDefault(key))
            {
                return $"{key} as {known.GetValueOrDefault(key)}, and the log has {truth.GetValueOrDefault(key)}";
            }
        }

        return null;
    }

    private static void Compare(Dictionary<SeriesKey, decimal> known, Dictionary<SeriesKey, decimal> truth, string where)
    {
        foreach (var key in known.Keys.Union(truth.Keys))
        {
            var (found, right) = (known.GetValueOrDefault(key), truth.GetValueOrDefault(key));
            if (found != right)
            {
                var promise = key.Kind switch
                {
                    TotalKind.Late => Promise.LateIsTold,
                    TotalKind.Unseen => Promise.UnseenIsTold,
                    TotalKind.Funnel => Promise.FunnelsAreRight,
                    _ => found > right ? Promise.NothingTwice : Promise.NothingLost,
                };
                throw new BrokenPromiseException(promise, $"{where}: {key} is {found}, and the log has {right}");
            }
        }
    }

    /// <summary>For each series of interactions, last minus first; the others stand at 0 from the start, but it may not have looked by then.</summary>
    private string? WrongInPrometheus()
    {
        foreach (var (key, truth) in AllTruth())
        {
            if (Prometheus.NameOf(key) is not { } name)
            {
                continue; // a partition's, not a total
            }

            if (!world.Prometheus!.Stored.TryGetValue(name, out var series))
            {
                return $"it has no {name}, and the log has {truth}";
            }

            if (series.Last != truth || ((key.HasTarget || key.HasStep) && series.First != 0))
            {
                return $"it has {name} from {series.First} to {series.Last}, and the log has {truth}";
            }
        }

        return null;
    }
}
