using Footfall.Capture;
using Footfall.Log;
using Footfall.Server.Expose;

namespace Footfall.Server.Capture;

/// <summary>The collector's health and metrics.</summary>
public static class CollectorEndpoints
{
    /// <summary><c>/health/live</c>: it answers; <c>/health/ready</c>: no append has failed in the last seconds.</summary>
    public static void MapCollectorHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Text("live\n")).ExcludeFromDescription();
        routes.MapGet("/health/ready", (Collector collector) => collector.Ready
            ? TypedResults.Text("ready\n")
            : TypedResults.Text("not ready: the log did not take the last interactions\n", statusCode: StatusCodes.Status503ServiceUnavailable)).ExcludeFromDescription();
    }

    /// <summary>The collector's own counters.</summary>
    public static void MapCollectorMetrics(this IEndpointRouteBuilder routes) => routes
        .MapGet("/metrics", (HttpRequest request, Collector collector, IInteractionLog log) =>
            new MetricsAnswer(request, writer => collector.Counters.Write(writer, ServiceHost.Version, (log as SpooledLog)?.Status)))
        .ExcludeFromDescription();
}
