using System.Text;
using CsCheck;
using Footfall.Expose;
using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Capture;

/// <summary>From a request's bytes to the log, with what is told and counted.</summary>
public sealed class CollectorTests
{
    private readonly MemoryLog _log = new();
    private readonly CaptureCounters _counters = new(new AppTable([Reading.Shop]));
    private readonly Collector _collector;

    public CollectorTests() =>
        _collector = new Collector(Reading.Reader(), _log.OpenWriter(), _counters, Reading.Clock());

    [Fact]
    public async Task Interactions_are_accepted_once_the_log_has_them()
    {
        var outcome = await Take("""[{"id":"1","target":"a"},{"id":""},{"id":"2","target":"b"}]""");
        Assert.Null(outcome.Refusal);
        Assert.Equal(2, outcome.Accepted);
        Assert.Equal(new Rejection(1, RejectReason.InvalidId), Assert.Single(outcome.Rejections));
        Assert.Equal(2, _log.End(0));
        Assert.Contains("\"id\":\"2\"", Encoding.UTF8.GetString(_log.Values(0)[1]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_accepted_before_the_log_has_it()
    {
        var held = new TaskCompletionSource();
        _log.Faults.Hold = held.Task;
        var taking = Take("""{"id":"1","target":"a"}""").AsTask();
        Assert.False(taking.IsCompleted);
        Assert.Equal(0, _log.End(0));
        held.SetResult();
        Assert.Equal(1, (await taking).Accepted);
        Assert.Equal(1, _log.End(0));
    }

    [Theory]
    [InlineData("", Refusal.Unreadable)]
    [InlineData("[]", Refusal.Unreadable)]
    [InlineData("nothing", Refusal.Unreadable)]
    [InlineData("""[{"id":""},{"value":-1}]""", Refusal.AllRejected)]
    public async Task Request_with_nothing_to_take_is_refused(string body, Refusal refusal)
    {
        var outcome = await Take(body);
        Assert.Equal(refusal, outcome.Refusal);
        Assert.Equal(0, outcome.Accepted);
        Assert.Equal(refusal == Refusal.AllRejected ? 2 : 0, outcome.Rejections.Count);
        Assert.Equal(0, _log.End(0));
        Assert.Contains($"footfall_refused_requests_total{{reason=\"{refusal.Name()}\"}} 1\n", Metrics(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_interactions_are_refused_as_a_whole()
    {
        var outcome = await Take($"[{string.Join(',', Enumerable.Repeat("""{"target":"t"}""", CaptureLimits.BatchCount + 1))}]");
        Assert.Equal(Refusal.TooManyInteractions, outcome.Refusal);
        Assert.Contains("10000", outcome.Detail, StringComparison.Ordinal);
        Assert.Equal(0, _log.End(0));
    }

    [Theory]
    [InlineData(Fault.Before, 0)]
    [InlineData(Fault.Midway, 1)]
    [InlineData(Fault.After, 2)]
    [InlineData(Fault.Full, 0)]
    public async Task What_the_log_may_not_have_is_not_accepted(Fault fault, long written)
    {
        _log.Faults.Appends.Enqueue(fault);
        var outcome = await Take("""[{"id":"1","target":"a"},{"id":"2","target":"b"},{"id":""}]""");
        Assert.Equal(Refusal.LogUnavailable, outcome.Refusal);
        Assert.NotNull(outcome.Detail);
        Assert.Equal(0, outcome.Accepted);
        Assert.Equal(written, _log.End(0));
        Assert.Contains("footfall_rejected_total{app=\"shop\",reason=\"log_unavailable\"} 2\n", Metrics(), StringComparison.Ordinal);
        Assert.Contains("footfall_received_total{app=\"shop\"} 3\n", Metrics(), StringComparison.Ordinal);
        Assert.Equal(3, (await Take("""[{"id":"1","target":"a"},{"id":"2","target":"b"},{"id":"3","target":"c"}]""")).Accepted);
    }

    [Fact]
    public async Task Received_is_accepted_and_rejected_whatever_comes_and_fails()
    {
        var interaction = Gen.OneOf<(string Json, string App)>(
            ("""{"target":"t"}""", "shop"),
            ("""{"id":"","target":"t"}""", "shop"),
            ("""{"target":"t","value":-1}""", "shop"),
            ("""{"target":"t","app":"other"}""", CaptureCounters.UnknownApp),
            ("5", CaptureCounters.UnknownApp));
        var sender = Gen.OneOf(BotKind.None, BotKind.None, BotKind.None, BotKind.Crawler, BotKind.Prefetch);
        await Gen.Select(interaction.Array[1, 6], Gen.OneOf(Fault.None, Fault.None, Fault.Before, Fault.Midway, Fault.After, Fault.Full), sender, Gen.Int[0, 3])
            .Array[1, 20].SampleAsync(async requests =>
            {
                var log = new MemoryLog();
                var clock = Reading.Clock();
                var shop = new App("shop", [], []) { Limit = new AppLimit(3) };
                var counters = new CaptureCounters(new AppTable([shop]));
                var collector = new Collector(new InteractionReader(new AppTable([shop]), clock), log.OpenWriter(), counters, clock);
                var (accepted, bots) = (0, 0);
                foreach (var (interactions, fault, bot, seconds) in requests)
                {
                    clock.Advance(TimeSpan.FromSeconds(seconds));
                    log.Faults.Appends.Clear();
                    log.Faults.Appends.Enqueue(fault);
                    var body = $"[{string.Join(',', interactions.Select(one => one.Json))}]";
                    var outcome = await collector.TakeAsync(Encoding.UTF8.GetBytes(body), BodyForm.Json, new Sender(Bot: bot));
                    accepted += outcome.Accepted;
                    bots += outcome.Bots;
                    // Each has an outcome of its own, but where the log says nothing of any.
                    Assert.True(
                        outcome.Refusal == Refusal.LogUnavailable
                        || interactions.Length == outcome.Accepted + outcome.Bots + outcome.Rejections.Count + outcome.Retries.Count);
                }

                var metrics = counters.Page();
                foreach (var app in new[] { "shop", CaptureCounters.UnknownApp })
                {
                    var received = requests.Sum(request => request.Item1.Count(one => one.App == app));
                    Assert.Equal(received, Sum(metrics, $"footfall_received_total{{app=\"{app}\"}}"));
                    Assert.Equal(
                        received,
                        Sum(metrics, $"footfall_accepted_total{{app=\"{app}\"}}") + Sum(metrics, $"footfall_rejected_total{{app=\"{app}\",")
                        + Sum(metrics, $"footfall_bots_total{{app=\"{app}\","));
                }

                Assert.Equal(accepted, Sum(metrics, "footfall_accepted_total{"));
                Assert.Equal(bots, Sum(metrics, "footfall_bots_total{"));
                Assert.True(accepted <= log.End(0));
            }, iter: 300);
    }

    [Fact]
    public async Task What_waits_for_the_log_is_in_flight()
    {
        var hold = new TaskCompletionSource();
        _log.Faults.Hold = hold.Task;
        var taken = Take("""[{"id":"1","target":"a"},{"id":"2","target":"b"},{"id":""}]""");
        Assert.Contains("footfall_received_total{app=\"shop\"} 3\n", Metrics(), StringComparison.Ordinal);
        Assert.Contains("footfall_in_flight{app=\"shop\"} 2\n", Metrics(), StringComparison.Ordinal);
        Assert.Contains("footfall_accepted_total{app=\"shop\"} 0\n", Metrics(), StringComparison.Ordinal);

        hold.SetResult();
        await taken;
        Assert.Contains("footfall_in_flight{app=\"shop\"} 0\n", Metrics(), StringComparison.Ordinal);
        Assert.Contains("footfall_accepted_total{app=\"shop\"} 2\n", Metrics(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_scrape_between_requests_is_whole()
    {
        var end = new CancellationTokenSource();
        var senders = new[] { BotKind.None, BotKind.Crawler }.Select(bot => (Bot: bot, Sends: new TaskCompletionSource())).ToArray();
        var sending = senders.Select(sender => Task.Run(
            async () =>
            {
                while (!end.IsCancellationRequested)
                {
                    await Take("""[{"target":"a"},{"target":"b"},{"id":""}]""", new Sender(Bot: sender.Bot));
                    sender.Sends.TrySetResult();
                }
            },
            TestContext.Current.CancellationToken)).ToArray();

        // A busy machine may begin both only after the last scrape.
        await Task.WhenAll(senders.Select(sender => sender.Sends.Task)).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        for (var scrape = 0; scrape < 500; scrape++)
        {
            var metrics = Metrics();
            Assert.Equal(
                Sum(metrics, "footfall_received_total{app=\"shop\"}"),
                Sum(metrics, "footfall_accepted_total{app=\"shop\"}") + Sum(metrics, "footfall_rejected_total{app=\"shop\",")
                + Sum(metrics, "footfall_bots_total{app=\"shop\",") + Sum(metrics, "footfall_in_flight{app=\"shop\"}"));
        }

        await end.CancelAsync();
        await Task.WhenAll(sending);
        Assert.NotEqual(0, Sum(Metrics(), "footfall_accepted_total{app=\"shop\"}"));
        Assert.NotEqual(0, Sum(Metrics(), "footfall_bots_total{app=\"shop\","));
    }

    [Fact]
    public async Task Cut_texts_are_counted()
    {
        await Take($$"""[{"target":"{{new string('x', 201)}}","page":"/{{new string('y', 201)}}"},{"target":"{{new string('x', 201)}}"},{"target":"t"}]""");
        Assert.Contains("footfall_shortened_total{field=\"target\"} 2\n", Metrics(), StringComparison.Ordinal);
        Assert.Contains("footfall_shortened_total{field=\"page\"} 1\n", Metrics(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MetricsFormat.Text)]
    [InlineData(MetricsFormat.OpenMetrics)]
    public async Task Document_is_this(MetricsFormat format)
    {
        await Take("""[{"id":"1","target":"a"},{"id":""},{"app":"other","target":"t"}]""");
        await Take("nothing");
        Golden.Equal($"collector.{Golden.Extension(format)}", _counters.Page(format));
    }

    private static long Sum(string metrics, string prefix) => metrics.Split('\n')
        .Where(line => line.StartsWith(prefix, StringComparison.Ordinal))
        .Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));

    private string Metrics() => _counters.Page();

    private ValueTask<CaptureOutcome> Take(string body, Sender sender = default) => _collector.TakeAsync(Encoding.UTF8.GetBytes(body), BodyForm.Json, sender);
}
