using Confluent.Kafka;
using Footfall.Log;
using Footfall.Log.Kafka;
using Footfall.Testing;

namespace Footfall.Bench;

/// <summary>A topic of some partitions, on a broker of its own.</summary>
internal sealed class KafkaLog : BenchLog
{
    /// <summary>What Footfall makes where nothing else is said.</summary>
    public const int DefaultPartitions = 6;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private readonly KafkaNode _node;
    private readonly KafkaLogOptions _options;
    private readonly KafkaInteractionLog _log;

    private KafkaLog(KafkaNode node, int partitions)
    {
        _node = node;
        _options = new KafkaLogOptions { BootstrapServers = node.Servers, Partitions = partitions };
        _log = new KafkaInteractionLog(_options);
    }

    public override string Name => "kafka";

    public override int Partitions => _options.Partitions;

    public override IInteractionLog Writer => _log;

    public override IReadOnlyList<string> Arguments => ["--data", Folder, "--kafka", _options.BootstrapServers];

    public string Servers => _options.BootstrapServers;

    public string Topic => _options.InteractionsTopic;

    /// <summary>Processor time of the broker.</summary>
    public TimeSpan BrokerCpu => Measure.Cpu.Of(_node.Broker);

    public static async Task<KafkaLog> StartAsync(string home, int partitions = 4)
    {
        var log = new KafkaLog(await KafkaNode.StartAsync(home), partitions);
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

    /// <summary>A topic beside ours for what others write, made as ours are.</summary>
    public async Task<string> MakeTopicAsync()
    {
        var beside = _options with { InteractionsTopic = "beside", TotalsTopic = "beside.totals" };
        await KafkaTopics.EnsureAsync(beside, Wait, tell: null, TimeProvider.System, CancellationToken.None);
        return beside.InteractionsTopic;
    }

    /// <summary>How many records the topic holds, and how long the first value is, in bytes.</summary>
    public (long Records, int ValueLength) Look()
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["bootstrap.servers"] = _options.BootstrapServers,
            ["group.id"] = "footfall-bench-look",
            ["enable.auto.commit"] = "false",
        }).Build();
        var partitions = Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(_options.InteractionsTopic, partition)).ToList();
        var records = partitions.Sum(partition => consumer.QueryWatermarkOffsets(partition, Wait).High.Value);
        consumer.Assign(partitions.Select(partition => new TopicPartitionOffset(partition, Offset.Beginning)));
        return (records, records == 0 ? 0 : consumer.Consume(Wait)?.Message.Value.Length ?? 0);
    }

    public override async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        await _node.DisposeAsync();
        await base.DisposeAsync();
    }
}
