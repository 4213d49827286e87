using System.Text;
using System.Text.Json.Serialization;
using Footfall.Capture;

namespace Footfall.AspNetCore.Capture.Dialects;

/// <summary>What Segment's API answers: success, with what was not taken where something was not; and settings.</summary>
/// <param name="Success">Always true: a refusal is a problem.</param>
/// <param name="Rejected">Left out where there is none. Segment's clients don't read it, people do.</param>
internal sealed record SegmentAnswer(
    [property: JsonPropertyName("success")] bool Success,
    [property: JsonPropertyName("rejected"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RejectedInteraction>? Rejected = null);

/// <summary>What analytics.js reads before it sends.</summary>
/// <param name="Integrations">Where to send, by the name of what does.</param>
/// <param name="Plan">What may be sent: all.</param>
/// <param name="Metrics">What it tells of itself: nothing.</param>
internal sealed record SegmentSettings(
    IReadOnlyDictionary<string, SegmentSettings.Integration> Integrations, SegmentSettings.Plans Plan, SegmentSettings.Sampling Metrics)
{
    /// <summary>All goes there, and nowhere else.</summary>
    public static SegmentSettings SendingTo(string writeKey, string host, string protocol) => new(
        new Dictionary<string, Integration>(StringComparer.Ordinal) { ["Segment.io"] = new(writeKey, host, protocol) },
        new Plans(new Plans.Tracks(new Plans.Event(Enabled: true, new Dictionary<string, bool>(StringComparer.Ordinal)))),
        new Sampling(0));

    internal sealed record Integration(string ApiKey, string ApiHost, string Protocol);

    internal sealed record Plans(Plans.Tracks Track)
    {
        internal sealed record Tracks([property: JsonPropertyName("__default")] Event Default);

        internal sealed record Event(bool Enabled, IReadOnlyDictionary<string, bool> Integrations);
    }

    internal sealed record Sampling(int SampleRate);
}

/// <summary>Segment's tracking API, for its own clients: <c>/v1/batch</c>, <c>/v1/track</c> and the like, and their short names.</summary>
internal static class SegmentEndpoints
{
    private const string Specification = "https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/";

    private static readonly string[] Calls = ["track", "page", "screen", "identify", "group", "alias"];

    /// <summary>Maps it.</summary>
    public static void MapSegment(this RouteGroupBuilder group)
    {
        group.MapCall("/batch", SegmentDialect.Batch)
            .WithName("PostSegmentBatch")
            .WithSummary("Segment: a batch of calls")
            .WithDescription("An object with a list of calls, batch. A track is an interaction, a page or screen a view; identify, group and alias are not kept.")
            .TakesBody(Specification)
            .Produces<SegmentAnswer>()
            .ProducesRefusals();
        group.MapCall("/import", SegmentDialect.Batch).ExcludeFromDescription();
        group.MapCall("/b", SegmentDialect.Batch).ExcludeFromDescription();
        foreach (var call in Calls)
        {
            var dialect = SegmentDialect.Of(call);
            group.MapCall("/" + call, dialect)
                .WithName($"PostSegment{char.ToUpperInvariant(call[0])}{call[1..]}")
                .WithSummary($"Segment: {call}")
                .TakesBody(Specification)
                .Produces<SegmentAnswer>()
                .ProducesRefusals();
            group.MapCall("/" + call[..1], dialect).ExcludeFromDescription();
        }

        group.MapMethods("/projects/{writeKey}/settings", Reading.Methods, Settings).ExcludeFromDescription();
    }

    /// <summary>The path that all of this is under.</summary>
    private static string Here(HttpRequest request)
    {
        var path = request.Path.Value!;
        return path[..path.LastIndexOf("/projects/", StringComparison.OrdinalIgnoreCase)];
    }

    private static RouteHandlerBuilder MapCall(this RouteGroupBuilder group, string path, SegmentDialect dialect) => group
        .MapPost(path, async Task<IResult> (HttpRequest request, Intake intake) => Answer(await intake.TakeAsync(request, dialect)))
        .WithTags("Segment");

    private static IResult Answer(CaptureOutcome outcome) => outcome.Refusal is null
        ? TypedResults.Ok(new SegmentAnswer(true, outcome.Rejections.Count == 0 ? null : CaptureAnswers.Tell(outcome.Rejections)))
        : CaptureAnswers.Of(outcome);

    /// <summary>
    /// What analytics.js asks for before it sends: where to, and that nothing else is to be loaded or told to anybody.
    /// </summary>
    private static IResult Settings(string writeKey, HttpRequest request, CurrentApps apps)
    {
        if (apps.Table.HasKeys && apps.Table.FindByKey(Encoding.UTF8.GetBytes(writeKey)) is null)
        {
            return TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "There is no such write key.");
        }

        // Who terminates TLS for us says so here; the page is told no more than how it came itself.
        var protocol = request.Headers["X-Forwarded-Proto"] == "https" ? "https" : request.Scheme;
        return TypedResults.Json(
            SegmentSettings.SendingTo(writeKey, $"{request.Host}{request.PathBase}{Here(request)}", protocol), CollectorJson.ForAnswers.SegmentSettings);
    }
}
