namespace Footfall.Log;

/// <summary>
/// The side of the log that the metrics service reads: records of the partitions that it owns, checkpoints, and the
/// totals that others committed. One call at a time, but for <see cref="LoadAsync"/> and <see cref="ReleaseAsync"/>, which
/// may overlap all others; the adapter brings its own threads.
/// </summary>
/// <remarks>
/// The life of a partition: <see cref="LogRead.Assigned"/>, then <see cref="LoadAsync"/> (waits until no transaction
/// of an earlier owner is open, for some seconds where that one died in the middle of one), then <see cref="Seek"/> (no record comes before it), then records and
/// <see cref="CommitAsync"/>, until <see cref="LogRead.Revoked"/>.
/// </remarks>
public interface ILogConsumer : IAsyncDisposable
{
    /// <summary>
    /// How long a former owner of a partition may go on showing totals after its last commit, and so how long after that
    /// (<see cref="Checkpoint.Seen"/>) a new owner shows them. Null where no second owner can exist.
    /// </summary>
    TimeSpan? Lease { get; }

    /// <summary>
    /// When the log was last heard of, as a timestamp of the consumer's time; null where a read that returns is an answer. A
    /// client that only waits for what comes can't tell a quiet log from one that is away.
    /// </summary>
    long? Answered { get; }

    /// <summary>Why the last commit failed, for people; null where it did not, or in a rebalance.</summary>
    string? CommitTrouble { get; }

    /// <summary>
    /// Waits at most <paramref name="wait"/> for what comes next. What it returns is valid until the next call.
    /// </summary>
    /// <exception cref="LogException">The log can't be read now; the caller waits and calls again.</exception>
    ValueTask<LogRead> ReadAsync(TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>The last checkpoint of an owned partition, once it is stable.</summary>
    /// <exception cref="LogException">It can't be read now.</exception>
    ValueTask<Checkpoint> LoadAsync(int partition, CancellationToken cancellationToken);

    /// <summary>Reading of an owned partition goes on at this position, or at the first that is still kept.</summary>
    void Seek(int partition, long position);

    /// <summary>
    /// Commits positions and the totals they led to in one step: all of it or nothing. Empty totals are allowed;
    /// they renew the lease. A commit that has begun is not cancelled.
    /// </summary>
    ValueTask<CommitResult> CommitAsync(IReadOnlyList<PartitionCommit> commits, CancellationToken cancellationToken);

    /// <summary>
    /// Records of an owned partition below this position are no longer needed by any checkpoint; the log may remove
    /// those that it has kept for long enough. To be called now and then.
    /// </summary>
    /// <exception cref="LogException">They can't be removed now.</exception>
    ValueTask ReleaseAsync(int partition, long below, CancellationToken cancellationToken);

    /// <summary>The position that the next record written to an owned partition will get, as last seen.</summary>
    long EndPosition(int partition);
}

/// <summary>What a read brings. What is revoked happened before all else in it; what is assigned has no records in it yet.</summary>
/// <param name="Revoked">Partitions that are no longer owned: forget what is not committed.</param>
/// <param name="Assigned">Partitions that are owned from now on.</param>
/// <param name="Totals">
/// Totals that other instances committed, from the first there ever was: those since the last read, in their order,
/// each perhaps only at its newest value; may repeat what is known.
/// </param>
/// <param name="Records">Records of owned partitions, in order within each.</param>
public readonly record struct LogRead(
    IReadOnlyList<int> Revoked,
    IReadOnlyList<int> Assigned,
    IReadOnlyList<PartitionTotal> Totals,
    IReadOnlyList<PartitionRecords> Records)
{
    /// <summary>Nothing came within the wait.</summary>
    public static LogRead Nothing { get; } = new([], [], [], []);
}

/// <summary>Records of one partition, in order.</summary>
public readonly record struct PartitionRecords(int Partition, IReadOnlyList<LoggedRecord> Records);

/// <summary>One total as committed: <paramref name="Series"/> is opaque to the log, the value never falls.</summary>
public readonly record struct Total(string Series, decimal Value);

/// <summary>A total and the partition whose records led to it.</summary>
public readonly record struct PartitionTotal(int Partition, Total Total);

/// <summary>What a partition's last commit said.</summary>
/// <param name="Position">The next position to count; null when nothing has been committed.</param>
/// <param name="State">What Count left for itself, opaque to the log; empty when nothing has been committed.</param>
/// <param name="Totals">Every total of the partition.</param>
public sealed record Checkpoint(long? Position, ReadOnlyMemory<byte> State, IReadOnlyList<Total> Totals)
{
    /// <summary>Nothing has been committed.</summary>
    public static Checkpoint None { get; } = new(null, ReadOnlyMemory<byte>.Empty, []);

    /// <summary>
    /// When the partition's last commit was first seen here, as a timestamp of the consumer's time: it began earlier, and
    /// with it the last lease of whoever made it. Null where that is not known, or nobody else could have made it.
    /// </summary>
    public long? Seen { get; init; }
}

/// <summary>One partition's part of a commit.</summary>
/// <param name="Partition">An owned partition.</param>
/// <param name="Position">The next position to count.</param>
/// <param name="State">What Count needs to go on from here, opaque to the log.</param>
/// <param name="Totals">The totals that changed since the last commit, at their new values.</param>
public readonly record struct PartitionCommit(
    int Partition, long Position, ReadOnlyMemory<byte> State, IReadOnlyList<Total> Totals);

/// <summary>How a commit ended.</summary>
public enum CommitResult
{
    /// <summary>All of it is committed.</summary>
    Committed,

    /// <summary>
    /// Nothing of it is committed, for certain, as in a rebalance. Who still owns the partitions at the next read may commit
    /// the same, or more, again.
    /// </summary>
    Aborted,

    /// <summary>
    /// As aborted, and not for a rebalance: the log answers that it can't write now, as on a full disk, and a restart of who
    /// commits does not help. After a crash all of it may be committed, where a disk failed.
    /// </summary>
    Refused,

    /// <summary>
    /// It is not known to be committed, as when the log went away. The caller forgets what it
    /// counted since its last commit and loads the checkpoints again.
    /// </summary>
    Lost,
}

/// <summary>The log can't do this now. Its message is for people and names the log and the cause.</summary>
public class LogException(string message, Exception? cause = null) : Exception(message, cause);
