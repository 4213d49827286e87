using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Footfall.Log.Kafka;

/// <summary>
/// One metrics instance's view of the log: a member of the group (cooperative-sticky, KIP-429; or KIP-848 with
/// <c>group.protocol=consumer</c>), read_committed, whose only commits are transactions fenced by the group's generation.
/// </summary>
public sealed class KafkaLogConsumer : ILogConsumer
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // One question of a load: the thread that reads is busy for so long.
    private static readonly TimeSpan Query = TimeSpan.FromSeconds(1);

    // A broker that is there answers in milliseconds; the load tries again.
    private static readonly TimeSpan Ends = TimeSpan.FromSeconds(3);

    // A transaction takes some ten milliseconds, and its owner gave the partition up before we got it: one that is
    // open for so long has nobody to end it.
    private static readonly TimeSpan Orphaned = TimeSpan.FromMilliseconds(500);

    // A consumer that waits for what comes can't tell a quiet broker from one that is away, so it is asked.
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    private readonly KafkaLogOptions _options;
    private readonly KafkaClients _clients;
    private readonly TimeProvider _time;
    private readonly TotalsFollower _follower;
    private readonly KafkaThread _thread;
    private readonly IAdminClient _admin;
    private readonly GroupReader _reader;
    private readonly Dictionary<int, long> _ends = [];
    private readonly Dictionary<string, Task<bool>> _orphans = new(StringComparer.Ordinal);  // by whose transaction is being ended
    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _asking = new(1);
    private readonly Task _watch;
    private long _answered;

    /// <summary>Makes the clients and begins to join the group. The topics are to be there: <see cref="KafkaTopics"/>.</summary>
    /// <exception cref="LogException">The options are wrong.</exception>
    public KafkaLogConsumer(KafkaLogOptions options, Action<KafkaEvent>? tell = null, TimeProvider? time = null)
    {
        _options = options.Checked();
        _time = time ?? TimeProvider.System;
        _clients = new KafkaClients(options, tell);
        _admin = _clients.Admin();
        _follower = new TotalsFollower(_clients, options, _time);
        _reader = new GroupReader(_clients, options, _follower, _time);
        _thread = new KafkaThread("footfall-kafka");
        _answered = _time.GetTimestamp(); // the topics have been asked for
        _watch = Task.Run(WatchAsync, CancellationToken.None);
    }

    /// <inheritdoc/>
    public TimeSpan? Lease => _options.Lease;

    /// <inheritdoc/>
    public long? Answered => Volatile.Read(ref _answered);

    /// <inheritdoc/>
    public string? CommitTrouble => _reader.CommitTrouble is { } reason ? $"Kafka at {_options.BootstrapServers}: {reason}" : null;

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">Disposed of, before or while it waits.</exception>
    public async ValueTask<LogRead> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_ended.IsCancellationRequested, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended.Token);
        try
        {
            var read = await _thread.RunAsync(() => _reader.Read(wait, either.Token), then: _reader.ReadAhead);
            if (read.Records.Count > 0)
            {
                Heard();
            }

            return read;
        }
        catch (OperationCanceledException error) when (_ended.IsCancellationRequested)
        {
            throw new ObjectDisposedException("The consumer was disposed of.", error);
        }
    }

    /// <summary>The last checkpoint of an owned partition, once no transaction of an earlier owner is open.</summary>
    /// <remarks>
    /// First the group's stable offset: after it no earlier owner's commit is under way, and none passes the fence any
    /// more. Then all of the totals up to their end as it is now. That end is the high watermark, not the last stable
    /// offset: a coordinator writes a transaction's markers to its partitions one by one, so the offsets may be stable
    /// while the totals of the same transaction are not yet. And last, the totals of the other partitions to their stable
    /// ends: whoever showed totals before showed nothing beyond them, so what this instance shows is not less.
    /// The position is the one committed among the totals; a group's offsets expire a week after its last member left
    /// (<c>offsets.retention.minutes</c>), the totals never do.
    /// </remarks>
    /// <exception cref="LogException">Not owned, no broker, or a transaction stayed open for longer than its timeout.</exception>
    public async ValueTask<Checkpoint> LoadAsync(int partition, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_ended.IsCancellationRequested, this);
        var start = _time.GetTimestamp();
        var limit = _options.TransactionTimeout * 2;  // the transaction's own, and a broker's round of looking for old ones
        try
        {
            TimeSpan Left() => limit - _time.GetElapsedTime(start) is var left && left > Pause ? left : Pause;
            // One that an earlier process under our own name left open ends with this.
            await _thread.RunAsync(() => _reader.EndOwnTransaction(partition));
            // Another's is waited for and ended here, where nobody else waits: the question for the offset keeps the thread that reads.
            await ReachAsync(partition, await EndsAsync(partition), cancellationToken).WaitAsync(Left(), _time, cancellationToken);
            var committed = await CommittedAsync(partition, start, limit, cancellationToken);
            await ReachAsync(partition, await EndsAsync(partition), cancellationToken).WaitAsync(Left(), _time, cancellationToken);
            await ReachStableEndsAsync(await _follower.PartitionCount.WaitAsync(Left(), _time, cancellationToken))
                .WaitAsync(Left(), _time, cancellationToken);
            return _follower.CheckpointOf(partition, committed);
        }
        catch (KafkaException error)
        {
            throw new LogException($"Loading [{partition}] from Kafka at {_options.BootstrapServers}: {error.Error.Reason}", error);
        }
        catch (TimeoutException error)
        {
            throw new LogException(
                $"Loading [{partition}] from Kafka at {_options.BootstrapServers}: {_options.TotalsTopic} was not read to its end within " +
                $"{limit.TotalSeconds:0.#} s ({_follower.Error ?? "a transaction is still open"})", error);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Takes effect with the next read. Of a partition that is not owned any more it is ignored.</remarks>
    public void Seek(int partition, long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ObjectDisposedException.ThrowIf(_ended.IsCancellationRequested, this);
        // Runs before the next read, since one thread runs all in order.
        _ = _thread.RunAsync(() => _reader.Seek(partition, position));
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A started commit is not cancelled: its end would be unknown. At most the transaction timeout, and as long again to
    /// end a lost one. After <see cref="CommitResult.Lost"/> nothing of its partitions is read until they are sought again.
    /// </remarks>
    public ValueTask<CommitResult> CommitAsync(IReadOnlyList<PartitionCommit> commits, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<CommitResult>(cancellationToken)
            : _ended.IsCancellationRequested
                ? new(CommitResult.Lost)
                : new(_thread.RunAsync(() => _reader.Commit(commits)));

    /// <summary>Nothing to do: the broker removes what is past the topic's retention.</summary>
    public ValueTask ReleaseAsync(int partition, long below, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public long EndPosition(int partition)
    {
        lock (_ends)
        {
            var known = _ends.GetValueOrDefault(partition);
            if (!_ended.IsCancellationRequested && _reader.EndPosition(partition) is { } seen && seen > known)
            {
                _ends[partition] = known = seen;
            }

            return known;
        }
    }

    /// <summary>Leaves the group and ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ended.IsCancellationRequested)
        {
            return;
        }

        await _ended.CancelAsync();
        await _thread.RunAsync(_reader.Dispose);
        await _watch;
        await Task.Run(() =>
        {
            _thread.Dispose();
            _follower.Dispose();
            _admin.Dispose();
            _asking.Dispose();
        }, CancellationToken.None);
    }

    private void Heard() => Volatile.Write(ref _answered, _time.GetTimestamp());

    /// <summary>Asks for the ends of what is owned, or of a first partition, so that they are known also while nothing can be fetched or committed.</summary>
    private async Task WatchAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                int[] known;
                lock (_ends)
                {
                    known = [.. _ends.Keys];
                }

                var ends = await ListEndsAsync(
                    (known.Length > 0 ? known : [0]).Select(partition => new TopicPartition(_options.InteractionsTopic, partition)), IsolationLevel.ReadUncommitted);
                Heard();
                lock (_ends)
                {
                    foreach (var end in ends.Where(end => _ends.ContainsKey(end.Partition.Value)))
                    {
                        _ends[end.Partition.Value] = Math.Max(_ends[end.Partition.Value], end.Offset.Value);
                    }
                }
            }
            catch (KafkaException)
            {
                // No answer, which shows in Answered; what is wrong the clients tell.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(AskEvery, _time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<long?> CommittedAsync(int partition, long start, TimeSpan limit, CancellationToken cancellationToken)
    {
        long? unstable = null;
        var isEnded = false;
        while (true)
        {
            // One question at a time: reads and commits wait on the same thread.
            await _asking.WaitAsync(cancellationToken);
            var asked = _time.GetTimestamp();
            try
            {
                return await _thread.RunAsync(() => _reader.Committed(partition, Query));
            }
            catch (KafkaException error) when (IsPassing(error) && _time.GetElapsedTime(start) < limit)
            {
                unstable = IsUnstable(error) || await AnswersAsync(partition) ? unstable ?? asked : null;
            }
            finally
            {
                _asking.Release();
            }

            // Only who has read all that is committed knows who committed last, and once: it may be another's transaction.
            if (!isEnded && unstable is { } since && _time.GetElapsedTime(since) >= Orphaned && _follower.IsAtStableEnd(partition))
            {
                isEnded = await EndOrphanAsync(partition);
            }

            await Task.Delay(Pause, _time, cancellationToken);
        }
    }

    private async Task ReachAsync(int partition, long end, CancellationToken cancellationToken)
    {
        var reached = _follower.ReachAsync(partition, end);
        var isEnded = false;
        while (!reached.IsCompleted)
        {
            var wasAtEnd = _follower.IsAtStableEnd(partition);
            await Task.WhenAny(reached, Task.Delay(Orphaned, _time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (!isEnded && wasAtEnd && !reached.IsCompleted && _follower.IsAtStableEnd(partition))
            {
                isEnded = await EndOrphanAsync(partition);
            }
        }
    }

    /// <summary>Several partitions may wait for one transaction: it is ended once.</summary>
    private Task<bool> EndOrphanAsync(int partition)
    {
        // A record's header is anybody's: it names an instance of our group, or nobody.
        if (_follower.CommitterOf(partition) is not { } committer
            || !committer.StartsWith(_options.Group + "-", StringComparison.Ordinal)
            || string.Equals(committer, _options.TransactionalId, StringComparison.Ordinal))
        {
            return Task.FromResult(false);
        }

        lock (_orphans)
        {
            if (!_orphans.TryGetValue(committer, out var ending) || ending.IsCompleted)
            {
                _orphans[committer] = ending = Task.Run(() => EndOrphan(committer), CancellationToken.None);
            }

            return ending;
        }
    }

    private bool EndOrphan(string committer)
    {
        try
        {
            Committer.EndTransactionOf(committer, _clients, _options.TransactionTimeout);
            _clients.Tell(error: false, "committer", $"the transaction that {committer} left open is ended");
            return true;
        }
        catch (KafkaException error)
        {
            _clients.Tell(error: true, "committer", $"ending the transaction that {committer} left open: {error.Error.Reason}");
            return false;
        }
    }

    /// <summary>
    /// Whether the coordinator answers at all. While a transaction is open, librdkafka goes on asking for the stable offset by
    /// itself until the time is up (https://github.com/confluentinc/librdkafka/pull/3272), which alone could be a coordinator that is away:
    /// nobody is to be fenced for that.
    /// </summary>
    private async Task<bool> AnswersAsync(int partition)
    {
        try
        {
            await _admin.ListConsumerGroupOffsetsAsync(
                [new(_options.Group, [new(_options.InteractionsTopic, partition)])], new() { RequireStableOffsets = false, RequestTimeout = Query });
            return true;
        }
        catch (KafkaException)
        {
            return false;
        }
    }

    private static bool IsPassing(KafkaException error) => error.Error.Code == ErrorCode.Local_TimedOut || IsUnstable(error);

    private static bool IsUnstable(KafkaException error) =>
        error.Error.Code == ErrorCode.UnstableOffsetCommit
        || (error is TopicPartitionOffsetException offsets && offsets.Results.Exists(result => result.Error.Code == ErrorCode.UnstableOffsetCommit));

    private async Task ReachStableEndsAsync(int partitions)
    {
        var ends = await ListEndsAsync(
            Enumerable.Range(0, partitions).Select(partition => new TopicPartition(_options.TotalsTopic, partition)), IsolationLevel.ReadCommitted);
        await Task.WhenAll(ends.Select(end => _follower.ReachAsync(end.Partition.Value, end.Offset.Value)));
    }

    /// <summary>The totals' high watermark; the interactions' is kept for <see cref="EndPosition"/>.</summary>
    private async Task<long> EndsAsync(int partition)
    {
        var ends = await ListEndsAsync([new(_options.TotalsTopic, partition), new(_options.InteractionsTopic, partition)], IsolationLevel.ReadUncommitted);
        if (ends.Find(end => end.Offset.Value < 0) is { } unknown)
        {
            // A leader that has just been elected may not know it yet: the log would seem cut.
            throw new KafkaException(new Error(ErrorCode.OffsetNotAvailable, $"{unknown.TopicPartition}: its leader does not know its end yet"));
        }

        lock (_ends)
        {
            _ends[partition] = Math.Max(_ends.GetValueOrDefault(partition), EndOf(_options.InteractionsTopic));
        }

        return EndOf(_options.TotalsTopic);

        long EndOf(string topic) => ends.Single(end => string.Equals(end.Topic, topic, StringComparison.Ordinal)).Offset.Value;
    }

    private Task<List<TopicPartitionOffsetError>> ListEndsAsync(IEnumerable<TopicPartition> partitions, IsolationLevel isolation) =>
        PartitionEnds.ListAsync(_admin, partitions, isolation, Ends, _ended.Token);
}
