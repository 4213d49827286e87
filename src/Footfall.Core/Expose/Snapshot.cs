using Footfall.Count;

namespace Footfall.Expose;

/// <summary>The immutable view of all that is committed; swapped as a whole.</summary>
/// <param name="Version">Grows with every publication.</param>
/// <param name="Series">Every total, in the order of their names, which is the same after a restart.</param>
/// <param name="Partitions">The partitions of this instance.</param>
/// <param name="ActiveVisitors">Visitors of this instance's partitions.</param>
/// <param name="VisitorsForgotten">See <see cref="VisitorWindow.Forgotten"/>.</param>
/// <param name="Unmeasured">See <see cref="PartitionCount.Unmeasured"/>.</param>
/// <param name="FunnelVisitorsForgotten">See <see cref="PartitionCount.FunnelVisitorsForgotten"/>.</param>
public sealed record Snapshot(
    long Version,
    IReadOnlyList<SeriesTotal> Series,
    IReadOnlyList<PartitionStatus> Partitions,
    IReadOnlyList<ActiveVisitors> ActiveVisitors,
    long VisitorsForgotten,
    long Unmeasured,
    long FunnelVisitorsForgotten = 0)
{
    /// <summary>Before anything is known.</summary>
    public static Snapshot Empty { get; } = new(0, [], [], [], 0, 0);
}

/// <summary>One total at one moment.</summary>
/// <param name="Series">Its name, and how it is written.</param>
/// <param name="Value">The committed total over all partitions.</param>
/// <param name="Announced">Whether it has been shown as 0 for long enough to be shown as what it is.</param>
public readonly record struct SeriesTotal(ExposedSeries Series, decimal Value, bool Announced)
{
    /// <summary>What who scrapes is shown: a new series first stands at 0, or its first click would be its base.</summary>
    public decimal Shown => Announced ? Value : 0;
}

/// <summary>A total's name and its labels as they are written.</summary>
public sealed class ExposedSeries(SeriesKey key)
{
    /// <summary>The name.</summary>
    public SeriesKey Key { get; } = key;

    /// <summary>The labels in exposition form.</summary>
    public ReadOnlyMemory<byte> Labels { get; } = key.HasStep
        ? MetricLabels.Encode(("app", key.App), ("funnel", key.Funnel), ("step", key.Step))
        : MetricLabels.Encode(("app", key.App), ("type", key.Type), ("target", key.Target), ("page", key.Page));

    /// <summary>Where the board shows its target, of all pages; null for what has none.</summary>
    public BoardRow? TargetRow { get; init; }

    /// <summary>Where the board shows its page, of all targets; null for what has none.</summary>
    public BoardRow? PageRow { get; init; }
}

/// <summary>Where an owned partition stands. Written = counted + duplicates + unreadable + missed + lag, always.</summary>
/// <param name="Partition">Which.</param>
/// <param name="Labels">The label in exposition form.</param>
/// <param name="Written">Records ever written to it, as last seen.</param>
/// <param name="Position">The next position to count, committed.</param>
/// <param name="Counted">Interactions counted, committed.</param>
/// <param name="Duplicates">Repeats dropped, committed.</param>
/// <param name="Unreadable">Records that are no interaction, committed.</param>
/// <param name="Missed">Records that were gone before they were counted, committed.</param>
public sealed record PartitionStatus(
    int Partition, ReadOnlyMemory<byte> Labels, long Written, long Position, long Counted, long Duplicates, long Unreadable, long Missed)
{
    /// <summary>Records written and not yet counted.</summary>
    public long Lag => Written - Position;
}

/// <summary>How many visitors of an app were here within a window.</summary>
public readonly record struct ActiveVisitors(ReadOnlyMemory<byte> Labels, string App, TimeSpan Window, int Count);
