using Footfall.Capture;

namespace Footfall.Server.Capture;

/// <summary><c>POST /v1/interactions</c>: the way in.</summary>
public static class InteractionsEndpoint
{
    /// <summary>Maps it.</summary>
    public static void MapInteractions(this IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/interactions", PostAsync)
        .WithName("PostInteractions")
        .WithSummary("Takes interactions")
        .WithDescription(
            "One JSON object, an array of them, or one a line (NDJSON). Also as text/plain, which a browser sends without a preflight, and compressed with gzip. "
            + "The answer comes when the log has them durably. A request may be repeated: an interaction with the same app and id counts once.")
        // Not Accepts: routing would answer 415 itself, without a reason and uncounted.
        .AddOpenApiOperationTransformer(ApiDescription.DescribeBodyAsync)
        .Produces<Answer>(StatusCodes.Status202Accepted)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status408RequestTimeout)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status429TooManyRequests)
        .Produces(StatusCodes.Status431RequestHeaderFieldsTooLarge)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> PostAsync(
        HttpRequest request, Collector collector, BodyReader bodies, AddressLimit addresses, LogTrouble trouble, TimeProvider time)
    {
        // Before all else: whoever is over it costs nothing more.
        if (!addresses.TryTake(request.HttpContext.Connection.RemoteIpAddress))
        {
            return Refuse(collector, Refusal.RateLimited, null);
        }

        if (!Senders.TryRead(request, time, out var sender))
        {
            return Refuse(collector, Refusal.Unreadable, Senders.SentIsNoTime);
        }

        if (BodyForms.Of(request) is not { } form)
        {
            return Refuse(collector, Refusal.UnsupportedMediaType, "send application/json, application/x-ndjson or text/plain, plain or with Content-Encoding: gzip");
        }

        using var body = await bodies.ReadAsync(request);
        if (body.Refusal is { } refusal)
        {
            return Refuse(collector, refusal, body.Detail);
        }

        var outcome = await collector.TakeAsync(body.Bytes, form, sender);
        if (outcome.Refusal == Refusal.LogUnavailable)
        {
            trouble.Tell();
        }

        return CaptureAnswers.Of(outcome);
    }

    private static IResult Refuse(Collector collector, Refusal refusal, string? detail)
    {
        collector.Counters.Refuse(refusal);
        return CaptureAnswers.Refuse(refusal, detail);
    }
}
