using Footfall.Count;
using Footfall.Expose;

namespace Footfall.Server.Expose;

/// <summary>What the metrics service answers.</summary>
public static class MetricsEndpoints
{
    /// <summary>
    /// The log was last heard of longer ago than this: not live. Reads return every quarter of a second, a commit may
    /// take Kafka's transaction timeout of 10 s, and loading a checkpoint some seconds. A full disk is an answer: a service
    /// that was restarted for it would not come up again, and what it shows would be away too.
    /// </summary>
    public static readonly TimeSpan Stalled = TimeSpan.FromSeconds(30);

    /// <summary><c>/metrics</c>: the committed totals.</summary>
    public static void MapTotals(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/metrics", Reading.Methods, (HttpRequest request, Exposure exposure) =>
        {
            // Asked before the snapshot is taken: a lease that runs out in between was held by what is shown.
            var showTotals = exposure.Lease.Holds;
            var snapshot = exposure.Current;
            return new MetricsAnswer(
                request,
                writer => MetricsDocument.Write(writer, snapshot, exposure, showTotals, ServiceHost.Version),
                served: showTotals ? () => exposure.Served(snapshot) : null);
        }).ExcludeFromDescription();
    }

    /// <summary><c>/health/live</c>: the log has answered lately; <c>/health/ready</c>: and everything owned is counted and committed.</summary>
    public static void MapMetricsHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health/live", Reading.Methods, (CountingLoop loop) => loop.SinceProgress < Stalled
            ? TypedResults.Text("live\n")
            : TypedResults.Text($"not live: {(loop.SinceProgress is null ? "the log has not answered yet" : "the log has not answered for over 30 s")}\n", statusCode: StatusCodes.Status503ServiceUnavailable)).ExcludeFromDescription();
        routes.MapMethods("/health/ready", Reading.Methods, (CountingLoop loop) => loop.NotReady is not { } reason
            ? TypedResults.Text("ready\n")
            : TypedResults.Text($"not ready: {reason}\n", statusCode: StatusCodes.Status503ServiceUnavailable)).ExcludeFromDescription();
    }
}
