using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>
/// Follows all of the totals topic, read_committed and from its beginning, on a thread of its own; keeps what each
/// partition's last commit said, and the changes that the next read brings.
/// </summary>
internal sealed class TotalsFollower : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);  // how soon Dispose is noticed

    private readonly Lock _lock = new();
    private readonly KafkaClients _clients;
    private readonly KafkaLogOptions _options;
    private readonly TimeProvider _time;
    private readonly Dictionary<int, Followed> _partitions = [];
    private readonly List<(int Partition, long End, TaskCompletionSource Reached)> _waiting = [];
    private readonly TaskCompletionSource<int> _partitionCount = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private List<PartitionTotal> _changes = [];
    private Dictionary<(int Partition, string Series), int> _changed = [];
    private volatile string? _error;
    private volatile bool _ended;

    public TotalsFollower(KafkaClients clients, KafkaLogOptions options, TimeProvider time)
    {
        _time = time;
        _clients = clients;
        _options = options;
        _thread = new Thread(Run) { Name = "footfall-totals", IsBackground = true };
        _thread.Start();
    }

    /// <summary>How many partitions it follows, once the topic's are known.</summary>
    public Task<int> PartitionCount => _partitionCount.Task;

    /// <summary>What failed last, for the message of a wait that ran out.</summary>
    public string? Error => _error;

    public bool HasChanges
    {
        get
        {
            lock (_lock)
            {
                return _changes.Count > 0;
            }
        }
    }

    /// <summary>Changes since the last call, each series once at its newest value: bounded by the number of series.</summary>
    public IReadOnlyList<PartitionTotal> TakeChanges()
    {
        lock (_lock)
        {
            if (_changes.Count == 0)
            {
                return [];
            }

            var changes = _changes;
            _changes = [];
            _changed = [];
            return changes;
        }
    }

    /// <summary>Completes once all before <paramref name="end"/> is read: committed, or known to be aborted.</summary>
    public Task ReachAsync(int partition, long end)
    {
        lock (_lock)
        {
            if (Of(partition).Reached >= end)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((partition, end, reached));
            return reached.Task;
        }
    }

    public Checkpoint CheckpointOf(int partition, long? committed)
    {
        lock (_lock)
        {
            return Of(partition).Totals.ToCheckpoint(committed) with { Seen = Of(partition).Seen };
        }
    }

    /// <summary>Whether it waits at the last stable offset: what lies beyond belongs to a transaction that is open.</summary>
    public bool IsAtStableEnd(int partition)
    {
        lock (_lock)
        {
            return Of(partition).IsAtEnd;
        }
    }

    /// <summary>The transactional id of who committed last, as far as is known.</summary>
    public string? CommitterOf(int partition)
    {
        lock (_lock)
        {
            return Of(partition).Totals.Committer;
        }
    }

    public void Dispose()
    {
        _ended = true;
        _thread.Join();
    }

    private void Run()
    {
        using var consumer = _clients.Follower();
        while (!_ended && !TryAssign(consumer))
        {
        }

        while (!_ended)
        {
            try
            {
                if (consumer.Consume(Poll) is { } read)
                {
                    Take(read);
                }
            }
            catch (KafkaException error)
            {
                Failed(error);
            }
        }
    }

    private bool TryAssign(IConsumer<byte[], byte[]> consumer)
    {
        try
        {
            using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
            var topic = admin.GetMetadata(_options.TotalsTopic, TimeSpan.FromSeconds(1)).Topics[0];
            if (topic.Partitions.Count > 0 && !topic.Error.IsError)
            {
                consumer.Assign(topic.Partitions.Select(
                    partition => new TopicPartitionOffset(_options.TotalsTopic, partition.PartitionId, Offset.Beginning)));
                _partitionCount.TrySetResult(topic.Partitions.Count);
                return true;
            }

            _error = topic.Error.Reason;
            consumer.Consume(Poll);  // nothing is assigned: a pause that also serves librdkafka's events
        }
        catch (KafkaException error)
        {
            Failed(error);
        }

        return false;
    }

    private void Failed(KafkaException error)
    {
        _error = error.Error.Reason;
        _clients.Tell(error: true, "follower", error.Error.Reason);
    }

    private void Take(ConsumeResult<byte[], byte[]> read)
    {
        lock (_lock)
        {
            var followed = Of(read.Partition.Value);
            followed.IsAtEnd = read.IsPartitionEOF;
            if (read.IsPartitionEOF)
            {
                // The last stable offset: commit markers and aborted records that no read shows lie before it.
                followed.Reached = Math.Max(followed.Reached, read.Offset.Value);
            }
            else
            {
                followed.Reached = Math.Max(followed.Reached, read.Offset.Value + 1);
                followed.Seen = _time.GetTimestamp();
                Apply(read.Partition.Value, followed, read.Message);
            }

            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].Partition == read.Partition.Value && followed.Reached >= _waiting[i].End)
                {
                    _waiting[i].Reached.SetResult();
                    _waiting.RemoveAt(i);
                }
            }
        }
    }

    private void Apply(int partition, Followed followed, Message<byte[], byte[]> message)
    {
        if (followed.Totals.Apply(message) is not { } total)
        {
            return;
        }

        var change = new PartitionTotal(partition, total);
        if (_changed.TryAdd((partition, total.Series), _changes.Count))
        {
            _changes.Add(change);
        }
        else
        {
            _changes[_changed[(partition, total.Series)]] = change;
        }
    }

    private Followed Of(int partition)
    {
        if (!_partitions.TryGetValue(partition, out var followed))
        {
            followed = new Followed();
            _partitions.Add(partition, followed);
        }

        return followed;
    }

    private sealed class Followed
    {
        public PartitionTotals Totals { get; } = new();

        public long Reached { get; set; }

        public bool IsAtEnd { get; set; }

        /// <summary>When the last record was read: later than its commit began.</summary>
        public long? Seen { get; set; }
    }
}
