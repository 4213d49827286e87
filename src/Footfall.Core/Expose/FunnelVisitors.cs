using Footfall.Count;

namespace Footfall.Expose;

/// <summary>How many visitors reached each step of a funnel, committed.</summary>
/// <param name="Funnel">Which.</param>
/// <param name="Visitors">Of each step, in the funnel's order; none is more than the one before it, unless the funnel was another once.</param>
public sealed record FunnelVisitors(Funnel Funnel, IReadOnlyList<decimal> Visitors)
{
    /// <summary>Those of one publication.</summary>
    public static IReadOnlyList<FunnelVisitors> Of(Snapshot snapshot, IReadOnlyList<Funnel> funnels)
    {
        var totals = snapshot.Series.Where(total => total.Series.Key.Kind == TotalKind.Funnel).ToDictionary(total => total.Series.Key, total => total.Value);
        return [.. funnels.Select(funnel => new FunnelVisitors(
            funnel, [.. funnel.Steps.Select(step => totals.GetValueOrDefault(SeriesKey.OfFunnel(funnel.App, funnel.Name, step.Name)))]))];
    }
}
