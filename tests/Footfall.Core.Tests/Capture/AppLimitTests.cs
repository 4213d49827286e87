using System.Text;
using Footfall.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Capture;

/// <summary>What is over an app's limit is to be sent again, and an app's limit is no other's.</summary>
public sealed class AppLimitTests
{
    private readonly FakeTimeProvider _clock = Reading.Clock();
    private readonly Collector _collector;

    public AppLimitTests()
    {
        var apps = new AppTable([new App("few", [], []) { Limit = new AppLimit(2) }, new App("many", [], [])]);
        _collector = new Collector(new InteractionReader(apps, _clock), new MemoryLog().OpenWriter(), new CaptureCounters(apps), _clock);
    }

    [Fact]
    public async Task Of_a_batch_each_app_is_taken_or_held_back_whole_and_each_interaction_has_its_outcome()
    {
        Assert.Equal(6, (await Take(6, "few")).Accepted); // a burst of four, and of a request that begins within it the rest

        var outcome = await Take("""[{"app":"few","target":"t"},{"app":"many","target":"t"},{"app":"few","target":"t"},{"app":"many","id":""}]""");

        Assert.Null(outcome.Refusal);
        Assert.Equal(1, outcome.Accepted);
        Assert.Equal([new Rejection(0, RejectReason.AppRateLimited), new Rejection(2, RejectReason.AppRateLimited)], outcome.Retries);
        Assert.Equal([new Rejection(3, RejectReason.InvalidId)], outcome.Rejections);
        Assert.Equal(1, outcome.RetryAfter);
    }

    [Fact]
    public void What_is_taken_is_counted_for_its_app_whatever_the_order_and_without_what_is_held_back()
    {
        var apps = new AppTable([new App("few", [], []) { Limit = new AppLimit(2) }, new App("many", [], [])]);
        var counters = new CaptureCounters(apps);
        using var batch = new InteractionReader(apps, _clock).Read(
            Encoding.UTF8.GetBytes("[" + string.Join(',', "few many few few many few few few few".Split(' ').Select(app => $$"""{"app":"{{app}}","target":"t"}""")) + "]"), BodyForm.Json, default);
        Assert.Equal([("few", 7), ("many", 2)], PerApp(batch));

        counters.Receive(batch);
        Assert.Equal((0, 0), counters.Sum());
        counters.Settle(batch, appended: true);
        Assert.Equal((9, 0), counters.Sum());
        var page = counters.Page();
        Assert.Contains("footfall_accepted_total{app=\"few\"} 7\n", page, StringComparison.Ordinal);
        Assert.Contains("footfall_accepted_total{app=\"many\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("footfall_in_flight{app=\"few\"} 0\n", page, StringComparison.Ordinal);

        apps.All[0].Limit.TryTake(100, _clock, out _);
        Assert.True(batch.HoldBack(_clock) > TimeSpan.Zero);
        Assert.Equal([("many", 2)], PerApp(batch));
    }

    private static IEnumerable<(string, int)> PerApp(CapturedBatch batch) => batch.PerApp.Select(taken => (taken.App.Name, taken.Count));

    [Fact]
    public async Task Where_all_are_held_back_the_request_is_refused_until_what_is_owed_has_passed()
    {
        await Take(24, "few"); // 20 beyond the burst: ten seconds

        var outcome = await Take(1, "few");
        Assert.Equal(Refusal.AppRateLimited, outcome.Refusal);
        Assert.Equal(10, outcome.RetryAfter);
        Assert.Equal(new Rejection(0, RejectReason.AppRateLimited), Assert.Single(outcome.Retries));

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Refusal.AppRateLimited, (await Take(1, "few")).Refusal);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, (await Take(1, "few")).Accepted);
    }

    [Theory]
    [InlineData(2, 10)]
    [InlineData(22, 0)] // 24 of them: what a higher limit has room for at once is no debt
    [InlineData(4, 4)] // half of 12 s, of which 2 s are the burst
    [InlineData(1, 10)] // what was owed under another limit is not made to last longer
    public async Task What_is_owed_is_owed_under_a_new_configuration_too(int limit, int wait)
    {
        var apps = new CurrentApps(new AppTable([new App("few", [], []) { Limit = new AppLimit(2) }]));
        var collector = new Collector(new InteractionReader(apps, _clock), new MemoryLog().OpenWriter(), new CaptureCounters(apps.Table), _clock);
        await collector.TakeAsync(Of(24, "few"), BodyForm.Json, default);

        apps.Replace(new AppTable([new App("few", [], []) { Limit = new AppLimit(limit) }]), _clock);

        Assert.Equal(wait, (await collector.TakeAsync(Of(1, "few"), BodyForm.Json, default)).RetryAfter ?? 0);
    }

    [Fact]
    public async Task In_the_long_run_as_many_are_taken_as_the_limit_says()
    {
        var accepted = 0;
        for (var second = 0; second < 1_000; second++)
        {
            accepted += (await Take(5, "few")).Accepted;
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(accepted, 2_000, 2_010);
    }

    private ValueTask<CaptureOutcome> Take(int count, string app) => Take(Of(count, app));

    private ValueTask<CaptureOutcome> Take(string body) => Take(Encoding.UTF8.GetBytes(body));

    private ValueTask<CaptureOutcome> Take(byte[] body) => _collector.TakeAsync(body, BodyForm.Json, default);

    private static byte[] Of(int count, string app) =>
        Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat($$"""{"app":"{{app}}","target":"t"}""", count))}]");
}
