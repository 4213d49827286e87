using Footfall.Capture;
using Microsoft.OpenApi;

namespace Footfall.Server.Capture.Dialects;

/// <summary>The ways in for other people's clients: a group of endpoints, one file a format.</summary>
public static class DialectEndpoints
{
    internal const string Cors = "dialects";

    /// <summary>Maps all of them.</summary>
    public static void MapDialects(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").RequireCors(Cors);
        group.MapSegment();
        group.MapCloudEvents();
        group.MapOtlp();
    }

    /// <summary>For the API's description: a body that somebody else specifies.</summary>
    internal static RouteHandlerBuilder TakesBody(this RouteHandlerBuilder route, string specification) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Description = $"As {specification} has it.",
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/json"] = new() { Schema = new OpenApiSchema() } },
            };
            return Task.CompletedTask;
        });

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
