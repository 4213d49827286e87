using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Footfall.Expose;
using Footfall.Log;
using Footfall.Server.Expose;
using Footfall.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Footfall.Server.Tests;

/// <summary>The live board's API over a log in memory.</summary>
public sealed class LiveBoardTests
{
    [Fact]
    public async Task A_viewer_gets_the_whole_and_then_what_changes()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer());
        var exposure = metrics.App.Services.GetRequiredService<Exposure>();
        await Eventually.HoldsAsync("it has published", () => Task.FromResult(exposure.Current.Version > 0)); // before, there are no rows
        await using var events = await EventStream.OpenAsync(metrics, "?app=shop");

        Assert.Equal("text/event-stream", events.Answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", events.Answer.Headers.CacheControl?.ToString());
        Assert.Equal(["no"], events.Answer.Headers.GetValues("X-Accel-Buffering"));
        Assert.Equal(["retry: 1000"], await events.NextLinesAsync());
        var (name, state) = await events.NextAsync();
        Assert.Equal(("state", "shop", 0L), (name, (string?)state["app"], (long)state["total"]!));
        Assert.Equal(["blog", "shop"], state["apps"]!.AsArray().Select(app => (string?)app));
        Assert.True((bool)state["targets"]![0]!["pinned"]!);
        Assert.Equal(1, await metrics.SampleAsync("footfall_live_viewers"));

        (await collector.PostAsync(Given.Click("1"))).Dispose();
        var (sequence, total, streamed, drawn) = ((long)state["seq"]!, 0L, 0, 0L);
        while (total < 1)
        {
            (name, var tick) = await events.NextAsync();
            Assert.Equal(("tick", sequence + 1), (name, (long)tick["seq"]!));
            sequence++;
            total = (long?)tick["total"] ?? total;
            streamed += tick["stream"]?.AsArray().Count ?? 0;
            drawn += tick["seconds"]?.AsArray().Sum(second => second![1]!.AsArray().Sum(row => (long)row![1]!)) ?? 0;
        }

        Assert.Equal((1L, 1, 1L), (total, streamed, drawn));
    }

    [Fact]
    public async Task All_viewers_get_the_same_and_who_comes_later_a_state_that_fits()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer());
        await using var one = await EventStream.OpenAsync(metrics, "?app=shop");
        var (_, first) = await one.NextAsync();
        (await collector.PostAsync($"[{Given.Click("1")},{Given.Click("2")}]")).Dispose();
        var (total, last) = (0L, 0L);
        while (total < 2)
        {
            var (_, tick) = await one.NextAsync();
            total = (long?)tick["total"] ?? total;
            last = tick["seconds"] is null ? last : (long)tick["seq"]!;
        }

        // What brought the increments is not the one just before the whole: who has seen all before it would miss them.
        await using var two = await EventStream.OpenAsync(metrics, "?app=shop");
        var (name, state) = await two.NextAsync();
        Assert.InRange(last, 1, (long)state["seq"]! - 1);
        Assert.Equal(("state", 2L, (string?)first["instance"]), (name, (long)state["total"]!, (string?)state["instance"]));
        Assert.Equal(2, state["stream"]!.AsArray().Count);

        var (_, next) = await two.NextAsync();
        var same = (await one.NextAsync()).Data;
        while ((long)same["seq"]! < (long)next["seq"]!)
        {
            same = (await one.NextAsync()).Data;
        }

        Assert.Equal(next.ToJsonString(), same.ToJsonString());
    }

    [Fact]
    public async Task Numbers_go_on_when_nobody_looked_for_a_while_and_never_fit_what_came_before()
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        long last;
        await using (var events = await EventStream.OpenAsync(metrics))
        {
            last = (long)(await events.NextAsync()).Data["seq"]!;
        }

        await Eventually.HoldsAsync("nobody looks", async () => await metrics.SampleAsync("footfall_live_viewers") == 0);
        await using var again = await EventStream.OpenAsync(metrics);
        Assert.True((long)(await again.NextAsync()).Data["seq"]! > last + 1);
    }

    [Fact]
    public async Task A_stop_ends_it_at_once()
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        await using var events = await EventStream.OpenAsync(metrics);
        await events.NextAsync();

        var stopped = metrics.App.StopAsync();
        while ((await events.NextLinesAsync()).Length > 0)
        {
            // What was on its way.
        }

        await stopped;
    }

    [Fact]
    public async Task One_viewer_more_than_may_be_is_refused_and_counted()
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        var counters = metrics.App.Services.GetRequiredService<Exposure>().Viewers;
        for (var i = 0; i < LiveFeed.MaxViewers; i++)
        {
            Assert.True(counters.TryEnter(LiveFeed.MaxViewers));
        }

        using var refused = await metrics.GetAsync("/api/v1/live");
        Assert.Equal(
            """
            503
            Cache-Control: no-store
            Content-Type: application/problem+json
            Retry-After: 5

            {"type":"https://tools.ietf.org/html/rfc9110#section-15.6.4","title":"As many look at the board as may.","status":503,"detail":"there are 1000 viewers, and no more may be","reason":"too_many_viewers"}
            """,
            await RunningService.WholeAsync(refused));
        Assert.Equal(1, await metrics.SampleAsync("footfall_live_viewers_refused_total"));

        counters.Leave();
        await using var taken = await EventStream.OpenAsync(metrics);
        Assert.Equal("state", (await taken.NextAsync()).Name);
    }

    [Fact]
    public async Task Totals_are_those_of_the_board()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer());
        (await collector.PostAsync($"[{Given.Click("1")},{Given.Click("1")}]")).Dispose();
        JsonObject totals = [];
        await Eventually.HoldsAsync("it is counted", async () =>
        {
            totals = JsonNode.Parse(await metrics.GetTextAsync("/api/v1/totals?app=shop"))!.AsObject();
            return (long)totals["total"]! == 1 && (long)totals["health"]!["lag"]! == 0;
        });

        Assert.Equal((2L, 1L, 1L), ((long)totals["health"]!["written"]!, (long)totals["health"]!["counted"]!, (long)totals["health"]!["duplicates"]!));
        Assert.Equal(
            ["app", "apps", "at", "funnels", "health", "morePages", "moreTargets", "now", "pages", "targets", "total", "upTo", "value"],
            totals.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal("blog", (string?)JsonNode.Parse(await metrics.GetTextAsync("/api/v1/totals"))!["app"]);
    }

    [Fact]
    public async Task Series_of_what_was_just_done_add_up()
    {
        var time = new FakeTime();
        var log = new MemoryLog(time: time);
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), time: time);
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer(), time: time);
        (await collector.PostAsync($"[{Given.Click("1")},{Given.Click("2")},{Given.Click("3").Replace("Enroll Now", "Buy Now", StringComparison.Ordinal)}]")).Dispose();
        JsonObject series = [];
        await Eventually.HoldsAsync("it is counted", async () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            series = JsonNode.Parse(await metrics.GetTextAsync("/api/v1/series?app=shop&range=5m&step=10s"))!.AsObject();
            return series["total"]!.AsArray().Sum(count => (long)count!) == 3;
        });

        var (from, to) = ((long)series["from"]!, (long)series["to"]!);
        Assert.Equal((0L, 0L, 10L), (from % 10, to % 10, (long)series["step"]!));
        Assert.Equal(["Enroll Now", "Buy Now"], series["series"]!.AsArray().Select(row => (string?)row!["target"])); // nothing else was done
        Assert.Equal([2L, 1], series["series"]!.AsArray().Select(row => row!["counts"]!.AsArray().Sum(count => (long)count!)));
        Assert.All(series["series"]!.AsArray(), row => Assert.Equal((to - from) / 10, row!["counts"]!.AsArray().Count));

        var buyNow = JsonNode.Parse(await metrics.GetTextAsync("/api/v1/series?app=shop&target=Buy%20Now&type=click"))!;
        Assert.Equal(1, buyNow["total"]!.AsArray().Sum(count => (long)count!));
        Assert.Single(buyNow["series"]!.AsArray());
        var page = JsonNode.Parse(await metrics.GetTextAsync("/api/v1/series?app=shop&page=/"))!;
        Assert.Equal((3L, "/"), (page["total"]!.AsArray().Sum(count => (long)count!), (string?)Assert.Single(page["series"]!.AsArray())!["page"]));
        Assert.Empty(JsonNode.Parse(await metrics.GetTextAsync("/api/v1/series?app=shop&page=/none"))!["series"]!.AsArray());
    }

    [Theory]
    [InlineData("/api/v1/series?app=none", 404, "unknown_app", "app must be one of blog, shop")]
    [InlineData("/api/v1/totals?app=", 404, "unknown_app", "app must be one of blog, shop")]
    [InlineData("/api/v1/live?app=Shop", 404, "unknown_app", "app must be one of blog, shop")]
    [InlineData("/api/v1/series?range=3h", 400, "invalid_range", "range must be a number of seconds (300s), minutes (5m) or hours (2h), from 1s to 2h")]
    [InlineData("/api/v1/series?range=7201", 400, "invalid_range", null)]
    [InlineData("/api/v1/series?range=0s", 400, "invalid_range", null)]
    [InlineData("/api/v1/series?range=-5m", 400, "invalid_range", null)]
    [InlineData("/api/v1/series?range=5%20m", 400, "invalid_range", null)]
    [InlineData("/api/v1/series?range=99999999999999m", 400, "invalid_range", null)]
    [InlineData("/api/v1/series?range=2147483647h", 400, "invalid_range", null)]
    [InlineData("/api/v1/series?range=m", 400, "invalid_range", null)]
    [InlineData("/api/v1/series?range=5%D9%A0m", 400, "invalid_range", null)]
    [InlineData("/api/v1/series?step=0", 400, "invalid_step", null)]
    [InlineData("/api/v1/series?range=1m&step=2m", 400, "invalid_step", "step must be a number of seconds (300s), minutes (5m) or hours (2h), from 1s to 2h, and no longer than range")]
    [InlineData("/api/v1/series?page=/&target=x", 400, "invalid_selection", null)]
    public async Task What_cannot_be_answered_is_told_with_what_can(string path, int status, string reason, string? detail)
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        using var answer = await metrics.GetAsync(path);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.Equal(("application/problem+json", status, reason), (answer.Content.Headers.ContentType?.ToString(), (int)answer.StatusCode, (string?)problem["reason"]));
        Assert.Equal(detail ?? (string?)problem["detail"], (string?)problem["detail"]);
    }

    [Fact]
    public async Task A_range_is_read_in_each_of_its_forms_and_has_a_step_that_fits()
    {
        var time = new FakeTime();
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog(time: time).OpenConsumer(), time: time);
        foreach (var (query, range, step) in new[]
        {
            ("", 300, 1), ("?range=90", 90, 1), ("?range=301s", 301, 5), ("?range=30m", 1_800, 5), ("?range=2h", 7_200, 20), ("?range=2h&step=1m", 7_200, 60),
            ("?range=7s&step=5", 7, 5), ("?range=300&step=299", 300, 299), ("?range=300&step=300", 300, 300), ("?range=2h&step=7199", 7_200, 7_199), ("?range=1&step=1", 1, 1),
        })
        {
            var now = time.GetUtcNow().ToUnixTimeSeconds();
            var series = JsonNode.Parse(await metrics.GetTextAsync("/api/v1/series" + query))!;
            var (from, to) = ((long)series["from"]!, (long)series["to"]!);
            Assert.Equal((0L, 0L, step), (from % step, to % step, (int)series["step"]!));
            Assert.InRange(now + 1 - range, from, from + step - 1); // all of the range, and less than a step before it
            Assert.InRange(now + 1, to - step + 1, to);
            Assert.Equal((to - from) / step, series["total"]!.AsArray().Count);
            Assert.Empty(series["series"]!.AsArray());
        }
    }

    [Fact]
    public async Task What_was_done_within_the_range_is_in_the_series_whatever_the_step()
    {
        var time = new FakeTime();
        var log = new MemoryLog(time: time);
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), time: time);
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer(), time: time);
        (await collector.PostAsync(Given.Click("1"))).Dispose();
        var done = time.GetUtcNow().ToUnixTimeSeconds();
        await Eventually.HoldsAsync("it is counted", async () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            return (long)JsonNode.Parse(await metrics.GetTextAsync("/api/v1/totals?app=shop"))!["total"]! == 1;
        });

        time.Advance(TimeSpan.FromSeconds(done + 299 - time.GetUtcNow().ToUnixTimeSeconds()));
        for (var step = 1; step <= 300; step++)
        {
            var series = JsonNode.Parse(await metrics.GetTextAsync($"/api/v1/series?app=shop&range=300&step={step}"))!;
            Assert.Equal((step, 1), (step, (int)series["total"]!.AsArray().Sum(count => (long)count!)));
        }
    }

    [Fact]
    public async Task Health_says_in_a_sentence_what_is_wrong_and_how_bad_it_is()
    {
        var time = new FakeTime();
        var log = new MemoryLog(time: time);
        CollectorNumbers? numbers = null;
        await using var app = MetricsHost.Build(Given.TwoApps, log.OpenConsumer(), time, () => numbers);
        await app.StartAsync();
        using var http = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(http, disposeHandler: false) { BaseAddress = new Uri(app.Urls.Single()) };
        async Task<JsonNode> HealthAsync()
        {
            time.Advance(TotalsDocuments.MaxAge);
            return JsonNode.Parse(await client.GetStringAsync(new Uri("/api/v1/totals", UriKind.Relative)))!["health"]!;
        }

        async Task UntilAsync(string level, string message)
        {
            var said = "";
            await Eventually.HoldsAsync($"it is {level}: {message}", async () =>
            {
                var told = await HealthAsync();
                said = (string?)told["message"] ?? "";
                time.Advance(TimeSpan.FromMilliseconds(250));
                return (string?)told["level"] == level && said.StartsWith(message, StringComparison.Ordinal);
            });
        }

        await UntilAsync("ok", "");
        Assert.Null((await HealthAsync())["accepted"]);

        numbers = new CollectorNumbers(7, 2, new SpoolStatus(TimeSpan.FromSeconds(40), 812, 1, 2, 3, 4));
        var health = await HealthAsync();
        Assert.Equal(("warn", 7L, 2L, 812L, 40L), ((string?)health["level"], (long)health["accepted"]!, (long)health["rejected"]!, (long)health["spool"]!["records"]!, (long)health["spool"]!["awaySeconds"]!));
        Assert.Equal("The log does not take interactions for 40 s; they wait in the spool: 812.", (string?)health["message"]);
        Assert.StartsWith("Nothing is lost.", (string?)health["advice"], StringComparison.Ordinal);
        numbers = null;

        for (var i = 0; i < 1_000; i++)
        {
            log.Faults.Commits.Enqueue(Fault.Full);
        }

        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), time: time);
        (await collector.PostAsync(Given.Click("1"))).Dispose();
        await UntilAsync("warn", "What was counted can't be committed for ");
        await UntilAsync("bad", "What was counted can't be committed for ");
        log.Faults.Commits.Clear();
        await UntilAsync("ok", "");

        log.Faults.Away = true;
        await UntilAsync("bad", "The log does not answer for ");
        log.Faults.Away = false;
        await UntilAsync("ok", "");
    }

    [Fact]
    public async Task Its_own_description_is_as_reviewed()
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        var described = (await metrics.GetTextAsync("/openapi/v1.json"))
            .Replace(metrics.Address.Authority, "HOST", StringComparison.Ordinal)
            .Replace($"\"version\": \"{ServiceHost.Version}\"", "\"version\": \"VERSION\"", StringComparison.Ordinal);

        await Golden.EqualsAsync("openapi-metrics.json", described + "\n");
    }
}
