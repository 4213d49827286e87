using Footfall.AspNetCore.Log;
using Footfall.Log.Kafka;
using Footfall.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Footfall.Server.Tests;

/// <summary>How a collector starts on a real Kafka: its topics fit, do not fit, or can't be asked for.</summary>
public sealed class KafkaStartTests : IAsyncLifetime
{
    private string _data = ""; // made last: whoever is skipped is not disposed of
    private KafkaNode? _kafka;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        Assert.SkipUnless(!string.IsNullOrEmpty(home), "KAFKA_HOME is not set");
        _kafka = await KafkaNode.StartAsync(home!);
        _data = Directory.CreateTempSubdirectory("footfall-start-").FullName;
    }

    public async ValueTask DisposeAsync()
    {
        if (_kafka is not null)
        {
            await _kafka.DisposeAsync();
        }

        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Topics_that_do_not_fit_are_refused_also_where_there_is_a_spool()
    {
        await StartOnceAsync(Options(_kafka!.Servers, "first", "first.totals", partitions: 2));
        await StartOnceAsync(Options(_kafka.Servers, "second", "second.totals", partitions: 3));
        Assert.True(Directory.Exists(Path.Combine(_data, "spool")));

        var refused = await Assert.ThrowsAsync<UnfitTopicsException>(() => StartOnceAsync(Options(_kafka.Servers, "first", "second.totals", partitions: 2)));

        Assert.Equal($"Kafka at {_kafka.Servers}: first has 2 partitions and second.totals has 3; they must be as many.", refused.Message);
    }

    [Fact]
    public async Task Where_kafka_does_not_answer_it_takes_interactions_and_forwards_them_when_kafka_does()
    {
        await StartOnceAsync(Options(_kafka!.Servers, "first", "first.totals", partitions: 2));
        _kafka.Proxy.Stall();

        // These topics are not there yet: they are made before the spool is forwarded.
        var options = Options($"127.0.0.1:{_kafka.Proxy.Port}", "later", "later.totals", partitions: 2);
        await using var log = await OpenLog.ForWritingAsync(options, TimeProvider.System, NullLoggerFactory.Instance, Token);
        await using var collector = await RunningService.CollectorAsync(log.Writer, options);
        var answer = await collector.PostAsync(Given.Utf8($"[{Given.Click("1")},{Given.Click("2")}]"));
        Assert.Equal(202, (int)answer.StatusCode);
        Assert.Equal(2, await collector.SampleAsync("footfall_spool_waiting"));
        Assert.Equal(0, await collector.SampleAsync("footfall_spool_forwarded_total"));

        _kafka.Proxy.Flow();
        await Eventually.HoldsAsync("they are forwarded", async () => await collector.SampleAsync("footfall_spool_forwarded_total") == 2);
        Assert.Equal(0, await collector.SampleAsync("footfall_spool_waiting"));
        // Where this machine is slow, an append to Kafka may take longer than the spool is told to wait for it.
        var id = 3;
        await Eventually.HoldsAsync("and Kafka is written to again", async () =>
        {
            var spooled = await collector.SampleAsync("footfall_spooled_total");
            Assert.Equal(202, (int)(await collector.PostAsync(Given.Utf8(Given.Click($"{id++}")))).StatusCode);
            return await collector.SampleAsync("footfall_spooled_total") == spooled;
        });
    }

    private static async Task StartOnceAsync(FootfallOptions options)
    {
        await using var log = await OpenLog.ForWritingAsync(options, TimeProvider.System, NullLoggerFactory.Instance, Token);
    }

    private FootfallOptions Options(string servers, string interactions, string totals, int partitions) => Given.TwoApps with
    {
        Data = _data,
        Log = new LogSection
        {
            Kafka = new KafkaSection
            {
                BootstrapServers = servers,
                InteractionsTopic = interactions,
                TotalsTopic = totals,
                Partitions = partitions,
                SpoolAfter = TimeSpan.FromMilliseconds(50),
            },
        },
    };
}
