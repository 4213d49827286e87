using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Footfall.Log.Kafka;

/// <summary>There is a Kafka, and its topics are not what Footfall needs: waiting does not help.</summary>
public sealed class UnfitTopicsException(string message) : LogException(message);

/// <summary>Makes the two topics where they are missing and checks them where they are not.</summary>
public static class KafkaTopics
{
    private static readonly TimeSpan Request = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>The default of librdkafka's <c>message.max.bytes</c> and <c>batch.size</c>.</summary>
    private const int DefaultBatchBytes = 1_000_000;

    /// <summary>Returns the number of partitions of both topics.</summary>
    /// <param name="options">Names and settings.</param>
    /// <param name="wait">How long to wait for a broker that can't be reached.</param>
    /// <param name="tell">Told once why it waits.</param>
    /// <param name="time">The clock of the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UnfitTopicsException">The topics are not what Footfall needs: all reasons at once.</exception>
    /// <exception cref="LogException">No broker within the wait.</exception>
    public static async Task<int> EnsureAsync(
        KafkaLogOptions options, TimeSpan wait, Action<KafkaEvent>? tell, TimeProvider time, CancellationToken cancellationToken)
    {
        var clients = new KafkaClients(options.Checked(), tell: null);
        using var admin = clients.Admin();
        var start = time.GetTimestamp();
        var request = wait > TimeSpan.Zero && wait < Request ? wait : Request;
        var told = false;
        while (true)
        {
            string problem;
            var made = false;
            try
            {
                if (await FindAsync(admin, options, request) is { } found)
                {
                    return await CheckAsync(admin, options, found.Interactions, found.Totals);
                }

                await MakeAsync(admin, options);
                problem = "the topics were made and are not there yet";
                made = true; // nothing to tell: a moment later they are
            }
            catch (KafkaException error) when (!error.Error.IsFatal)
            {
                problem = error.Error.Reason;
            }

            if (time.GetElapsedTime(start) >= wait)
            {
                var since = wait > TimeSpan.Zero ? $"was not ready within {wait.TotalSeconds:0.#} s" : "is not ready";
                throw new LogException($"Kafka at {options.BootstrapServers} {since}: {problem}");
            }

            if (!told && !made)
            {
                told = true;
                tell?.Invoke(new(Error: true, "topics", $"waiting for Kafka at {options.BootstrapServers}: {problem}"));
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static async Task<(int Interactions, int Totals)?> FindAsync(IAdminClient admin, KafkaLogOptions options, TimeSpan request)
    {
        List<TopicDescription> topics;
        try
        {
            var result = await admin.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([options.InteractionsTopic, options.TotalsTopic]), new() { RequestTimeout = request });
            topics = result.TopicDescriptions;
        }
        catch (DescribeTopicsException error) when (error.Results.TopicDescriptions.TrueForAll(
            topic => !topic.Error.IsError || topic.Error.Code == ErrorCode.UnknownTopicOrPart))
        {
            return null;
        }

        return (Count(options.InteractionsTopic), Count(options.TotalsTopic));

        int Count(string name) => topics.Single(topic => string.Equals(topic.Name, name, StringComparison.Ordinal)).Partitions.Count;
    }

    private static async Task MakeAsync(IAdminClient admin, KafkaLogOptions options)
    {
        try
        {
            await admin.CreateTopicsAsync(
            [
                Topic(options.InteractionsTopic, new(StringComparer.Ordinal)
                {
                    ["cleanup.policy"] = "delete",
                    ["retention.ms"] = ((long)options.Retention.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
                    // Retention goes by it: a collector's clock that is behind must not have its records deleted at once.
                    ["message.timestamp.type"] = "LogAppendTime",
                }),
                Topic(options.TotalsTopic, new(StringComparer.Ordinal)
                {
                    // Read from its beginning at every start, so kept short: rolled at 16 MiB or ten minutes, and cleaned
                    // as soon as a tenth of it is old.
                    ["cleanup.policy"] = "compact",
                    ["segment.bytes"] = "16777216",
                    ["segment.ms"] = "600000",
                    ["min.cleanable.dirty.ratio"] = "0.1",
                    ["delete.retention.ms"] = "3600000",
                }),
            ], new() { RequestTimeout = Request, OperationTimeout = Request });
        }
        catch (CreateTopicsException error) when (error.Results.TrueForAll(
            topic => !topic.Error.IsError || topic.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            // One was there, or another instance made it meanwhile; the check comes next in any case.
        }
        catch (CreateTopicsException error)
        {
            var reasons = error.Results.Where(topic => topic.Error.IsError).Select(topic => $"{topic.Topic}: {topic.Error.Reason}");
            throw new LogException($"Kafka at {options.BootstrapServers} did not make the topics: {string.Join("; ", reasons)}", error);
        }

        TopicSpecification Topic(string name, Dictionary<string, string> settings) => new()
        {
            Name = name, NumPartitions = options.Partitions, ReplicationFactor = options.ReplicationFactor, Configs = settings,
        };
    }

    private static async Task<int> CheckAsync(IAdminClient admin, KafkaLogOptions options, int interactions, int totals)
    {
        var errors = new List<string>();
        if (interactions != totals)
        {
            errors.Add($"{options.InteractionsTopic} has {interactions} partitions and {options.TotalsTopic} has {totals}; they must be as many");
        }

        var batchBytes = BatchBytes(options);
        string[] topics = [options.InteractionsTopic, options.TotalsTopic];
        var described = await admin.DescribeConfigsAsync(
            topics.Select(topic => new ConfigResource { Type = ResourceType.Topic, Name = topic }), new() { RequestTimeout = Request });
        foreach (var topic in topics)
        {
            var isKept = string.Equals(topic, options.TotalsTopic, StringComparison.Ordinal);
            var settings = described.Single(one => string.Equals(one.ConfigResource.Name, topic, StringComparison.Ordinal)).Entries;
            if (settings.TryGetValue("cleanup.policy", out var policy) && Wrong(policy.Value, isKept) is { } wrong)
            {
                errors.Add($"{topic} has cleanup.policy={policy.Value}; {wrong}");
            }

            if (settings.TryGetValue("max.message.bytes", out var most) && int.TryParse(most.Value, CultureInfo.InvariantCulture, out var bytes) && bytes < batchBytes)
            {
                errors.Add($"{topic} has max.message.bytes={most.Value}; what is sent at once may have {batchBytes}");
            }
        }

        return errors.Count == 0
            ? interactions
            : throw new UnfitTopicsException($"Kafka at {options.BootstrapServers}: {string.Join("; ", errors)}.");
    }

    /// <summary>What the producer sends at once at most; a broker takes it or refuses all of it.</summary>
    private static int BatchBytes(KafkaLogOptions options)
    {
        return Math.Min(Setting("message.max.bytes"), Setting("batch.size"));

        int Setting(string name) =>
            options.Producer.TryGetValue(name, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var bytes) ? bytes : DefaultBatchBytes;
    }

    private static string? Wrong(string policy, bool isKept) => isKept
        ? string.Equals(policy, "compact", StringComparison.Ordinal) ? null : "without 'compact' alone totals would be lost"
        : policy.Contains("compact", StringComparison.Ordinal) ? "with 'compact' interactions would be lost" : null;
}
