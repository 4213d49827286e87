using System.Text;
using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>
/// The instance's membership in the group: owns partitions, reads them from where it is told, commits by way of
/// <see cref="Committer"/>. Every member is called by the consumer's thread only.
/// </summary>
internal sealed class GroupReader : IDisposable
{
    // How soon totals of others and a cancellation are noticed while no record comes.
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan Query = TimeSpan.FromSeconds(2);

    // Leaving takes the group's coordinator some milliseconds; where it is away, the session runs out instead.
    private static readonly TimeSpan Leaving = TimeSpan.FromSeconds(5);

    private readonly KafkaClients _clients;
    private readonly KafkaLogOptions _options;
    private readonly TotalsFollower _follower;
    private readonly TimeProvider _time;
    private readonly Committer _committer;
    private readonly IConsumer<Ignore, byte[]> _consumer;
    private readonly FetchedMessages _fetched;
    private readonly Partitions _partitions = new();
    private ReadBuffer _buffer = new();  // what the caller has
    private ReadBuffer _ahead = new();   // what comes next
    private readonly List<(int Partition, long Position)> _seeks = [];
    private readonly List<TopicPartition> _pauses = [];
    private LogException? _failed;
    private LogException? _fatal;
    private readonly List<int> _readAgainNow = []; // what else was taken of these with the messages at hand comes once more
    private readonly Dictionary<int, long> _readAgain = []; // where each partition had a gap last

    public GroupReader(KafkaClients clients, KafkaLogOptions options, TotalsFollower follower, TimeProvider time)
    {
        _clients = clients;
        _options = options;
        _follower = follower;
        _time = time;
        _committer = new Committer(clients, options, time);
        _consumer = clients.Reader()
            .SetPartitionsAssignedHandler((_, partitions) => Assigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => Revoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => Revoked(partitions))
            .Build();
        _fetched = new FetchedMessages(_consumer.Handle);
        _consumer.Subscribe(options.InteractionsTopic);
    }

    public LogRead Read(TimeSpan wait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested(); // and so not after Dispose
        _buffer.Clear();
        (_buffer, _ahead) = (_ahead, _buffer);
        ThrowFailed();
        ApplySeeks();
        var start = _time.GetTimestamp();
        while (true)
        {
            var left = wait - _time.GetElapsedTime(start);
            var ready = _partitions.HasEvents || _follower.HasChanges || _buffer.Count > 0;
            if (_buffer.Count < _options.ReadRecords && Poll(_buffer, ready || left <= TimeSpan.Zero ? TimeSpan.Zero : left < Slice ? left : Slice))
            {
                Drain(_buffer);
            }

            if (ready || _buffer.Count > 0 || _partitions.HasEvents || left <= TimeSpan.Zero)
            {
                break;
            }

            ThrowFailed();
            cancellationToken.ThrowIfCancellationRequested();
        }

        KafkaTelemetry.Received.Add(_buffer.Count);
        var (revoked, assigned) = _partitions.TakeEvents();
        return new(revoked, assigned, _follower.TakeChanges(), _buffer.Take());
    }

    /// <summary>
    /// While the caller counts a read that was full: the next one is begun, on the second core. What of it is revoked, lost
    /// or sought meanwhile is not handed out.
    /// </summary>
    public void ReadAhead()
    {
        if (_buffer.Count >= _options.ReadRecords && _ahead.Count == 0)
        {
            try
            {
                ApplySeeks();
                Drain(_ahead);
            }
            catch (KafkaException error)
            {
                Fail(error);
            }
        }
    }

    /// <summary>Ends what an earlier process under this name left open, before the partition is loaded.</summary>
    /// <exception cref="KafkaException">Not now.</exception>
    public void EndOwnTransaction(int partition)
    {
        ThrowUnlessOwned(partition);
        _committer.Ready();
    }

    /// <summary>The group's committed offset once no transaction with an offset is open (KIP-447), or null where there is none.</summary>
    /// <exception cref="KafkaException">Not now; <see cref="ErrorCode.UnstableOffsetCommit"/> while a transaction is open.</exception>
    public long? Committed(int partition, TimeSpan wait)
    {
        ThrowUnlessOwned(partition);
        _committer.Ready();
        var offset = _consumer.Committed([new(_options.InteractionsTopic, partition)], wait)[0].Offset;
        return offset.IsSpecial ? null : offset.Value;
    }

    public void Seek(int partition, long position)
    {
        _ahead.Drop(partition);
        Go(partition, position);
    }

    /// <summary>See <see cref="Committer.Trouble"/>; of any thread.</summary>
    public string? CommitTrouble => _committer.Trouble;

