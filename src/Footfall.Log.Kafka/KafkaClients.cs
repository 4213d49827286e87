using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>The adapter's clients of Kafka and the settings its promises rest on. What a map passes through comes first, promises last.</summary>
internal sealed class KafkaClients(KafkaLogOptions options, Action<KafkaEvent>? tell)
{
    public IProducer<byte[]?, byte[]> Writer(Action<Error> onError) => Producer("writer", onError, Settings(options.Producer, new()
    {
        ["linger.ms"] = Milliseconds(options.Linger),
        ["compression.type"] = "lz4",
        ["queue.buffering.max.kbytes"] = (options.QueueBytes / 1024).ToString(CultureInfo.InvariantCulture),
        ["queue.buffering.max.messages"] = "0",  // bytes are the bound
    }, new()
    {
        ["enable.idempotence"] = "true",
        ["acks"] = "all",
        ["message.timeout.ms"] = Milliseconds(options.DeliveryTimeout),
        // What Java's producer does with a key, so that a record of any client for one visitor meets ours in one partition.
        ["partitioner"] = "murmur2_random",
        ["dotnet.producer.delivery.report.fields"] = "none",
    }));

    public IProducer<byte[]?, byte[]> Committer(string transactionalId, Action<Error> onError) => Producer("committer", onError, Settings(options.Producer, new()
    {
        // A transaction begun right behind another meets CONCURRENT_TRANSACTIONS until the first one's markers are written;
        // librdkafka tries again after this, which at its default of 100 ms is how long back-to-back commits take.
        ["retry.backoff.ms"] = "10",
        ["linger.ms"] = "0",
        ["compression.type"] = "lz4",
        ["queue.buffering.max.messages"] = "0",  // a commit's totals are bounded by the number of series
    }, new()
    {
        ["transactional.id"] = transactionalId,
        ["transaction.timeout.ms"] = Milliseconds(options.TransactionTimeout),
    }));

    public ConsumerBuilder<Ignore, byte[]> Reader() => Consumer<Ignore>("reader", new()
    {
        ["group.id"] = options.Group,
        ["dotnet.consumer.consume.result.fields"] = "none",
    }, new()
    {
        ["partition.assignment.strategy"] = "cooperative-sticky",
    });

    public IConsumer<byte[], byte[]> Follower() => Alone<byte[]>("follower", "headers");

    /// <summary>For interactions beside the group's members.</summary>
    public IConsumer<Ignore, byte[]> Scanner() => Alone<Ignore>("scanner", "none");

    public IAdminClient Admin() => new AdminClientBuilder(Settings(options.Producer, new()
    {
        // Its questions go to the leaders that it knows; librdkafka's own five minutes are how long it would ask the wrong ones.
        ["topic.metadata.refresh.interval.ms"] = "5000",
    }, new() { ["client.id"] = "footfall-topics" }))
        .SetLogHandler((_, message) => Tell("topics", message))
        .SetErrorHandler((_, error) => Tell("topics", error))
        .Build();

    /// <summary>What the client does not take of the maps that are passed through: unknown names, values that don't fit, files that aren't there.</summary>
    public IEnumerable<string> Refused()
    {
        (string Map, Func<IDisposable> Make)[] clients = [(nameof(options.Producer), Admin), (nameof(options.Consumer), Scanner)];
        foreach (var (map, make) in clients)
        {
            string? error = null;
            try
            {
                make().Dispose();
            }
            catch (Exception e) when (e is InvalidOperationException or ArgumentException or KafkaException)
            {
                error = $"{map}: {e.Message}";
            }

            if (error is not null)
            {
                yield return error;
            }
        }
    }

    public void Tell(bool error, string client, string text) => tell?.Invoke(new(error, client, text));

    private IProducer<byte[]?, byte[]> Producer(string client, Action<Error> onError, Map settings) =>
        new ProducerBuilder<byte[]?, byte[]>(Named(settings, client))
            .SetLogHandler((_, message) => Tell(client, message))
            .SetErrorHandler((_, error) =>
            {
                Tell(client, error);
                onError(error);
            })
            .SetStatisticsHandler((_, json) => KafkaTelemetry.Read(client, json))
            .Build();

