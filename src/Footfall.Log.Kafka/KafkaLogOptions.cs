using System.Globalization;

namespace Footfall.Log.Kafka;

/// <summary>What the Kafka adapter is told once, at the start.</summary>
/// <remarks>
/// What is not here goes to librdkafka as it is, through <see cref="Producer"/> and <see cref="Consumer"/>:
/// its names, its values (https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md).
/// </remarks>
public sealed record KafkaLogOptions
{
    /// <summary>Brokers to begin with: <c>host:port</c>, separated by commas.</summary>
    public required string BootstrapServers { get; init; }

    /// <summary>The topic of the interactions.</summary>
    public string InteractionsTopic { get; init; } = "footfall.interactions";

    /// <summary>The compacted topic of the totals and of Count's state.</summary>
    public string TotalsTopic { get; init; } = "footfall.totals";

    /// <summary>Partitions of both topics when they are made; more than the metrics instances there will ever be.</summary>
    public int Partitions { get; init; } = 6;

    /// <summary>Replicas of both topics when they are made; -1 is the broker's default (KIP-464).</summary>
    public short ReplicationFactor { get; init; } = -1;

    /// <summary>How long interactions are kept, when the topic is made. Totals are kept for good.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The consumer group of the metrics instances.</summary>
    public string Group { get; init; } = "footfall-metrics";

    /// <summary>
    /// This metrics instance's name, the same after a restart and no other's: two with one name fence each other.
    /// The transactional id is <c>&lt;Group&gt;-&lt;Instance&gt;</c>.
    /// </summary>
    public string Instance { get; init; } = "0";

    /// <summary>When a broker aborts a transaction of an instance that is gone; also the longest a commit may take.</summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>See <see cref="ILogConsumer.Lease"/>.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>When an append that is not acknowledged has failed. Who does not wait for it and writes the record elsewhere makes a repeat, which has the same id.</summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long librdkafka waits for company before it sends a record. The only batching on the way to Kafka.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Bytes of records that may wait for the broker; beyond it appends are <see cref="AppendResult.Full"/>.</summary>
    public long QueueBytes { get; init; } = 64 << 20;

    /// <summary>Records that one read brings at most: what a commit covers, and what has to be counted again after a loss.</summary>
    public int ReadRecords { get; init; } = 30_000;

    /// <summary>Passed to librdkafka's producers as it is.</summary>
    public IReadOnlyDictionary<string, string> Producer { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Passed to librdkafka's consumers as it is.</summary>
    public IReadOnlyDictionary<string, string> Consumer { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal string TransactionalId => $"{Group}-{Instance}";

    // What the promises of the adapter rest on.
    private static readonly string[] Reserved =
    [
        "acks", "auto.offset.reset", "bootstrap.servers", "enable.auto.commit", "enable.auto.offset.store", "enable.idempotence",
        "enable.partition.eof", "group.id", "group.instance.id", "isolation.level", "message.timeout.ms", "partitioner", "request.required.acks",
        "transaction.timeout.ms", "transactional.id",
    ];

    /// <summary>Everything that is wrong, each with its value; empty when nothing is.</summary>
    public IReadOnlyList<string> Errors()
    {
        var errors = new List<string>();
        Check(!string.IsNullOrWhiteSpace(BootstrapServers), "BootstrapServers is empty");
        CheckTopic(nameof(InteractionsTopic), InteractionsTopic);
        CheckTopic(nameof(TotalsTopic), TotalsTopic);
        Check(!string.Equals(InteractionsTopic, TotalsTopic, StringComparison.Ordinal), $"InteractionsTopic and TotalsTopic are both '{TotalsTopic}'");
        Check(Partitions is >= 1 and <= 1000, $"Partitions is {Partitions}, not within 1 and 1000");
        Check(ReplicationFactor is -1 or >= 1, $"ReplicationFactor is {ReplicationFactor}, neither -1 nor at least 1");
        Check(Retention >= TimeSpan.FromHours(1), $"Retention is {Retention}, less than an hour");
        Check(!string.IsNullOrWhiteSpace(Group), "Group is empty");
        Check(!string.IsNullOrWhiteSpace(Instance), "Instance is empty");
        Check(Lease > TimeSpan.Zero, $"Lease is {Lease}, not above zero");
        Check(Linger >= TimeSpan.Zero && Linger < DeliveryTimeout, $"Linger is {Linger}, not below DeliveryTimeout ({DeliveryTimeout})");
        Check(DeliveryTimeout >= TimeSpan.FromMilliseconds(100), $"DeliveryTimeout is {DeliveryTimeout}, less than 100 ms");
        Check(TransactionTimeout >= TimeSpan.FromSeconds(1), $"TransactionTimeout is {TransactionTimeout}, less than 1 s (librdkafka's minimum)");
        Check(QueueBytes >= 1 << 20, $"QueueBytes is {QueueBytes}, less than 1 MiB");
        Check(ReadRecords >= 1, $"ReadRecords is {ReadRecords}, less than 1");
        var poll = Milliseconds("max.poll.interval.ms", 60_000);
        // No poll happens while a commit runs; past the poll interval its own group would throw the instance out.
        Check(TransactionTimeout * 2 < poll, $"TransactionTimeout is {TransactionTimeout}, not below half of max.poll.interval.ms ({poll})");
        var session = Milliseconds("session.timeout.ms", 6_000);
        Check(session <= poll, $"session.timeout.ms is {session}, above max.poll.interval.ms ({poll})");
        foreach (var name in Reserved)
        {
            Check(!Producer.ContainsKey(name), $"Producer sets '{name}', which the adapter sets itself");
            Check(!Consumer.ContainsKey(name), $"Consumer sets '{name}', which the adapter sets itself");
        }

        return errors;

        void Check(bool fine, string error)
        {
            if (!fine)
            {
                errors.Add(error);
            }
        }

        // Kafka's own rule: Topic.validate.
        void CheckTopic(string name, string topic) => Check(
            topic is { Length: >= 1 and <= 249 } and not "." and not ".."
                && topic.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'),
            $"{name} is '{topic}', not 1 to 249 of a-z A-Z 0-9 . _ -");

        TimeSpan Milliseconds(string name, int otherwise) => TimeSpan.FromMilliseconds(
            Consumer.TryGetValue(name, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : otherwise);
    }

    /// <summary>What the client refuses of <see cref="Producer"/> and <see cref="Consumer"/>, once nothing else is wrong; asks no broker.</summary>
    public IReadOnlyList<string> Refused() => [.. new KafkaClients(this, tell: null).Refused()];

    /// <summary>Returns itself.</summary>
    /// <exception cref="LogException">Something is wrong; the message has all of <see cref="Errors"/>.</exception>
    public KafkaLogOptions Checked()
    {
        var errors = Errors();
        return errors.Count == 0 ? this : throw new LogException($"The Kafka log's options: {string.Join("; ", errors)}.");
    }
}
