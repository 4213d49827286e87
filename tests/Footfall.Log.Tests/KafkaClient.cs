using System.Text;
using Confluent.Kafka;
using Footfall.Log.Kafka;

namespace Footfall.Log.Tests;

/// <summary>Any other client of Kafka: what kcat, Connect or a stranger would see and do.</summary>
internal static class KafkaClient
{
    /// <summary>Every committed record of a topic as text: key, value, headers.</summary>
    public static List<string> Dump(KafkaLogOptions options, string topic, int count)
    {
        using var consumer = new ConsumerBuilder<string?, string>(new ConsumerConfig
        {
            BootstrapServers = options.BootstrapServers, GroupId = "stranger", IsolationLevel = IsolationLevel.ReadCommitted,
        }).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, options.Partitions).Select(
            partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var records = new List<string>();
        while (records.Count < count)
        {
            var read = consumer.Consume(TimeSpan.FromSeconds(20)) ?? throw new InvalidOperationException($"{records.Count} records, not {count}.");
            var headers = read.Message.Headers.Select(header => $"\n  {header.Key}: {Encoding.UTF8.GetString(header.GetValueBytes())}");
            records.Add($"{read.Message.Key ?? "(null)"} = {read.Message.Value}{string.Concat(headers)}");
        }

        return records;
    }

    public static IAdminClient Admin(KafkaLogOptions options) => new AdminClientBuilder(
        new AdminClientConfig { BootstrapServers = options.BootstrapServers }).SetLogHandler((_, _) => { }).Build();

    /// <summary>Records of one committed transaction.</summary>
    public static void WriteInTransaction(KafkaLogOptions options, string topic, (int Partition, string Value)[] records)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = options.BootstrapServers, TransactionalId = "stranger" })
            .SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(20));
        producer.BeginTransaction();
        foreach (var (partition, value) in records)
        {
            producer.Produce(new TopicPartition(topic, partition), new() { Value = value });
        }

        producer.CommitTransaction(TimeSpan.FromSeconds(20));
    }

    /// <summary>A metrics instance that dies within a commit: its transaction is open, its client gone without a word.</summary>
    /// <param name="options">Of the others.</param>
    /// <param name="instance">Its name.</param>
    /// <param name="partition">What it commits.</param>
    /// <param name="total">A total that it has written; null: none yet.</param>
    /// <param name="offset">The group's offset that it has written; null: none yet.</param>
    public static IDisposable DieWithinCommit(KafkaLogOptions options, string instance, int partition, (string Key, string Value)? total, long? offset)
    {
        var producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = options.BootstrapServers,
            TransactionalId = $"{options.Group}-{instance}",
            TransactionTimeoutMs = (int)options.TransactionTimeout.TotalMilliseconds,
        }).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(20));
        producer.BeginTransaction();
        if (total is { } record)
        {
            producer.Produce(new TopicPartition(options.TotalsTopic, partition), new() { Key = record.Key, Value = record.Value });
            producer.Flush(TimeSpan.FromSeconds(20));
        }

        if (offset is { } position)
        {
            // Of no member, so that no generation fences it.
            using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = options.BootstrapServers, GroupId = options.Group })
                .SetLogHandler((_, _) => { }).Build();
            producer.SendOffsetsToTransaction(
                [new(options.InteractionsTopic, partition, position)], consumer.ConsumerGroupMetadata, TimeSpan.FromSeconds(20));
        }

        return producer;
    }
}
