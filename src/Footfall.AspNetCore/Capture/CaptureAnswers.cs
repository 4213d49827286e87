using System.Globalization;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using Footfall.Capture;

namespace Footfall.AspNetCore.Capture;

/// <summary>Projects outcomes to HTTP: 202 with what was taken, or problem details (RFC 9457).</summary>
internal static class CaptureAnswers
{
    /// <summary>The answer to a request whose body was read.</summary>
    public static IResult Of(CaptureOutcome outcome) => outcome.Refusal is { } refusal
        ? Refuse(refusal, outcome)
        : new Accepted(outcome);

    /// <summary>Tells when to try again, and that who is refused may read why.</summary>
    public static void SetHeaders(HttpContext http, Refusal refusal, int? retryAfter)
    {
        if ((retryAfter ?? refusal.RetryAfter()) is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (refusal == Refusal.InvalidKey)
        {
            // Not Basic, for which a browser would ask its user.
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        // A page that reads nothing tries for ever. CORS has its own for allowed origins.
        if (http.Request.Headers.Origin.Count > 0 && ForOtherSites.Is(http))
        {
            http.Response.Headers.AccessControlAllowOrigin = "*";
        }
    }

    /// <summary>Each that was not taken, as it is told.</summary>
    public static RejectedInteraction[] Tell(IReadOnlyList<Rejection> rejections) =>
        [.. rejections.Select(rejection => new RejectedInteraction(rejection.Index, rejection.Reason.Name(), rejection.Reason.Explain()))];

    private static Problem Refuse(Refusal refusal, CaptureOutcome outcome)
    {
        var extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["reason"] = refusal.Name() };
        foreach (var (name, list) in new[] { ("rejected", outcome.Rejections), ("retry", outcome.Retries) })
        {
            if (list.Count > 0)
            {
                extensions[name] = Tell(list);
            }
        }

        return new Problem(
            // ASP.NET Core knows the type of every status but this one (RFC 6585, 4).
            TypedResults.Problem(
                outcome.Detail,
                statusCode: refusal.Status(),
                title: refusal.Title(),
                type: refusal.Status() == StatusCodes.Status429TooManyRequests ? "https://tools.ietf.org/html/rfc6585#section-4" : null,
                extensions: extensions),
            refusal,
            outcome.RetryAfter);
    }

    private sealed class Problem(IResult problem, Refusal refusal, int? retryAfter) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            SetHeaders(httpContext, refusal, retryAfter);
            return problem.ExecuteAsync(httpContext);
        }
    }

    private sealed class Accepted(CaptureOutcome outcome) : IResult
    {
        // Our own texts alone are written: nothing in them could end a script.
        private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        private const int PieceBytes = 16 * 1024;
        private static readonly JsonEncodedText AcceptedName = JsonEncodedText.Encode("accepted");
        private static readonly JsonEncodedText RejectedName = JsonEncodedText.Encode("rejected");
        private static readonly JsonEncodedText RetryName = JsonEncodedText.Encode("retry");
        private static readonly JsonEncodedText BotsName = JsonEncodedText.Encode("bots");

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = StatusCodes.Status202Accepted;
            response.ContentType = "application/json";
            if (outcome.RetryAfter is { } seconds)
            {
                response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            await using (var writer = new Utf8JsonWriter(response.BodyWriter, WriterOptions))
            {
                writer.WriteStartObject();
                writer.WriteNumber(AcceptedName, outcome.Accepted);
                await WriteAsync(writer, response.BodyWriter, RejectedName, outcome.Rejections, httpContext.RequestAborted);
                // What there is seldom is left out: most clients need not know of it.
                if (outcome.Retries.Count > 0)
                {
                    await WriteAsync(writer, response.BodyWriter, RetryName, outcome.Retries, httpContext.RequestAborted);
                }

                if (outcome.Bots > 0)
                {
                    writer.WriteNumber(BotsName, outcome.Bots);
                }

                writer.WriteEndObject();
            }

            await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
        }

        private static async ValueTask WriteAsync(
            Utf8JsonWriter writer, PipeWriter body, JsonEncodedText name, IReadOnlyList<Rejection> list, CancellationToken aborted)
        {
            writer.WriteStartArray(name);
            foreach (var one in list)
            {
                writer.WriteStartObject();
                writer.WriteNumber("index", one.Index);
                writer.WriteString("reason", one.Reason.Name());
                writer.WriteString("detail", one.Reason.Explain());
                writer.WriteEndObject();
                if (writer.BytesPending + body.UnflushedBytes > PieceBytes)
                {
                    writer.Flush();
                    await body.FlushAsync(aborted); // waits where nobody reads
                }
            }

            writer.WriteEndArray();
        }
    }
}
