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

    [Fact]
    public async Task What_is_owed_is_owed_under_a_new_configuration_too()
    {
        var apps = new CurrentApps(new AppTable([new App("few", [], []) { Limit = new AppLimit(2) }]));
        var collector = new Collector(new InteractionReader(apps, _clock), new MemoryLog().OpenWriter(), new CaptureCounters(apps.Table), _clock);
        await collector.TakeAsync(Of(24, "few"), BodyForm.Json, default);

        apps.Replace(new AppTable([new App("few", [], []) { Limit = new AppLimit(2) }]));

        Assert.Equal(10, (await collector.TakeAsync(Of(1, "few"), BodyForm.Json, default)).RetryAfter);
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
