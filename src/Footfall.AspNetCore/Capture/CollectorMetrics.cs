using Footfall.AspNetCore.Log;
using Footfall.Capture;
using Footfall.Log;

namespace Footfall.AspNetCore.Capture;

/// <summary>The collector's own counters.</summary>
internal static class CollectorMetrics
{
    /// <summary>Maps them.</summary>
    public static RouteHandlerBuilder MapCollectorMetrics(this IEndpointRouteBuilder routes, string pattern) => routes
        .MapMethods(pattern, Reading.Methods, (HttpRequest request, Collector collector, IInteractionLog log) =>
            new MetricsAnswer(request, writer => collector.Counters.Write(writer, Product.Version, ((log is AppLog app ? app.Writer : log) as SpooledLog)?.Status)))
        .ExcludeFromDescription();
}
