namespace Footfall.Expose;

/// <summary>How totals are shown.</summary>
public sealed record ExposeOptions
{
    /// <summary>A new series is shown as 0 for at least this long: the slowest scrape interval there is.</summary>
    public TimeSpan ZeroFirst { get; init; } = TimeSpan.FromSeconds(1);
}
