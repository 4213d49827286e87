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

    /// <summary>A metrics instance that dies within a commit: its transaction is open, its client gone without a word.</summary>
    public static IDisposable DieWithinCommit(KafkaLogOptions options, string instance, int partition, string key, string value)
    {
        var producer = new ProducerBuilder<string, string>(new ProducerConfig
        {
            BootstrapServers = options.BootstrapServers,
            TransactionalId = $"{options.Group}-{instance}",
            TransactionTimeoutMs = (int)options.TransactionTimeout.TotalMilliseconds,
        }).SetLogHandler((_, _) => { }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(20));
        producer.BeginTransaction();
        producer.Produce(new TopicPartition(options.TotalsTopic, partition), new() { Key = key, Value = value });
        producer.Flush(TimeSpan.FromSeconds(20));
        return producer;
    }
}