    public CommitResult Commit(IReadOnlyList<PartitionCommit> commits)
    {
        if (commits.Count == 0)
        {
            return CommitResult.Committed;
        }

        // What changed while it read ahead, the next read tells: until then nobody knows whose these are.
        if (_partitions.HasEvents || !commits.All(commit => _partitions.Owns(commit.Partition)))
        {
            return CommitResult.Aborted;
        }

        // In this order: librdkafka clears the member id when the group throws it out, and a commit without one is not
        // fenced at all. It gets a new one only after its Revoked handler has run, which runs on this thread.
        var group = _consumer.ConsumerGroupMetadata;
        var result = string.IsNullOrEmpty(_consumer.MemberId) ? CommitResult.Aborted : _committer.Commit(commits, group);
        return result == CommitResult.Lost ? Lost(commits) : result;
    }

    public long? EndPosition(int partition)
    {
        var end = _consumer.GetWatermarkOffsets(new(_options.InteractionsTopic, partition)).High;
        return end.IsSpecial ? null : end.Value;
    }

    /// <summary>Leaves the group, so that the others need not wait for the session to run out.</summary>
    /// <remarks>
    /// Gives its partitions up and serves what the group had to say before it closes: an answer to a rebalance that waits
    /// in the queue while the client closes is one that librdkafka waits for without end
    /// (https://github.com/confluentinc/librdkafka/issues/4884). A client that does not close all the same is left to itself.
    /// </remarks>
    public void Dispose()
    {
        if (!Bounded.TryCall("reader", Leaving, Close))
        {
            _clients.Tell(error: true, "reader", $"not closed within {Leaving.TotalSeconds:0} s; left to itself");
        }

        _committer.Dispose();
    }

    private void Close()
    {
        _fetched.Dispose();
        try
        {
            _consumer.Unsubscribe();
            do
            {
                Serve();
            }
            while (_consumer.Assignment.Count > 0);
            _consumer.Close();
        }
        catch (KafkaException error)
        {
            _clients.Tell(error: true, "reader", $"leaving the group: {error.Error.Reason}");
        }

        _consumer.Dispose();
    }

    private void Serve()
    {
        try
        {
            _consumer.Consume(Slice);
        }
        catch (ConsumeException)
        {
            // Of no interest any more.
        }
    }

    private void Go(int partition, long position)
    {
        if (_partitions.Seek(partition, position))
        {
            _seeks.RemoveAll(seek => seek.Partition == partition);
            _seeks.Add((partition, position));
        }
    }

    private CommitResult Lost(IReadOnlyList<PartitionCommit> commits)
    {
        foreach (var commit in commits)
        {
            if (_partitions.Owns(commit.Partition))
            {
                _partitions.Hold(commit.Partition);
                _ahead.Drop(commit.Partition);
                _pauses.Add(new(_options.InteractionsTopic, commit.Partition));
            }
        }

        return CommitResult.Lost;
    }

    private List<TopicPartitionOffset> Assigned(List<TopicPartition> partitions)
    {
        _partitions.Assign(partitions.Select(partition => partition.Partition.Value));
        _pauses.AddRange(partitions);
        return partitions.ConvertAll(partition => new TopicPartitionOffset(partition, EndOf(partition)));
    }

    /// <summary>
    /// Where an assignment begins: at the end, since what is fetched before the caller's Seek is thrown away. As a number,
    /// not <see cref="Offset.End"/>: librdkafka would look that up by itself, and an answer that comes after a seek makes
    /// it look again and go there, past what was sought (rd_kafka_toppar_handle_Offset, outdated). So where the end can't
    /// be told it is the beginning.
    /// </summary>
    private Offset EndOf(TopicPartition partition)
    {
        try
        {
            return _consumer.QueryWatermarkOffsets(partition, Query).High;
        }
        catch (KafkaException error)
        {
            _clients.Tell(error: true, "reader", $"asking for the end of {partition}: {error.Error.Reason}");
            return 0;
        }
    }

    private void Revoked(List<TopicPartitionOffset> partitions)
    {
        foreach (var partition in partitions)
        {
            _buffer.Drop(partition.Partition.Value);
            _ahead.Drop(partition.Partition.Value);
            _pauses.Remove(partition.TopicPartition);
            _seeks.RemoveAll(seek => seek.Partition == partition.Partition.Value);
            _readAgain.Remove(partition.Partition.Value);
        }

        _partitions.Revoke(partitions.Select(partition => partition.Partition.Value));
    }

    /// <summary>Takes what is there, up to a full read.</summary>
    private void Drain(ReadBuffer buffer)
    {
        var any = true;
        while (any && buffer.Count < _options.ReadRecords && _failed is null && !_partitions.HasEvents)
        {
            _fetched.Take(_options.ReadRecords - buffer.Count);
            try
            {
                ApplyPauses();
                for (var i = 0; i < _fetched.Count; i++)
                {
                    Take(buffer, _fetched[i]);
                }
            }
            finally
            {
                _readAgainNow.Clear();
                any = _fetched.Count > 0;
                _fetched.Release();
            }
        }
    }

