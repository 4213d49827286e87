namespace Footfall.Count;

/// <summary>How interactions are counted.</summary>
public sealed record CountOptions
{
    /// <summary>A repeat within this time is dropped.</summary>
    public TimeSpan DuplicateWindow { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A repeat within this many interactions of a partition is dropped; up to 40 bytes of memory each.</summary>
    public int DuplicateWindowIds { get; init; } = 1_000_000;

    /// <summary>
    /// Series of a partition; what would be one more is counted as <c>(other)</c>. Prometheus takes 100,000 from one
    /// target every second with ease, and 6 partitions see mostly the same series.
    /// </summary>
    public int MaxSeries { get; init; } = 10_000;

    /// <summary>Visitors of a partition whose last half hour is known; at most 64 bytes each.</summary>
    public int MaxVisitors { get; init; } = 1_000_000;

    /// <summary>
    /// Page views of a partition whose numbers are known for half an hour, and stretches of numbers missing in them; at most
    /// 200 bytes each. That many begin in half an hour at 55 a second.
    /// </summary>
    public int MaxViews { get; init; } = 100_000;

    /// <summary>
    /// Visitors of a partition whose progress in funnels is known, once for each that they are in; at most 100 bytes each.
    /// That many come to a first step in half an hour at 55 a second.
    /// </summary>
    public int MaxFunnelVisitors { get; init; } = 100_000;

    /// <summary>Ways that are hoped for; their series stand at 0 from the start.</summary>
    public IReadOnlyList<Funnel> Funnels { get; init; } = [];

    /// <summary>For how long a view is measured; another than <see cref="ViewMeter.Seconds"/> is for tests.</summary>
    public TimeSpan ViewTime { get; init; } = TimeSpan.FromSeconds(ViewMeter.Seconds);

    /// <summary>The shortest time between two commits, and so the longest that a total waits to be seen.</summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Targets that stand at 0 from the start and never go to <c>(other)</c>.</summary>
    public IReadOnlyList<PinnedTarget> Pinned { get; init; } = [];
}

/// <summary>A target that its team watches, such as "Buy Now".</summary>
public readonly record struct PinnedTarget(string App, string Target);
