using Footfall.Capture;

namespace Footfall.AspNetCore.Capture;

/// <summary><c>POST /v1/interactions</c>: the way in.</summary>
internal static class InteractionsEndpoint
{
    /// <summary>Maps it.</summary>
    public static void MapInteractions(this IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/interactions", PostAsync)
        .WithName("PostInteractions")
        .WithSummary("Takes interactions")
        .WithDescription(
            "One JSON object, an array of them, or one a line (NDJSON). Also as text/plain, which a browser sends without a preflight, and compressed with gzip. "
            + "The answer comes when the log has them durably. A request may be repeated: an interaction with the same app and id counts once. "
            + "An app's write key stands in the query (key) or in Authorization (Bearer, or Basic as the user).")
        // Not Accepts: routing would answer 415 itself, without a reason and uncounted.
        .WithMetadata(new DescribedBody(Specification: null))
        .Produces<Answer>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status408RequestTimeout)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status429TooManyRequests)
        .Produces(StatusCodes.Status431RequestHeaderFieldsTooLarge)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> PostAsync(HttpRequest request, Intake intake) =>
        CaptureAnswers.Of(await intake.TakeAsync(request, BodyForms.Of(request)));
}