    /// <summary>Waits for what comes first; false when nothing did.</summary>
    private bool Poll(ReadBuffer buffer, TimeSpan wait)
    {
        try
        {
            if (_consumer.Consume(wait) is not { } read)
            {
                return false;
            }

            Take(buffer, read.Partition.Value, read.Offset.Value, read.Message.Value);
            return true;
        }
        catch (ConsumeException error) when (error.Error.Code == ErrorCode.Local_MaxPollExceeded)
        {
            return false;  // the partitions are lost, which the handler tells
        }
        catch (KafkaException error)
        {
            Fail(error);
            return false;
        }
        finally
        {
            _readAgainNow.Clear();
            ApplyPauses();
        }
    }

    private void Take(ReadBuffer buffer, in FetchedMessages.Message message)
    {
        if (message.Error == ErrorCode.NoError)
        {
            Take(buffer, message.Partition, message.Offset, message.Value);
        }
        else if (message.Error != ErrorCode.Local_MaxPollExceeded)
        {
            var isFatal = message.Error == ErrorCode.Local_Fatal;
            Fail(new KafkaException(new Error(message.Error, Encoding.UTF8.GetString(message.Value), isFatal)));
        }
    }

    private void Take(ReadBuffer buffer, int partition, long position, ReadOnlySpan<byte> value)
    {
        if (_readAgainNow.Contains(partition))
        {
            return;
        }

        if (_partitions.Skips(partition, position) is { } expected
            && !(_readAgain.TryGetValue(partition, out var known) && known == expected)
            && !Expired(partition, expected))
        {
            // Once: what is not there the second time either (a marker of somebody's transaction) is for Count to miss.
            _readAgain[partition] = expected;
            _readAgainNow.Add(partition);
            Go(partition, expected);
            ApplySeeks();
        }
        else if (_partitions.Accept(partition, position))
        {
            buffer.Add(partition, position, value);
        }
    }

    private void ThrowUnlessOwned(int partition)
    {
        if (!_partitions.Owns(partition))
        {
            throw new LogException($"{_options.InteractionsTopic} [{partition}] is not owned by instance {_options.Instance}.");
        }
    }

    private LogException Unreadable(KafkaException error) =>
        new($"Reading {_options.InteractionsTopic} from Kafka at {_options.BootstrapServers}: {error.Error.Reason}", error);

    /// <summary>Positions are dense but for what retention has deleted; a gap that it did not make is read again.</summary>
    private bool Expired(int partition, long expected)
    {
        try
        {
            var expired = _consumer.QueryWatermarkOffsets(new(_options.InteractionsTopic, partition), Query).Low.Value > expected;
            _clients.Tell(error: true, "reader", $"{_options.InteractionsTopic} [{partition}]: {(expired ? "deleted" : "skipped")} from {expected}");
            return expired;
        }
        catch (KafkaException error)
        {
            _clients.Tell(error: true, "reader", $"{_options.InteractionsTopic} [{partition}]: deleted or skipped from {expected}: {error.Error.Reason}");
            return false; // read again, which shows it too
        }
    }

    private void ApplyPauses()
    {
        if (_pauses.Count > 0)
        {
            _consumer.Pause(_pauses);
            _pauses.Clear();
        }
    }

    private void ApplySeeks()
    {
        ApplyPauses();
        for (var i = _seeks.Count - 1; i >= 0; i--)
        {
            var partition = new TopicPartition(_options.InteractionsTopic, _seeks[i].Partition);
            try
            {
                _consumer.Seek(new(partition, _seeks[i].Position));
                _consumer.Resume([partition]);
                _seeks.RemoveAt(i);
            }
            catch (KafkaException error)
            {
                // The assignment is not in effect yet, or the leader is away: again at the next read.
                _clients.Tell(error: false, "reader", $"seeking {partition}: {error.Error.Reason}");
            }
        }
    }

    /// <summary>
    /// An error of a fetch passes. After a fatal one the client gives nothing any more and tells nobody: nothing is owned then,
    /// and every read says so.
    /// </summary>
    private void Fail(KafkaException error)
    {
        _failed = Unreadable(error);
        if (error.Error.IsFatal && _fatal is null)
        {
            _fatal = _failed;
            Revoked([.. _partitions.Owned.Select(partition => new TopicPartitionOffset(_options.InteractionsTopic, partition, Offset.Unset))]);
        }
    }

    // What was read before the error is handed out first; the error comes with the next read.
    private void ThrowFailed()
    {
        if (_fatal is not null)
        {
            if (_partitions.HasEvents)
            {
                return;
            }

            throw _fatal;
        }

        if (_failed is { } failed && _buffer.Count == 0)
        {
            _failed = null;
            throw failed;
        }
    }
}
