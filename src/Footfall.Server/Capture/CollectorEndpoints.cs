using Footfall.Capture;

namespace Footfall.Server.Capture;

/// <summary>The collector's health.</summary>
public static class CollectorEndpoints
{
    /// <summary><c>/health/live</c>: it answers; <c>/health/ready</c>: no append has failed in the last seconds.</summary>
    public static void MapCollectorHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health/live", Reading.Methods, () => TypedResults.Text("live\n")).ExcludeFromDescription();
        routes.MapMethods("/health/ready", Reading.Methods, (Collector collector) => collector.Ready
            ? TypedResults.Text("ready\n")
            : TypedResults.Text("not ready: the log did not take the last interactions\n", statusCode: StatusCodes.Status503ServiceUnavailable)).ExcludeFromDescription();
    }
}
