using Confluent.Kafka;
using Footfall.Log;
using Footfall.Log.Kafka;
using Footfall.Testing;

namespace Footfall.Bench;

/// <summary>A topic of four partitions, on a broker of its own.</summary>
internal sealed class KafkaLog : BenchLog
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private readonly KafkaNode _node;
    private readonly KafkaLogOptions _options;
    private readonly KafkaInteractionLog _log;

    private KafkaLog(KafkaNode node)
    {
        _node = node;
        _options = new KafkaLogOptions { BootstrapServers = node.Servers, Partitions = 4 };
        _log = new KafkaInteractionLog(_options);
    }

    public override string Name => "kafka";

    public override int Partitions => _options.Partitions;

    public override IInteractionLog Writer => _log;

    public override IReadOnlyList<string> Arguments => ["--data", Folder, "--kafka", _options.BootstrapServers];

    public static async Task<KafkaLog> StartAsync(string home)
    {
        var log = new KafkaLog(await KafkaNode.StartAsync(home));
        try
        {
            await KafkaTopics.EnsureAsync(log._options, Wait, tell: null, TimeProvider.System, CancellationToken.None);
            return log;
        }
        catch
        {
            await log.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>A plain consumer of the client library, with the client's own settings.</remarks>
    public override Task ReadAsync(long records) => Task.Run(() =>
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["bootstrap.servers"] = _options.BootstrapServers,
            ["group.id"] = "footfall-bench",
            ["enable.auto.commit"] = "false",
            ["dotnet.consumer.consume.result.fields"] = "none",
        }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(partition => new TopicPartitionOffset(_options.InteractionsTopic, partition, Offset.Beginning)));
        for (var count = 0L; count < records; count++)
        {
            _ = consumer.Consume(Wait) ?? throw new InvalidOperationException($"Kafka gave {count} of {records} records and nothing more for {Wait.TotalSeconds:0} s.");
        }

        consumer.Unassign();
    });

    public override async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        await _node.DisposeAsync();
        await base.DisposeAsync();
    }
}
