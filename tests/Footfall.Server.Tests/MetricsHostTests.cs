using System.Collections.Concurrent;
using System.Net;
using Footfall.AspNetCore.Log;
using Footfall.Log;
using Footfall.Log.Kafka;
using Footfall.Server.Count;
using Footfall.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Footfall.Server.Tests;

/// <summary>The metrics service over a log in memory.</summary>
public sealed class MetricsHostTests
{
    private const string Enrolled = """footfall_interactions_total{app="shop",type="click",target="Enroll Now",page="/"}""";

    [Fact]
    public async Task A_posted_interaction_is_shown_first_as_0_and_then_as_1()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer());
        Assert.Null(await metrics.SampleAsync(Enrolled));
        (await collector.PostAsync(Given.Click("1"))).Dispose();

        var seen = new List<decimal?>();
        await Eventually.HoldsAsync("it is shown as 1", async () =>
        {
            seen.Add(await metrics.SampleAsync(Enrolled));
            return seen[^1] == 1;
        });

        Assert.Equal([0, 1], seen.Where(value => value is not null).Distinct());
    }

    [Fact]
    public async Task A_pinned_target_stands_at_0_from_the_start()
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        await Eventually.HoldsAsync("it is there", async () =>
            await metrics.SampleAsync("""footfall_interactions_total{app="shop",type="click",target="Buy Now"}""") == 0);
    }

    [Fact]
    public async Task A_repeat_is_counted_as_a_duplicate()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer());
        for (var i = 0; i < 3; i++)
        {
            (await collector.PostAsync(Given.Click("same"))).Dispose();
        }

        await Eventually.HoldsAsync("two are duplicates", async () => await metrics.SampleAsync("""footfall_duplicates_total{app="shop"}""") == 2);
        await Eventually.HoldsAsync("one is counted", async () => await metrics.SampleAsync(Enrolled) == 1);
    }

    [Fact]
    public async Task It_is_not_ready_before_the_checkpoint_is_loaded()
    {
        var time = new FakeTime();
        var log = new MemoryLog(time: time);
        log.Faults.Loads.Enqueue(Fault.Before);
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer(), time: time);
        // The load has failed once, and is tried again when time goes on.
        await Eventually.HoldsAsync("it has been tried", () => log.Faults.Loads.IsEmpty);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready: reading the log\n"), await HealthAsync(metrics, "ready"));
        Assert.Equal((HttpStatusCode.OK, "live\n"), await HealthAsync(metrics, "live"));

        await Eventually.HoldsAsync("it is ready", async () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            return await HealthAsync(metrics, "ready") == (HttpStatusCode.OK, "ready\n");
        });
    }

    [Fact]
    public async Task It_is_not_live_while_the_log_does_not_answer()
    {
        var time = new FakeTime();
        var log = new MemoryLog(time: time);
        await using var metrics = await ReadyAsync(log, time);

        log.Faults.Away = true;
        await Eventually.HoldsAsync("it is not live", async () =>
        {
            time.Advance(TimeSpan.FromSeconds(31));
            return await HealthAsync(metrics, "live") == (HttpStatusCode.ServiceUnavailable, "not live: the log has not answered for over 30 s\n");
        });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await HealthAsync(metrics, "ready")).Status);

        log.Faults.Away = false;
        await Eventually.HoldsAsync("it is live and ready again", async () =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return (await HealthAsync(metrics, "live")).Status == HttpStatusCode.OK && (await HealthAsync(metrics, "ready")).Status == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task While_it_cannot_commit_it_is_live_and_not_ready_and_its_lag_grows()
    {
        var time = new FakeTime();
        var log = new MemoryLog(time: time);
        await using var metrics = await ReadyAsync(log, time);
        for (var i = 0; i < 1_000; i++)
        {
            log.Faults.Commits.Enqueue(Fault.Full);
        }

        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        (await collector.PostAsync($"[{Given.Click("1")},{Given.Click("2")}]")).Dispose();

        await Eventually.HoldsAsync("it says why it is not ready", async () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            return await HealthAsync(metrics, "ready") == (HttpStatusCode.ServiceUnavailable, "not ready: can't commit: the log in memory is full\n");
        });
        await Eventually.HoldsAsync("the lag is true", async () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            return await metrics.SampleAsync("""footfall_log_lag{partition="0"}""") == 2;
        });
        Assert.Equal((HttpStatusCode.OK, "live\n"), await HealthAsync(metrics, "live"));

        log.Faults.Commits.Clear();
        await Eventually.HoldsAsync("it is ready again", async () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            return (await HealthAsync(metrics, "ready")).Status == HttpStatusCode.OK;
        });
    }

    [Fact]
    public void That_commits_fail_is_told_at_once_then_every_ten_seconds_and_so_is_that_it_is_over()
    {
        var time = new FakeTime();
        using var told = new Told();
        using var loggers = new LoggerFactory([told]);
        var log = new CountingLog(time, loggers.CreateLogger<CountingLog>());
        log.Assigned([5, 3, 4]);
        log.CommitFailed(CommitResult.Aborted, null, TimeSpan.FromSeconds(1)); // a rebalance
        log.CommitsAgain(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 12; i++)
        {
            log.CommitFailed(CommitResult.Refused, "database or disk is full", TimeSpan.FromSeconds(i));
            time.Advance(TimeSpan.FromSeconds(1));
        }

        log.CommitsAgain(TimeSpan.FromSeconds(12));
        log.NotCommitted("database or disk is full");

        Assert.Equal(
            [
                "Partitions 3, 4, 5 are ours",
                "What is counted can't be committed now, and is not shown until it is: database or disk is full",
                "What is counted can't be committed now, and is not shown until it is: database or disk is full",
                "Commits succeed again after 00:00:12",
                "The last commit failed, what it held is counted again at the next start: database or disk is full",
            ],
            told.Entries.Where(entry => entry.Level >= LogLevel.Information).Select(entry => entry.Text));
    }

    [Fact]
    public void That_brokers_are_away_is_told_once_by_all_clients()
    {
        var time = new FakeTime();
        using var told = new Told();
        using var loggers = new LoggerFactory([told]);
        var events = new KafkaEvents(time, loggers.CreateLogger<KafkaEvents>());
        foreach (var client in (string[])["reader", "follower", "committer", "topics"])
        {
            events.Tell(new KafkaEvent(Error: true, client, "FAIL: [thrd:127.0.0.1:9092/bootstrap]: Connect to ipv4#127.0.0.1:9092 failed"));
            events.Tell(new KafkaEvent(Error: true, client, "Local_AllBrokersDown: 1/1 brokers are down"));
        }

        events.Tell(new KafkaEvent(Error: true, "committer", "a commit is lost: Local: Timed out"));

        Assert.Equal(2, told.Entries.Count);
        Assert.Equal("Kafka committer: a commit is lost: Local: Timed out", told.Entries.Last().Text);
    }

    [Fact]
    public async Task A_counting_loop_that_dies_stops_the_service_and_says_why()
    {
        var consumer = new DyingConsumer();
        await using var app = Footfall.Server.Expose.MetricsHost.Build(Given.TwoApps, consumer, TimeProvider.System);
        using var told = new Told();
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(told);
        await app.StartAsync();
        using var stop = Running.ListenForStop();

        consumer.Die();

        Assert.Equal(ExitCode.Failed, await Running.WaitAsync(stop, app));
        Assert.Contains(told.Entries, entry => entry.Level >= LogLevel.Error && entry.Exception is InvalidDataException { Message: "a foreign checkpoint" });
    }

    [Fact]
    public async Task A_stop_commits_what_was_counted()
    {
        var log = new MemoryLog();
        var slow = Given.TwoApps with { Count = new CountSection { CommitInterval = TimeSpan.FromMinutes(1) } };
        await using (var collector = await RunningService.CollectorAsync(log.OpenWriter()))
        {
            await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer(), slow);
            await Eventually.HoldsAsync("it is ready", async () => (await HealthAsync(metrics, "ready")).Status == HttpStatusCode.OK);
            (await collector.PostAsync(Given.Click("1"))).Dispose();
            (await collector.PostAsync(Given.Click("2"))).Dispose();
            await Eventually.HoldsAsync("the log was read to its end", async () =>
                await metrics.SampleAsync("""footfall_log_written_total{partition="0"}""") == 2);
            await metrics.App.StopAsync();
        }

        Assert.Equal(2, log.Committed(0).Position);
    }

    private static async Task<RunningService> ReadyAsync(MemoryLog log, TimeProvider time)
    {
        var metrics = await RunningService.MetricsAsync(log.OpenConsumer(), time: time);
        await Eventually.HoldsAsync("it is ready", async () => (await HealthAsync(metrics, "ready")).Status == HttpStatusCode.OK);
        return metrics;
    }

    private static async Task<(HttpStatusCode Status, string Text)> HealthAsync(RunningService service, string what)
    {
        using var answer = await service.GetAsync("/health/" + what);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Throws what only a bug or a foreign checkpoint does, when told.</summary>
    private sealed class DyingConsumer : ILogConsumer
    {
        private readonly TaskCompletionSource _dies = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TimeSpan? Lease => null;

        public long? Answered => null;

        public string? CommitTrouble => null;

        public void Die() => _dies.SetResult();

        public async ValueTask<LogRead> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
        {
            await _dies.Task.WaitAsync(cancellationToken);
            throw new InvalidDataException("a foreign checkpoint");
        }

        public ValueTask<Checkpoint> LoadAsync(int partition, CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Seek(int partition, long position) => throw new NotSupportedException();

        public ValueTask<CommitResult> CommitAsync(IReadOnlyList<PartitionCommit> commits, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ReleaseAsync(int partition, long below, CancellationToken cancellationToken) => throw new NotSupportedException();

        public long EndPosition(int partition) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }

    /// <summary>What was logged.</summary>
    private sealed class Told : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> Entries { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Enqueue((logLevel, formatter(state, exception), exception));

        public void Dispose()
        {
        }
    }
}
