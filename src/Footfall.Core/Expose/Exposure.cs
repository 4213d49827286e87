using Footfall.Log;

namespace Footfall.Expose;

/// <summary>
/// What the metrics service shows: written by the counting loop alone, read by any number of requests.
/// </summary>
public sealed class Exposure(CommittedTotals totals, TotalsLease lease, ExposeOptions options, TimeProvider time)
{
    private Snapshot _current = Snapshot.Empty;
    private long _served;
    private TaskCompletionSource? _published;

    /// <summary>The newest publication.</summary>
    public Snapshot Current => Volatile.Read(ref _current);

    /// <summary>Whether this instance shows the totals.</summary>
    public TotalsLease Lease { get; } = lease;

    /// <summary>From a collector's taking an interaction until its total is exposed.</summary>
    public Histogram Delivery { get; } = new();

    /// <summary>Committed totals; for the counting loop.</summary>
    public CommittedTotals Totals { get; } = totals;

    /// <summary>The same over the last minute.</summary>
    public RecentHistogram RecentDelivery { get; } = new();

    /// <summary>What was counted lately, for the live board.</summary>
    public RecentCounts Recent { get; } = new(totals, time);

    /// <summary>Who looks at the live board.</summary>
    public ViewerCounters Viewers { get; } = new();

    /// <summary>Completes with the next publication. Costs the counting loop nothing where nobody asks.</summary>
    public Task NextPublication
    {
        get
        {
            var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (Interlocked.CompareExchange(ref _published, next, null) ?? next).Task;
        }
    }

    /// <summary>Makes what is committed the newest publication; for the counting loop.</summary>
    public void Publish(
        IReadOnlyList<PartitionStatus> partitions,
        IReadOnlyList<ActiveVisitors> activeVisitors,
        long visitorsForgotten,
        long unmeasured,
        long funnelVisitorsForgotten = 0)
    {
        var version = _current.Version + 1;
        var series = Totals.Publish(version, Lease.Holds ? time.GetTimestamp() : null);
        Volatile.Write(ref _current, new Snapshot(version, series, partitions, activeVisitors, visitorsForgotten, unmeasured, funnelVisitorsForgotten));
        RecentDelivery.Note(Delivery, time.GetUtcNow().ToUnixTimeSeconds());
        Interlocked.Exchange(ref _published, null)?.TrySetResult();
    }

    /// <summary>Somebody has been given this publication's totals.</summary>
    public void Served(Snapshot snapshot)
    {
        var known = Volatile.Read(ref _served);
        while (known < snapshot.Version)
        {
            known = Interlocked.CompareExchange(ref _served, snapshot.Version, known) is var found && found == known
                ? snapshot.Version
                : found;
        }
    }

    /// <summary>How long until a series may have stood at 0 for long enough; null when none does.</summary>
    public TimeSpan? NextAnnouncement => Totals.OldestUnannounced is { } since ? options.ZeroFirst - time.GetElapsedTime(since) : null;

    /// <summary>Whether anybody has been given the totals yet.</summary>
    public bool HasServed => Volatile.Read(ref _served) > 0;

    /// <summary>Series that have stood at 0 for long enough; for the counting loop.</summary>
    public IReadOnlyList<Total> DueAnnouncements()
    {
        var zeroFirst = (long)(options.ZeroFirst.TotalSeconds * time.TimestampFrequency);
        return Totals.DueAnnouncements(Volatile.Read(ref _served), time.GetTimestamp() - zeroFirst);
    }
}
