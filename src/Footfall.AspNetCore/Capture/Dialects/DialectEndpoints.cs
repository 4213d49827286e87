using Footfall.Capture;

namespace Footfall.AspNetCore.Capture.Dialects;

/// <summary>The ways in for other people's clients: a group of endpoints, one file a format.</summary>
internal static class DialectEndpoints
{
    /// <summary>Maps all of them.</summary>
    public static RouteGroupBuilder MapDialects(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1");
        group.MapSegment();
        group.MapCloudEvents();
        group.MapOtlp();
        return group;
    }

    /// <summary>For the API's description: a body that somebody else specifies.</summary>
    internal static RouteHandlerBuilder TakesBody(this RouteHandlerBuilder route, string specification) =>
        route.WithMetadata(new DescribedBody(specification));

    /// <summary>What every one of them may answer.</summary>
    internal static RouteHandlerBuilder ProducesRefusals(this RouteHandlerBuilder route)
    {
        // What the server finds in the headers it answers without a body.
        foreach (var status in Refusals.All.Where(refusal => refusal != Refusal.HeadersTooLarge).Select(refusal => refusal.Status()).Distinct())
        {
            route.ProducesProblem(status);
        }

        return route.Produces(StatusCodes.Status431RequestHeaderFieldsTooLarge);
    }
}
