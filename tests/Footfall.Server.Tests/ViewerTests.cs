using System.IO.Pipelines;
using System.Text;
using Footfall.Expose;
using Footfall.Server.Expose;
using Footfall.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Footfall.Server.Tests;

/// <summary>One viewer whose connection is a pipe that a test reads when it wants to.</summary>
public sealed class ViewerTests
{
    [Fact]
    public async Task A_slow_one_misses_ticks_and_gets_the_whole_again()
    {
        await using var world = await World.StartAsync();
        var first = await world.ReadAsync();
        Assert.Contains("event: state\n", first, StringComparison.Ordinal);

        // Nobody reads: one write waits in the pipe, and ticks come and go.
        await world.TickAsync(6);
        var late = "";
        await Eventually.HoldsAsync("it gets the whole for what it missed", async () =>
        {
            // The one that waited may be a whole too: there is one while the service begins.
            late += await world.ReadAsync();
            return late.Contains("event: state\n", StringComparison.Ordinal) && world.Counters.SkippedTicks > 0;
        });

        await world.TickAsync(1);
        var after = "";
        await Eventually.HoldsAsync("it goes on with ticks", async () =>
        {
            after += await world.ReadAsync();
            return after.Contains("event: tick\n", StringComparison.Ordinal);
        });
        Assert.Equal((0L, 1), (world.Counters.Ended, world.Counters.Now));
    }

    [Fact]
    public async Task One_that_reads_nothing_for_too_long_is_ended()
    {
        await using var world = await World.StartAsync();
        await world.TickAsync(3);
        await Eventually.HoldsAsync("it is ended", async () =>
        {
            world.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            return world.Counters.Ended == 1;
        });
        await world.Ended;
        Assert.True(world.IsAborted);
        Assert.Equal(0, world.Counters.Now);
    }

    private sealed class World : IAsyncDisposable, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
    {
        // As little as a pipe can hold: the first bytes already wait.
        private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1, useSynchronizationContext: false));
        private readonly CancellationTokenSource _aborted = new();
        private readonly WebApplication _app;
        private readonly LiveFeed _live;
        private readonly AppFeed _feed;

        private World(WebApplication app, FakeTime time)
        {
            (_app, Time) = (app, time);
            _live = app.Services.GetRequiredService<LiveFeed>();
            Counters = app.Services.GetRequiredService<Exposure>().Viewers;
            _feed = _live.TryJoin("shop")!;
            var http = new DefaultHttpContext();
            http.Features.Set<IHttpResponseBodyFeature>(this);
            http.Features.Set<IHttpRequestLifetimeFeature>(this);
            RequestAborted = _aborted.Token;
            Ended = FollowAsync(http);
        }

        public FakeTime Time { get; }

        public ViewerCounters Counters { get; }

        public Task Ended { get; }

        public bool IsAborted => _aborted.IsCancellationRequested;

        public CancellationToken RequestAborted { get; set; }

        public Stream Stream => Writer.AsStream();

        public PipeWriter Writer => _pipe.Writer;

        public static async Task<World> StartAsync()
        {
            var time = new FakeTime();
            var app = MetricsHost.Build(Given.TwoApps, new MemoryLog(time: time).OpenConsumer(), time);
            await app.StartAsync();
            return new World(app, time);
        }

        /// <summary>Lets so many ticks be made.</summary>
        public async Task TickAsync(int ticks)
        {
            for (var i = 0; i < ticks; i++)
            {
                var latest = _feed.Latest;
                await Eventually.HoldsAsync("there is a tick", () =>
                {
                    Time.Advance(TimeSpan.FromMilliseconds(100));
                    return latest.Followed.IsCompleted;
                });
            }
        }

        /// <summary>What has come.</summary>
        public async Task<string> ReadAsync()
        {
            var text = "";
            await Eventually.HoldsAsync("an event has come", async () =>
            {
                Time.Advance(TimeSpan.FromMilliseconds(10));
                while (_pipe.Reader.TryRead(out var read))
                {
                    text += Encoding.UTF8.GetString(read.Buffer);
                    _pipe.Reader.AdvanceTo(read.Buffer.End);
                    await Task.Yield();
                }

                return text.Contains("data: ", StringComparison.Ordinal);
            });
            return text;
        }

        public void Abort() => _aborted.Cancel();

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync();
            await _pipe.Reader.CompleteAsync();
            await Ended;
            await _app.DisposeAsync();
            _aborted.Dispose();
        }

        private async Task FollowAsync(HttpContext http)
        {
            await new Viewer(_live, _feed, Counters, Time).FollowAsync(http);
            _live.Leave(_feed);
        }
    }
}
