using System.Text.Json;
using Footfall.Capture;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>What strangers are told whose interactions are held back, set aside, or of another time.</summary>
public sealed class PublicAnswersTests
{
    private const string Headless = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36";

    [Fact]
    public async Task Of_a_batch_that_is_partly_over_a_limit_each_is_told_and_when_to_come_back()
    {
        await using var collector = await LimitedAsync();
        (await collector.PostAsync($"[{Given.Click("1")},{Given.Click("2")},{Given.Click("3")},{Given.Click("4")}]")).Dispose();

        using var answer = await collector.PostAsync(
            $$"""[{{Given.Click("5")}},{"app":"blog","target":"Read"},{"app":"blog"},{{Given.Click("6")}}]""");

        Assert.Equal(
            """
            202
            Content-Type: application/json
            Retry-After: 2

            {"accepted":1,"rejected":[
            {"index":2,"reason":"invalid_target","detail":"target must be a text that is not empty (only a view or leave may have none)"}],"retry":[
            {"index":0,"reason":"app_rate_limited","detail":"more interactions of this app a second than its limit; send it again with the same id"},
            {"index":3,"reason":"app_rate_limited","detail":"more interactions of this app a second than its limit; send it again with the same id"}]}
            """,
            await RunningService.WholeAsync(answer));
        Assert.Equal(2, await collector.SampleAsync("""footfall_rejected_total{app="shop",reason="app_rate_limited"}"""));
    }

    [Fact]
    public async Task Where_all_are_over_a_limit_the_request_is_429()
    {
        await using var collector = await LimitedAsync();
        (await collector.PostAsync($"[{Given.Click("1")},{Given.Click("2")},{Given.Click("3")},{Given.Click("4")}]")).Dispose();

        using var answer = await collector.PostAsync($$"""[{{Given.Click("5")}},{"app":"shop"}]""");

        Assert.Equal(
            """
            429
            Content-Type: application/problem+json
            Retry-After: 2

            {"type":"https://tools.ietf.org/html/rfc6585#section-4","title":"Too many interactions of this app.","status":429,"detail":"send the same again later; with the same ids it counts once","reason":"app_rate_limited","rejected":[
            {"index":1,"reason":"invalid_target","detail":"target must be a text that is not empty (only a view or leave may have none)"}],"retry":[
            {"index":0,"reason":"app_rate_limited","detail":"more interactions of this app a second than its limit; send it again with the same id"}]}
            """,
            await RunningService.WholeAsync(answer));
        Assert.Equal(1, await collector.SampleAsync("""footfall_refused_requests_total{reason="app_rate_limited"}"""));
    }

    [Theory]
    [InlineData("User-Agent", Headless, "automation")]
    [InlineData("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "crawler")]
    [InlineData("Sec-Purpose", "prefetch;prerender", "prefetch")]
    [InlineData("Purpose", "prefetch", "prefetch")]
    [InlineData("X-Moz", "prefetch", "prefetch")]
    public async Task What_no_person_did_is_counted_apart(string header, string value, string kind)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var answer = await collector.PostToAsync("", $$"""[{{Given.Click("1")}},{"app":"shop"}]""", (header, value));

        Assert.Equal(
            """
            202
            Content-Type: application/json

            {"accepted":0,"rejected":[
            {"index":1,"reason":"invalid_target","detail":"target must be a text that is not empty (only a view or leave may have none)"}],"bots":1}
            """,
            await RunningService.WholeAsync(answer));
        Assert.Equal(0, log.End(0));
        Assert.Equal(1, await collector.SampleAsync($$"""footfall_bots_total{app="shop",kind="{{kind}}"}"""));
        Assert.Equal(2, await collector.SampleAsync("""footfall_received_total{app="shop"}"""));
        Assert.Equal(1, await collector.SampleAsync("""footfall_rejected_total{app="shop",reason="invalid_target"}"""));
    }

    [Fact]
    public async Task An_app_that_counts_them_takes_them_like_people_and_so_does_the_demo()
    {
        var log = new MemoryLog();
        var demo = new FootfallOptions { Capture = new CaptureSection { Listen = "http://127.0.0.1:0" } };
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), demo);

        using var answer = await collector.PostToAsync("", """{"target":"Buy Now"}""", ("User-Agent", Headless));

        Assert.Equal("""{"accepted":1,"rejected":[]}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(1, log.End(0));
        Assert.Equal(0, await collector.SampleAsync("""footfall_bots_total{app="demo",kind="automation"}"""));
    }

    [Theory]
    [InlineData(0, "2026-11-24T05:29:47.123Z", 0)]
    [InlineData(-3_600_000, "2026-11-24T05:29:47.123Z", 1)] // an hour slow
    [InlineData(86_400_000, "2026-11-24T05:29:47.123Z", 1)] // a day fast
    public async Task A_clock_that_is_wrong_is_seen_by_the_time_of_sending(long off, string kept, int corrected)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), time: new FakeTime());
        var theirs = Given.Now.ToUnixTimeMilliseconds() + off;

        using var answer = await collector.PostToAsync(
            FormattableString.Invariant($"?sent={theirs}"), FormattableString.Invariant($$"""{"app":"shop","target":"t","at":{{theirs - 1_000}}}"""));

        Assert.Equal("""{"accepted":1,"rejected":[]}""", await answer.Content.ReadAsStringAsync());
        using var record = JsonDocument.Parse(Assert.Single(log.Values(0)));
        Assert.Equal(kept, record.RootElement.GetProperty("at").GetString());
        Assert.Equal(corrected, await collector.SampleAsync("footfall_clock_corrected_total"));
        Assert.Equal(0, await collector.SampleAsync("""footfall_clamped_total{bound="future"}"""));
    }

    [Theory]
    [InlineData("?sent=yesterday")]
    [InlineData("?sent=")]
    [InlineData("?sent=1e12")]
    [InlineData("?sent=99999999999999999999")]
    [InlineData("?sent=1&sent=2")]
    public async Task A_time_of_sending_that_is_none_is_told(string query)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var answer = await collector.PostToAsync(query, Given.Click("1"));

        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains("sent must be the time of sending in Unix milliseconds", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await collector.SampleAsync("""footfall_refused_requests_total{reason="unreadable"}"""));
    }

    [Fact]
    public void Every_429_and_503_says_when_to_come_back() => Assert.All(
        Refusals.All.Where(refusal => refusal.Status() is 429 or 503),
        refusal => Assert.NotNull(refusal.RetryAfter()));

    private static Task<RunningService> LimitedAsync()
    {
        var options = Given.TwoApps;
        options.Capture.Apps["shop"] = options.Capture.Apps["shop"] with { MaxInteractionsPerSecond = 1 };
        return RunningService.CollectorAsync(new MemoryLog().OpenWriter(), options, new FakeTime());
    }
}
