using System.Globalization;
using System.Text;
using Footfall.Capture;

namespace Footfall.AspNetCore.Capture.Dialects;

/// <summary><c>POST /v1/cloudevents</c>: CloudEvents over HTTP, in each of its modes, and the handshake of its webhooks.</summary>
internal static class CloudEventsEndpoint
{
    /// <summary>Maps it.</summary>
    public static void MapCloudEvents(this RouteGroupBuilder group)
    {
        group.MapPost("/cloudevents", PostAsync)
            .WithTags("CloudEvents")
            .WithName("PostCloudEvents")
            .WithSummary("CloudEvents")
            .WithDescription(
                "Binary, structured or batched mode, JSON. A type footfall.interaction.TYPE has an interaction as its data; any other is an interaction of type event. "
                + "Source and id together count once.")
            .TakesBody("https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md")
            .Produces<Answer>(StatusCodes.Status202Accepted)
            .ProducesRefusals();
        group.MapMethods("/cloudevents", [HttpMethods.Options], Handshake).ExcludeFromDescription();
    }

    private static async Task<IResult> PostAsync(HttpRequest request, Intake intake)
    {
        var type = request.ContentType ?? "";
        var isWhole = type.StartsWith("application/cloudevents", StringComparison.OrdinalIgnoreCase);
        var isJson = !isWhole || type.Contains("+json", StringComparison.OrdinalIgnoreCase);

        // Whatever else the type is, it is the data's.
        var isBinary = !isWhole && (request.Headers.ContainsKey("ce-specversion") || request.Headers.ContainsKey("ce-id"));
        return CaptureAnswers.Of(await intake.TakeAsync(
            request,
            isBinary ? CloudEventsDialect.Binary(name => Attribute(request.Headers["ce-" + name])) : CloudEventsDialect.Structured,
            isJson ? null : "of CloudEvents' formats JSON is read"));
    }

    /// <summary>HTTP Protocol Binding 1.0.2, 3.1.3.2: quotes go, and what is percent-encoded is decoded.</summary>
    private static string? Attribute(string? header) => header is null
        ? null
        : Uri.UnescapeDataString(header is ['"', .., '"'] ? header[1..^1].Replace("\\", "", StringComparison.Ordinal) : header);

    /// <summary>HTTP 1.1 Web Hooks for Event Delivery, 4: who may deliver here is asked before, and how often, by the minute.</summary>
    private static IResult Handshake(HttpContext http, Collector collector, CurrentApps apps, FootfallOptions options)
    {
        if (!apps.Table.Admits(Senders.KeyOf(http.Request)))
        {
            return CaptureAnswers.Of(collector.Refuse(Refusal.InvalidKey, null));
        }

        http.Response.Headers.Allow = HttpMethods.Post;
        // The name of a host: what else comes in it could not be said back, and nobody of that name may deliver.
        if (http.Request.Headers["WebHook-Request-Origin"].ToString() is { Length: > 0 } origin && Ascii.IsValid(origin) && !origin.Any(char.IsControl))
        {
            http.Response.Headers["WebHook-Allowed-Origin"] = origin;
            http.Response.Headers["WebHook-Allowed-Rate"] = (options.Capture.MaxRequestsPerSecond * 60L).ToString(CultureInfo.InvariantCulture);
        }

        return TypedResults.Ok();
    }
}
