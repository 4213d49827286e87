using System.Globalization;
using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>A partition as a scan finds it.</summary>
/// <param name="Partition">Which.</param>
/// <param name="First">The first position that is still kept.</param>
/// <param name="Checkpoint">Its last checkpoint, with all of its totals.</param>
public readonly record struct ScannedPartition(int Partition, long First, Checkpoint Checkpoint);

/// <summary>
/// Reads checkpoints and interactions beside the metrics instances: no membership in a group, and nothing committed. One
/// caller at a time.
/// </summary>
public sealed class KafkaScan : IDisposable
{
    private const int BatchRecords = 10_000;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100); // how soon a stop is heard

    /// <summary>Without an answer for this long, Kafka can't be read.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly KafkaLogOptions _options;
    private readonly TimeProvider _time;
    private readonly IConsumer<byte[], byte[]> _totals;
    private readonly IConsumer<Ignore, byte[]> _interactions;
    private volatile string? _error;

    /// <summary>Makes the clients.</summary>
    /// <exception cref="LogException">The options are wrong.</exception>
    public KafkaScan(KafkaLogOptions options, TimeProvider time)
    {
        (_options, _time) = (options.Checked(), time);
        var clients = new KafkaClients(options, told => _error = told.Error ? told.Text : _error);
        _totals = clients.Follower();
        _interactions = clients.Scanner();
    }

    /// <summary>
    /// Every partition's checkpoint, of one moment for each: the totals' last stable offset, which stands between two
    /// commits and never within one.
    /// </summary>
    /// <exception cref="LogException">Kafka can't be read, or does not have the topics.</exception>
    public async Task<IReadOnlyList<ScannedPartition>> CheckpointsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var admin = new DependentAdminClientBuilder(_totals.Handle).Build();
            var count = PartitionsOf(admin, _options.TotalsTopic);
            if (PartitionsOf(admin, _options.InteractionsTopic) is var other && other != count)
            {
                throw Unreadable($"{_options.InteractionsTopic} has {other} partitions and {_options.TotalsTopic} has {count}");
            }

            var ends = await EndsAsync(admin, count, cancellationToken);
            var totals = ReadTotals(ends, cancellationToken);
            return [.. totals.Select((checkpoint, partition) => new ScannedPartition(
                partition,
                _interactions.QueryWatermarkOffsets(new(_options.InteractionsTopic, partition), Patience).Low.Value,
                checkpoint))];
        }
        catch (KafkaException error)
        {
            throw Unreadable(error.Error.Reason, error);
        }
    }

    /// <summary>Records of a partition from one position to another, as many as there are. Each batch is valid until the next.</summary>
    /// <exception cref="LogException">Kafka can't be read.</exception>
    public IEnumerable<IReadOnlyList<LoggedRecord>> Records(int partition, long from, long below, CancellationToken cancellationToken)
    {
        var batch = new List<LoggedRecord>(BatchRecords);
        _interactions.Assign(new TopicPartitionOffset(_options.InteractionsTopic, partition, from));
        var next = from;
        while (next < below)
        {
            var read = Consume(_interactions, cancellationToken);
            if (read.IsPartitionEOF)
            {
                break; // it ends before the checkpoint: cut, which is for the recount to tell
            }

            next = read.Offset.Value + 1;
            if (next <= below)
            {
                batch.Add(new(read.Offset.Value, read.Message.Value));
            }

            if (batch.Count == BatchRecords)
            {
                yield return batch;
                batch.Clear();
            }
        }

        _interactions.Unassign();
        yield return batch;
    }

    /// <summary>Closes the clients.</summary>
    public void Dispose()
    {
        _totals.Dispose();
        _interactions.Dispose();
    }

    private int PartitionsOf(IAdminClient admin, string topic)
    {
        var found = admin.GetMetadata(topic, Patience).Topics[0];
        return found.Error.IsError ? throw Unreadable($"{topic}: {found.Error.Reason}") : found.Partitions.Count;
    }

    private async Task<long[]> EndsAsync(IAdminClient admin, int partitions, CancellationToken cancellationToken)
    {
        var ends = await PartitionEnds.ListAsync(
            admin,
            Enumerable.Range(0, partitions).Select(partition => new TopicPartition(_options.TotalsTopic, partition)),
            IsolationLevel.ReadCommitted,
            Patience,
            cancellationToken);
        return [.. ends.OrderBy(end => end.Partition.Value).Select(end => end.Offset.Value)];
    }

    private Checkpoint[] ReadTotals(long[] ends, CancellationToken cancellationToken)
    {
        var checkpoints = ends.Select(_ => new Reading()).ToArray();
        var open = ends.Count(end => end > 0);
        _totals.Assign(ends.Select((_, partition) => new TopicPartitionOffset(_options.TotalsTopic, partition, Offset.Beginning)));
        while (open > 0)
        {
            var read = Consume(_totals, cancellationToken);
            var (reading, end) = (checkpoints[read.Partition.Value], ends[read.Partition.Value]);
            if (!read.IsPartitionEOF && read.Offset.Value < end)
            {
                reading.Totals.Apply(read.Message);
            }

            if (!reading.IsDone && (read.IsPartitionEOF ? read.Offset.Value : read.Offset.Value + 1) >= end)
            {
                reading.IsDone = true;
                open -= end > 0 ? 1 : 0;
            }
        }

        _totals.Unassign();
        return [.. checkpoints.Select(reading => reading.Totals.ToCheckpoint(otherwise: null))];
    }

    private ConsumeResult<TKey, byte[]> Consume<TKey>(IConsumer<TKey, byte[]> consumer, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (consumer.Consume(Poll) is { } read)
                {
                    return read;
                }
            }
            catch (KafkaException error)
            {
                throw Unreadable(error.Error.Reason, error);
            }

            if (_time.GetElapsedTime(start) > Patience)
            {
                throw Unreadable(_error ?? string.Create(CultureInfo.InvariantCulture, $"no answer within {Patience.TotalSeconds:0} s"));
            }
        }
    }

    private LogException Unreadable(string reason, Exception? cause = null) =>
        new($"Kafka at {_options.BootstrapServers} can't be read: {reason}", cause);

    private sealed class Reading
    {
        public PartitionTotals Totals { get; } = new();

        public bool IsDone { get; set; }
    }
}
