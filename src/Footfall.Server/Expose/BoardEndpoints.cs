using System.Buffers;
using System.ComponentModel;
using System.Text.Json;
using Footfall.Count;
using Footfall.Expose;

namespace Footfall.Server.Expose;

/// <summary>What the live board asks for, and anybody else who wants totals as JSON.</summary>
public static class BoardEndpoints
{
    private const string AppIs = "The app; by default the first one.";

    /// <summary><c>/api/v1</c>.</summary>
    public static void MapBoardApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/live", FollowAsync).WithName("live").WithTags("Board")
            .WithSummary("The board as it changes")
            .WithDescription("Server-sent events: first a state, which is the whole, then ticks, which have what changed; at most one in 200 ms, at least one a second.");
        routes.MapMethods("/api/v1/totals", Reading.Methods, GetTotals).WithName("totals").WithTags("Board")
            .WithSummary("The totals now")
            .WithDescription("The committed totals of an app, by target and by page, and how the service is, at most 200 ms old. At most 500 targets (the pinned ones and those with the most) and 500 pages are listed; total and value are of all.");
        routes.MapMethods("/api/v1/series", Reading.Methods, GetSeries).WithName("series").WithTags("Board")
            .WithSummary("Interactions by time")
            .WithDescription("Of the last two hours, by the second in which a collector took them. The numbers cover the whole range, in whole steps from multiples of the step on: the first may begin before the range, the last ends after it.");
    }

    private static async Task FollowAsync(
        [Description(AppIs)] string? app, HttpContext http, LiveFeed live, Exposure exposure, TimeProvider time)
    {
        if (Find(app, exposure) is not { } known)
        {
            await NoSuchApp(exposure).ExecuteAsync(http);
            return;
        }

        if (live.TryJoin(known) is not { } feed)
        {
            await QueryRefusal.TooManyViewers.Answer($"there are {LiveFeed.MaxViewers} viewers, and no more may be").ExecuteAsync(http);
            return;
        }

        try
        {
            await new Viewer(live, feed, exposure.Viewers, time).FollowAsync(http);
        }
        finally
        {
            live.Leave(feed);
        }
    }

    private static async Task<IResult> GetTotals(
        [Description(AppIs)] string? app, Exposure exposure, TotalsDocuments documents, CancellationToken cancellationToken) =>
        Find(app, exposure) is { } known ? new JsonAnswer(await documents.ReadAsync(known, cancellationToken)) : NoSuchApp(exposure);

    private static IResult GetSeries(
        [Description(AppIs)] string? app,
        [Description("Of this type alone.")] string? type,
        [Description("This target alone.")] string? target,
        [Description("This page alone; not with type or target.")] string? page,
        [Description("How far back: a number of seconds, minutes or hours, up to 2h; 5m by default.")] string? range,
        [Description("Of how much time each number is; by default 1s up to 5m, 5s up to 30m, 20s above.")] string? step,
        Exposure exposure,
        LiveFeed live,
        TimeProvider time)
    {
        if (Find(app, exposure) is not { } known)
        {
            return NoSuchApp(exposure);
        }

        if (page is not null && (type is not null || target is not null))
        {
            return QueryRefusal.InvalidSelection.Answer("page can't be combined with type or target: a page's interactions are of all types and targets");
        }

        foreach (var (name, value) in new[] { ("type", type), ("target", target), ("page", page) })
        {
            if (value?.Length > LoggedInteraction.MaxFieldBytes)
            {
                return QueryRefusal.InvalidSelection.Answer($"{name} has {value.Length} characters: no label has more than {LoggedInteraction.MaxFieldBytes}");
            }
        }

        if (SeriesRange.TryRead(range, step, time.GetUtcNow().ToUnixTimeSeconds(), out var read) is var (why, detail))
        {
            return why.Answer(detail);
        }

        var (series, sequence) = live.Read(known, new SecondQuery(type, target, page), read.From, read.Step, read.Count);
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            Write(writer, known, read, series, sequence);
        }

        return new JsonAnswer(output.WrittenMemory);
    }

    private static string? Find(string? app, Exposure exposure)
    {
        var configured = exposure.Totals.Apps;
        if (app is null && configured.Count > 0)
        {
            return configured[0];
        }

        // Whoever asks for a configured app, as all do as a rule, need not wait for a look at all totals.
        var known = configured.Contains(app, StringComparer.Ordinal) ? configured : AppNames.Of(configured, exposure.Current);
        return app is null ? known.FirstOrDefault() : known.Contains(app, StringComparer.Ordinal) ? app : null;
    }

    private static IResult NoSuchApp(Exposure exposure) =>
        QueryRefusal.UnknownApp.Answer($"app must be one of {string.Join(", ", AppNames.Of(exposure.Totals.Apps, exposure.Current).Take(20))}");

    private static void Write(Utf8JsonWriter writer, string app, in SeriesRange range, SecondSeries series, long? sequence)
    {
        writer.WriteStartObject();
        writer.WriteString("app"u8, app);
        writer.WriteNumber("from"u8, range.From);
        writer.WriteNumber("to"u8, range.From + ((long)range.Step * range.Count));
        writer.WriteNumber("step"u8, range.Step);
        if (series.Since > range.From)
        {
            writer.WriteNumber("since"u8, series.Since);
        }
        else
        {
            writer.WriteNull("since"u8);
        }

        if (sequence is { } number)
        {
            writer.WriteNumber("seq"u8, number);
        }
        else
        {
            writer.WriteNull("seq"u8);
        }

        writer.WriteStartArray("series"u8);
        foreach (var (row, counts) in series.Rows)
        {
            writer.WriteStartObject();
            writer.WriteNumber("k"u8, row.Number);
            if (row.Page is { } page)
            {
                writer.WriteString("page"u8, page);
            }
            else
            {
                writer.WriteString("type"u8, row.Type);
                writer.WriteString("target"u8, row.Target);
            }

            Write(writer, "counts", counts);
            writer.WriteEndObject();
        }

        if (series.Rest is { } rest)
        {
            writer.WriteStartObject();
            writer.WriteNull("k"u8);
            writer.WriteString("target"u8, SeriesKey.Other);
            Write(writer, "counts", rest);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        Write(writer, "total", series.Total);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, long[] counts)
    {
        writer.WriteStartArray(name);
        foreach (var count in counts)
        {
            writer.WriteNumberValue(count);
        }

        writer.WriteEndArray();
    }

    private sealed class JsonAnswer(ReadOnlyMemory<byte> document) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = "application/json";
            response.ContentLength = document.Length;
            response.Headers.CacheControl = "no-store";
            response.Headers.XContentTypeOptions = "nosniff";
            if (!HttpMethods.IsHead(httpContext.Request.Method))
            {
                await response.BodyWriter.WriteAsync(document, httpContext.RequestAborted);
            }
        }
    }
}