    private IConsumer<TKey, byte[]> Alone<TKey>(string client, string fields) => Consumer<TKey>(client, new()
    {
        // librdkafka wants a name; partitions are assigned by hand, so no group of it ever forms.
        ["group.id"] = $"{options.Group}-{client}",
        ["enable.partition.eof"] = "true",
        ["dotnet.consumer.consume.result.fields"] = fields,
    }, []).Build();

    private ConsumerBuilder<TKey, byte[]> Consumer<TKey>(
        string client, Map promises, Map defaults)
    {
        promises["isolation.level"] = "read_committed";
        promises["enable.auto.commit"] = "false";
        promises["enable.auto.offset.store"] = "false";
        promises["auto.offset.reset"] = "earliest";
        // An instance that died is missed after six seconds, the least that brokers allow by default (KIP-735's own is 45);
        // one that died while it was joining, only after a rebalance's time, which is that of polls.
        defaults["session.timeout.ms"] = "6000";
        defaults["heartbeat.interval.ms"] = "500";
        defaults["max.poll.interval.ms"] = "60000";
        // A broker has one fetch open at a time, so a partition that is sought joins the next: this is how long that takes.
        defaults["fetch.wait.max.ms"] = "100";
        // How long nothing is fetched once 100,000 records wait, which take a quarter of a second; librdkafka's own second is
        // most of the time that a rebuild would wait.
        defaults["fetch.queue.backoff.ms"] = "5";
        var settings = Settings(options.Consumer, defaults, promises);
        if (settings.TryGetValue("group.protocol", out var protocol) && string.Equals(protocol, "consumer", StringComparison.OrdinalIgnoreCase))
        {
            // KIP-848: the broker assigns, and librdkafka refuses the classic protocol's settings.
            foreach (var name in (string[])["partition.assignment.strategy", "session.timeout.ms", "heartbeat.interval.ms"])
            {
                settings.Remove(name);
            }
        }

        return new ConsumerBuilder<TKey, byte[]>(Named(settings, client))
            .SetLogHandler((_, message) => Tell(client, message))
            .SetErrorHandler((_, error) => Tell(client, error))
            .SetStatisticsHandler((_, json) => KafkaTelemetry.Read(client, json));
    }

    private Map Settings(
        IReadOnlyDictionary<string, string> passed, Map defaults, Map promises)
    {
        var settings = new Map();
        foreach (var (name, value) in defaults)
        {
            settings[name] = value;
        }

        foreach (var (name, value) in passed)
        {
            settings[name] = value;
        }

        foreach (var (name, value) in promises)
        {
            settings[name] = value;
        }

        // How soon it is seen that brokers are back; librdkafka's own 10 s would be added to every outage.
        settings.TryAdd("reconnect.backoff.max.ms", "1000");
        settings["bootstrap.servers"] = options.BootstrapServers;
        settings["allow.auto.create.topics"] = "false";  // KafkaTopics makes them, with their settings
        return settings;
    }

    // Confluent.Kafka finds its own methods by their names, which native code would leave out.
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, "Confluent.Kafka.Impl.NativeMethods.NativeMethods", "Confluent.Kafka")]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, "Confluent.Kafka.Impl.NativeMethods.NativeMethods_Alpine", "Confluent.Kafka")]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, "Confluent.Kafka.Impl.NativeMethods.NativeMethods_Centos8", "Confluent.Kafka")]
    private static Map Named(Map settings, string client)
    {
        settings.TryAdd("client.id", "footfall-" + client);
        if (KafkaTelemetry.WantsStatistics)
        {
            settings.TryAdd("statistics.interval.ms", "1000");
        }

        return settings;
    }

    private void Tell(string client, LogMessage message) =>
        Tell(message.Level <= SyslogLevel.Error, client, $"{message.Facility}: {message.Message}");

    private void Tell(string client, Error error)
    {
        KafkaTelemetry.Errors.Add(1, new KeyValuePair<string, object?>("client", client));
        Tell(error: true, client, $"{error.Code}: {error.Reason}");
    }

    private sealed class Map() : Dictionary<string, string>(StringComparer.Ordinal);

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
