using System.Globalization;
using System.Text.Json.Serialization;
using Footfall.Capture;

namespace Footfall.AspNetCore.Capture.Dialects;

/// <summary>OTLP's answer; without <see cref="PartialSuccess"/> all was taken.</summary>
/// <param name="PartialSuccess">Where some was not.</param>
internal sealed record OtlpAnswer(
    [property: JsonPropertyName("partialSuccess"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] OtlpPartialSuccess? PartialSuccess = null);

/// <summary>What was not taken.</summary>
/// <param name="RejectedLogRecords">How many; 64 bits are a text in protobuf's JSON.</param>
/// <param name="ErrorMessage">The first of them, with its reason.</param>
internal sealed record OtlpPartialSuccess(
    [property: JsonPropertyName("rejectedLogRecords")] string RejectedLogRecords,
    [property: JsonPropertyName("errorMessage")] string ErrorMessage);

/// <summary>A refusal, as <c>google.rpc.Status</c>.</summary>
/// <param name="Code">Of <c>google.rpc.Code</c>.</param>
/// <param name="Message">For people.</param>
internal sealed record OtlpStatus(
    [property: JsonPropertyName("code")] int Code,
    [property: JsonPropertyName("message")] string Message);

/// <summary><c>POST /v1/logs</c>: OpenTelemetry's log records over HTTP in JSON.</summary>
internal static class OtlpEndpoint
{
    /// <summary>Maps it.</summary>
    public static void MapOtlp(this RouteGroupBuilder group) => group
        .MapPost("/logs", PostAsync)
        .WithTags("OpenTelemetry")
        .WithName("PostOtlpLogs")
        .WithSummary("OpenTelemetry: logs (OTLP/HTTP, JSON)")
        .WithDescription(
            "Records with an event's name are interactions: app.widget.click a click, browser.page_view a view, any other of type event; records without one are not kept. "
            + "Without an attribute event.id or log.record.uid a repeat counts again.")
        .TakesBody("https://opentelemetry.io/docs/specs/otlp/#otlphttp")
        .Produces<OtlpAnswer>()
        .Produces<OtlpStatus>(StatusCodes.Status400BadRequest)
        .Produces<OtlpStatus>(StatusCodes.Status401Unauthorized)
        .Produces<OtlpStatus>(StatusCodes.Status413PayloadTooLarge)
        .Produces<OtlpStatus>(StatusCodes.Status415UnsupportedMediaType)
        .Produces<OtlpStatus>(StatusCodes.Status429TooManyRequests)
        .Produces<OtlpStatus>(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> PostAsync(HttpRequest request, Intake intake)
    {
        var isProtobuf = request.ContentType?.StartsWith("application/x-protobuf", StringComparison.OrdinalIgnoreCase) == true;
        return Of(await intake.TakeAsync(
            request, OtlpLogsDialect.Instance, isProtobuf ? "of OTLP's encodings JSON is read: let the exporter use http/json" : null));
    }

    private static IResult Of(CaptureOutcome outcome) => outcome.Refusal is { } refusal
        ? new Refused(refusal, outcome)
        : TypedResults.Ok(new OtlpAnswer(PartialSuccess([.. outcome.Rejections, .. outcome.Retries])));

    /// <summary>What is over an app's limit is told as rejected: OTLP has no way to ask for a part of a request again.</summary>
    private static OtlpPartialSuccess? PartialSuccess(Rejection[] untaken) =>
        untaken.Length == 0 ? null : new OtlpPartialSuccess(untaken.Length.ToString(CultureInfo.InvariantCulture), Tell(untaken[0]));

    private static string Tell(Rejection rejection) =>
        string.Create(CultureInfo.InvariantCulture, $"record {rejection.Index}: {rejection.Reason.Name()}, {rejection.Reason.Explain()}");

    private sealed class Refused(Refusal refusal, CaptureOutcome outcome) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            CaptureAnswers.SetHeaders(httpContext, refusal, outcome.RetryAfter);
            var detail = outcome.Detail ?? (outcome.Rejections.Count > 0 ? Tell(outcome.Rejections[0]) : null);
            var message = detail is null ? refusal.Title() : $"{refusal.Title().TrimEnd('.')}: {detail}";
            return TypedResults.Json(new OtlpStatus(Code, message), CollectorJson.ForAnswers.OtlpStatus, statusCode: Status).ExecuteAsync(httpContext);
        }

        /// <summary>OTLP's clients try again after 429, 502, 503 and 504 alone.</summary>
        private int Status => refusal == Refusal.TooSlow ? StatusCodes.Status503ServiceUnavailable : refusal.Status();

        private int Code => Status switch
        {
            StatusCodes.Status401Unauthorized => 16, // UNAUTHENTICATED
            StatusCodes.Status429TooManyRequests => 8, // RESOURCE_EXHAUSTED
            StatusCodes.Status503ServiceUnavailable => 14, // UNAVAILABLE
            _ => 3, // INVALID_ARGUMENT
        };
    }
}
