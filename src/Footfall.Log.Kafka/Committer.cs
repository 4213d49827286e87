using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>
/// The instance's transactional producer: totals, states and the group's offsets in one transaction, fenced by the
/// group's generation (KIP-98, KIP-447). Every end of a call is one of two: committed, or no transaction is left that
/// could still commit. Used by the consumer's thread only.
/// </summary>
internal sealed class Committer(KafkaClients clients, KafkaLogOptions options, TimeProvider time) : IDisposable
{
    // How much longer than its own timeout a call may take before it is taken for one that never returns.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private IProducer<byte[]?, byte[]>? _producer;
    private volatile bool _fatal;
    private volatile string? _trouble;

    /// <summary>
    /// A producer that may begin a transaction. Making one ends what an earlier one under the same id left open, in this
    /// process or in one that crashed: until that is certain, nothing may be loaded.
    /// </summary>
    /// <exception cref="KafkaException">Not now.</exception>
    public IProducer<byte[]?, byte[]> Ready()
    {
        if (_fatal)
        {
            Replace();
        }

        if (_producer is null)
        {
            var producer = clients.Committer(options.TransactionalId, error => _fatal |= error.IsFatal);
            try
            {
                Retry(time.GetTimestamp(), left => producer.InitTransactions(left));
            }
            catch
            {
                producer.Dispose();
                throw;
            }

            _producer = producer;
        }

        return _producer;
    }

    /// <summary>
    /// Ends the transaction that an instance left open when it died or was stopped, at once and not after its timeout
    /// and a broker's next look for such (10 s each by default). Should it wake up, it is fenced.
    /// </summary>
    /// <exception cref="KafkaException">Not now.</exception>
    public static void EndTransactionOf(string transactionalId, KafkaClients clients, TimeSpan wait)
    {
        using var producer = clients.Committer(transactionalId, _ => { });
        producer.InitTransactions(wait);
    }

    /// <summary>Why the last commit failed; null when it did not.</summary>
    public string? Trouble => _trouble;

    public CommitResult Commit(IReadOnlyList<PartitionCommit> commits, IConsumerGroupMetadata group)
    {
        var start = time.GetTimestamp();
        try
        {
            var producer = Ready();
            producer.BeginTransaction();
            foreach (var commit in commits)
            {
                Produce(producer, commit);
            }

            CallBounded(producer, () => Retry(start, left => producer.SendOffsetsToTransaction(commits.Select(OffsetOf), group, left)));
            // May time out while the outcome is open; called again it goes on waiting for the same commit.
            Retry(start, left => producer.CommitTransaction(left));
            _trouble = null;
            return CommitResult.Committed;
        }
        catch (KafkaException error)
        {
            return TryAbort(error) ? CommitResult.Aborted : CommitResult.Lost;
        }
    }

    public void Dispose()
    {
        _producer?.Dispose();
        _producer = null;
    }

    private void Produce(IProducer<byte[]?, byte[]> producer, PartitionCommit commit)
    {
        var to = new TopicPartition(options.TotalsTopic, commit.Partition);
        foreach (var total in commit.Totals)
        {
            producer.Produce(to, TotalsRecord.Of(commit.Partition, total));
        }

        producer.Produce(to, TotalsRecord.Of(commit, options.TransactionalId));
    }

    private TopicPartitionOffset OffsetOf(PartitionCommit commit) =>
        new(options.InteractionsTopic, commit.Partition, commit.Position);

    private bool TryAbort(KafkaException error)
    {
        _trouble = error.Error.Reason;
        var aborted = false;
        // Anything but an abortable error leaves the transaction in a state that only a new producer is sure to end.
        if (_producer is { } producer && error is KafkaTxnRequiresAbortException)
        {
            try
            {
                Retry(time.GetTimestamp(), left => producer.AbortTransaction(left));
                aborted = true;
            }
            catch (KafkaException)
            {
                // Its end is not known.
            }
        }

        clients.Tell(error: !aborted, "committer", $"a commit is {(aborted ? "aborted" : "lost")}: {error.Error.Reason}");
        if (!aborted)
        {
            Replace();
        }

        return aborted;
    }

    private void Replace()
    {
        if (_producer is not null)
        {
            KafkaTelemetry.Replaced.Add(1, new KeyValuePair<string, object?>("client", "committer"));
        }

        Dispose();
        _fatal = false;
    }

    /// <summary>
    /// A call that librdkafka may never return from: sending offsets forgets its timeout while the group's coordinator is
    /// away (https://github.com/confluentinc/librdkafka/issues/5456). Such a producer is left to itself; the next one
    /// under its id fences it, so nothing of it is committed.
    /// </summary>
    /// <exception cref="KafkaException">It failed, or did not return.</exception>
    private void CallBounded(IProducer<byte[]?, byte[]> producer, Action call)
    {
        if (!Bounded.TryCall("committer", options.TransactionTimeout + Grace, call, late: producer.Dispose))
        {
            _producer = null;
            KafkaTelemetry.Replaced.Add(1, new KeyValuePair<string, object?>("client", "committer"));
            throw new KafkaException(new Error(ErrorCode.Local_TimedOut, "sending offsets did not return"));
        }
    }

    /// <summary>Librdkafka's transactional calls may be resumed by calling them again after a retriable error or a timeout.</summary>
    private void Retry(long start, Action<TimeSpan> call)
    {
        while (true)
        {
            var left = options.TransactionTimeout - time.GetElapsedTime(start);
            try
            {
                call(left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1));
                return;
            }
            catch (KafkaRetriableException) when (left > TimeSpan.Zero)
            {
            }
        }
    }
}
