using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Footfall.Capture;

namespace Footfall.Server.Capture;

/// <summary>Projects outcomes to HTTP: 202 with what was taken, or problem details (RFC 9457).</summary>
public static class CaptureAnswers
{
    /// <summary>The answer to a request whose body was read.</summary>
    public static IResult Of(CaptureOutcome outcome) => outcome.Refusal is { } refusal
        ? Refuse(refusal, outcome.Detail, outcome.Rejections)
        : new Accepted(outcome);

    /// <summary>Tells when to try again, and that who is refused may read why.</summary>
    public static void SetHeaders(HttpContext http, Refusal refusal)
    {
        if (refusal.RetryAfter() is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (refusal == Refusal.InvalidKey)
        {
            // Not Basic, for which a browser would ask its user.
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        // A page that reads nothing tries for ever. CORS has its own for allowed origins.
        if (http.Request.Headers.Origin.Count > 0)
        {
            http.Response.Headers.AccessControlAllowOrigin = "*";
        }
    }

    /// <summary>Each that was not taken, as it is told.</summary>
    public static RejectedInteraction[] Tell(IReadOnlyList<Rejection> rejections) =>
        [.. rejections.Select(rejection => new RejectedInteraction(rejection.Index, rejection.Reason.Name(), rejection.Reason.Explain()))];

    private static Problem Refuse(Refusal refusal, string? detail, IReadOnlyList<Rejection> rejections)
    {
        var extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["reason"] = refusal.Name() };
        if (rejections.Count > 0)
        {
            extensions["rejected"] = Tell(rejections);
        }

        return new Problem(
            // ASP.NET Core knows the type of every status but this one (RFC 6585, 4).
            TypedResults.Problem(
                detail,
                statusCode: refusal.Status(),
                title: refusal.Title(),
                type: refusal == Refusal.RateLimited ? "https://tools.ietf.org/html/rfc6585#section-4" : null,
                extensions: extensions),
            refusal);
    }

    private sealed class Problem(IResult problem, Refusal refusal) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            SetHeaders(httpContext, refusal);
            return problem.ExecuteAsync(httpContext);
        }
    }

    private sealed class Accepted(CaptureOutcome outcome) : IResult
    {
        // Our own texts alone are written: nothing in them could end a script.
        private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        private static readonly JsonEncodedText AcceptedName = JsonEncodedText.Encode("accepted");
        private static readonly JsonEncodedText RejectedName = JsonEncodedText.Encode("rejected");

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = StatusCodes.Status202Accepted;
            response.ContentType = "application/json";
            await using (var writer = new Utf8JsonWriter(response.BodyWriter, WriterOptions))
            {
                writer.WriteStartObject();
                writer.WriteNumber(AcceptedName, outcome.Accepted);
                writer.WriteStartArray(RejectedName);
                foreach (var rejection in outcome.Rejections)
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("index", rejection.Index);
                    writer.WriteString("reason", rejection.Reason.Name());
                    writer.WriteString("detail", rejection.Reason.Explain());
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
        }
    }
}
