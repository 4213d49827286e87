using System.Text;
using Footfall.AspNetCore.Log;
using Footfall.Capture;
using Footfall.Log;
using Footfall.Log.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Footfall.Server.Tests;

/// <summary>A collector whose Kafka is away: nobody listens on its port.</summary>
public sealed class SpoolTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("footfall-spool-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_collector_that_has_a_spool_starts_without_kafka_takes_interactions_and_says_so()
    {
        Directory.CreateDirectory(Path.Combine(_data, "spool"));
        await using (var log = await OpenLog.ForWritingAsync(Options(), TimeProvider.System, NullLoggerFactory.Instance, Token))
        {
            await using var collector = await RunningService.CollectorAsync(log.Writer, Options());
            var answer = await collector.PostAsync(Given.Utf8($"[{Given.Click("1")},{Given.Click("2")}]"));
            Assert.Equal(202, (int)answer.StatusCode);
            Assert.Equal(2, await collector.SampleAsync("footfall_spool_waiting"));
            Assert.Equal(2, await collector.SampleAsync("footfall_spooled_total"));
            Assert.Equal(0, await collector.SampleAsync("footfall_spool_forwarded_total"));
            Assert.Equal(67_108_864, await collector.SampleAsync("footfall_spool_max_bytes"));
            Assert.InRange((await collector.SampleAsync("footfall_spool_bytes")).GetValueOrDefault(), 16_384, 1_000_000);
            Assert.NotEqual(0, await collector.SampleAsync("footfall_spooling_seconds"));
            Assert.Equal("ready\n", await collector.Client.GetStringAsync("/health/ready", Token));
        }

        await using var again = await OpenLog.ForWritingAsync(Options(), TimeProvider.System, NullLoggerFactory.Instance, Token);
        await Eventually.HoldsAsync("what waits is known", () => ((SpooledLog)again.Writer).Status.Waiting == 2);
    }

    [Fact]
    public async Task A_second_collector_on_the_same_spool_is_told_so()
    {
        Directory.CreateDirectory(Path.Combine(_data, "spool"));
        await using var one = await OpenLog.ForWritingAsync(Options(), TimeProvider.System, NullLoggerFactory.Instance, Token);
        var refused = await Assert.ThrowsAsync<LogException>(() => OpenLog.ForWritingAsync(Options(), TimeProvider.System, NullLoggerFactory.Instance, Token));
        Assert.Equal($"Another collector uses {Path.Combine(_data, "spool")}.", refused.Message);
    }

    [Fact]
    public async Task A_full_spool_is_503_and_names_its_bound()
    {
        var spool = SqliteLog.Open(new SqliteLogOptions(_data) { MaxBytes = 1 << 20, MaxBytesKey = "Log:Kafka:MaxSpoolBytes", Retention = TimeSpan.Zero }, TimeProvider.System);
        await using var log = new SpooledLog(
            new AwayLog(), new Spool(spool, spool.OpenConsumer(), StoredRecord.Restore, () => spool.UsedBytes), _ => Task.CompletedTask,
            new SpoolOptions(), TimeProvider.System, new SilentSpool());
        await using var collector = await RunningService.CollectorAsync(log);
        var body = Given.Utf8($"[{string.Join(',', Enumerable.Range(0, 500).Select(n => Given.Click($"{new string('x', 80)}{n}")))}]");
        HttpResponseMessage answer;
        var accepted = 0;
        do
        {
            answer = await collector.PostAsync(body);
            accepted += answer.IsSuccessStatusCode ? 500 : 0;
        }
        while (answer.IsSuccessStatusCode);

        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(2), answer.Headers.RetryAfter?.Delta);
        Assert.Equal("away; its spool: " + $"The log {Path.Combine(_data, "footfall.db")} can't be written: the file is full, at its bound (Log:Kafka:MaxSpoolBytes)", log.Health.Reason);
        Assert.Equal(accepted, await collector.SampleAsync("footfall_spool_waiting"));
        Assert.Equal(accepted, await collector.SampleAsync("""footfall_accepted_total{app="shop"}"""));
    }

    private FootfallOptions Options() => Given.TwoApps with
    {
        Data = _data,
        Log = new LogSection
        {
            Kafka = new KafkaSection { BootstrapServers = "127.0.0.1:9", SpoolAfter = TimeSpan.FromMilliseconds(50), MaxSpoolBytes = 67_108_864 },
        },
    };

    private sealed class AwayLog : IInteractionLog
    {
        public LogHealth Health => new(Writable: false, "away");

        public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken) => new(AppendResult.Unavailable);

        public ValueTask DisposeAsync() => default;
    }
}
