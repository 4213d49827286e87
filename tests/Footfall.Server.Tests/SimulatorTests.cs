using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Footfall.Capture;
using Footfall.Server.Capture;
using Microsoft.Extensions.Logging.Abstractions;

namespace Footfall.Server.Tests;

/// <summary>The simulated visitors of <c>footfall up --simulate</c>.</summary>
public sealed class SimulatorTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly FakeTime _time = new();
    private readonly StubCollector _collector = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Cancel();
        _collector.Dispose();
        _stop.Dispose();
    }

    [Theory]
    [InlineData(50)]
    [InlineData(1_000)]
    public async Task As_many_are_sent_in_a_time_as_the_rate_says(int rate)
    {
        var run = Start(rate);
        var sent = 0;
        for (var tick = 1; tick <= 50; tick++)
        {
            sent += LinesOf(await NextAsync()).Length;
            Assert.InRange(sent, (rate * tick / 10) - 1, rate * tick / 10);
        }

        Assert.Equal(rate * 5, sent);
        await StopAsync(run);
    }

    [Fact]
    public async Task Every_interaction_is_taken_and_has_an_id_of_its_own()
    {
        var run = Start(2_000);
        var reader = new InteractionReader(new AppTable([new App("demo", ["local"], [])]), _time);
        var ids = new HashSet<string?>(StringComparer.Ordinal);
        for (var tick = 0; tick < 20; tick++)
        {
            var body = await NextAsync();
            using var batch = reader.Read(body, BodyForm.Lines, default);
            Assert.Null(batch.Unreadable);
            Assert.Empty(batch.Rejections);
            Assert.All(LinesOf(body), line => Assert.True(ids.Add(line.GetProperty("id").GetString())));
        }

        await StopAsync(run);
    }

    [Fact]
    public async Task Nobody_buys_before_they_enroll()
    {
        var run = Start(200);
        var enrolled = new HashSet<string?>(StringComparer.Ordinal);
        var bought = 0;
        for (var tick = 0; tick < 400; tick++)
        {
            foreach (var line in LinesOf(await NextAsync()))
            {
                var visitor = line.GetProperty("visitor").GetString();
                switch (line.TryGetProperty("target", out var target) ? target.GetString() : null)
                {
                    case "Enroll Now":
                        enrolled.Add(visitor);
                        break;
                    case "Buy Now":
                        bought++;
                        Assert.Contains(visitor, enrolled);
                        Assert.True(line.GetProperty("value").GetDecimal() > 0);
                        break;
                }
            }
        }

        Assert.InRange(bought, 1, enrolled.Count);
        await StopAsync(run);
    }

    [Theory]
    [InlineData("503")]
    [InlineData("429")]
    [InlineData("broken")]
    [InlineData("timeout")]
    public async Task What_could_not_be_sent_is_sent_again_as_it_was(string failure)
    {
        _collector.Failures.Enqueue(failure);
        _collector.Failures.Enqueue(failure);
        var run = Start(50);
        var first = await NextAsync();

        Assert.Equal(first, await NextAsync(TimeSpan.FromSeconds(1)));
        Assert.Equal(first, await NextAsync(TimeSpan.FromSeconds(1)));
        Assert.NotEqual(first, await NextAsync());
        await StopAsync(run);
    }

    [Fact]
    public async Task What_is_refused_for_good_is_not_sent_again()
    {
        _collector.Failures.Enqueue("400");
        var run = Start(50);

        Assert.NotEqual(await NextAsync(), await NextAsync());
        await StopAsync(run);
    }

    [Fact]
    public async Task An_outage_is_not_made_up_for_with_a_burst()
    {
        for (var i = 0; i < 30; i++)
        {
            _collector.Failures.Enqueue("503");
        }

        var run = Start(50);
        var body = await NextAsync();
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(body, await NextAsync(TimeSpan.FromSeconds(1)));
        }

        Assert.InRange(LinesOf(await NextAsync()).Length, 1, 50); // a second's worth at most, of 30
        await StopAsync(run);
    }

    private static JsonElement[] LinesOf(byte[] body) =>
        [.. Encoding.UTF8.GetString(body).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];

    private Task Start(int rate) =>
        new Simulator(new Uri("http://collector.test/"), "demo", rate, _time, NullLogger<Simulator>.Instance).RunAsync(_collector, _stop.Token);

    /// <summary>Time goes on until the next request has come.</summary>
    private async Task<byte[]> NextAsync(TimeSpan? step = null)
    {
        byte[]? body = null;
        _time.Advance(step ?? Tick);
        await Eventually.HoldsAsync("a request came", () =>
        {
            if (_collector.Bodies.Reader.TryRead(out body))
            {
                return true;
            }

            if (step is { } again)
            {
                // The wait may have begun after the time went on.
                _time.Advance(again);
            }

            return false;
        });
        return body!;
    }

    private async Task StopAsync(Task run)
    {
        await _stop.CancelAsync();
        await run;
    }

    private sealed class StubCollector : HttpMessageHandler
    {
        public Queue<string> Failures { get; } = new();

        public Channel<byte[]> Bodies { get; } = Channel.CreateUnbounded<byte[]>();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("http://collector.test/v1/interactions", request.RequestUri?.ToString());
            Assert.Equal("application/x-ndjson", request.Content?.Headers.ContentType?.ToString());
            var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            Failures.TryDequeue(out var failure);
            Bodies.Writer.TryWrite(body);
            return failure switch
            {
                null => new HttpResponseMessage(HttpStatusCode.Accepted),
                "broken" => throw new HttpRequestException("the connection broke"),
                "timeout" => throw new TaskCanceledException("the timeout passed"),
                _ => new HttpResponseMessage((HttpStatusCode)int.Parse(failure, System.Globalization.CultureInfo.InvariantCulture)) { Content = new StringContent("") },
            };
        }
    }
}
