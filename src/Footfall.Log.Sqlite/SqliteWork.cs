using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Footfall.Log.Sqlite;

/// <summary>
/// Something that waits for the writer's next transaction. It belongs to its caller until <see cref="TryTake"/>, and
/// can be withdrawn; from then on to the writer, so that no memory is given back while it is read.
/// </summary>
internal abstract class SqliteWork
{
    private int _taken;

    /// <summary>What it weighs in the queue.</summary>
    public virtual long Bytes => 0;

    /// <summary>True for the one who takes it: the writer to do it, or a cancellation to withdraw it.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _taken, 1) == 0;

    /// <summary>Does it inside a transaction.</summary>
    public abstract void Do(SqliteTables tables);

    /// <summary>The transaction is committed (null), or failed and left nothing.</summary>
    public abstract void Done(Exception? failure);

    /// <summary>It was withdrawn before it was done.</summary>
    public abstract void Withdraw(CancellationToken cancellationToken);
}

/// <summary>Work with the result that its caller awaits.</summary>
internal abstract class SqliteWork<T> : SqliteWork
{
    // Continuations run elsewhere: the writer's thread belongs to the disk.
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Result => _result.Task;

    protected abstract T ResultOf(Exception? failure);

    public override void Done(Exception? failure) => _result.TrySetResult(ResultOf(failure));

    public override void Withdraw(CancellationToken cancellationToken) => _result.TrySetCanceled(cancellationToken);
}

internal sealed class AppendWork(ReadOnlyMemory<LogRecord> records, long bytes) : SqliteWork<AppendResult>
{
    public override long Bytes => bytes;

    public override void Do(SqliteTables tables) => tables.Append(records.Span);

    protected override AppendResult ResultOf(Exception? failure) => failure is null ? AppendResult.Durable : AppendResult.Unavailable;
}

internal sealed class CommitWork(IReadOnlyList<PartitionCommit> commits) : SqliteWork<CommitResult>
{
    public override void Do(SqliteTables tables)
    {
        for (var index = 0; index < commits.Count; index++)
        {
            tables.Commit(commits[index]);
        }
    }

    /// <summary>Why it was refused, in SQLite's words; null when it was not.</summary>
    public string? Trouble { get; private set; }

    protected override CommitResult ResultOf(Exception? failure)
    {
        Trouble = failure is SqliteException error ? raw.sqlite3_errstr(error.SqliteExtendedErrorCode).utf8_to_string() : failure?.Message;
        return failure is null ? CommitResult.Committed : CommitResult.Refused;
    }
}

/// <summary>One step of a removal; its result is how many records it removed, or what failed.</summary>
internal sealed class RemoveWork(long below, long olderThan) : SqliteWork<(int Removed, Exception? Failure)>
{
    public int Removed { get; private set; }

    public override void Do(SqliteTables tables) => Removed = tables.Remove(below, olderThan);

    protected override (int, Exception?) ResultOf(Exception? failure) => (failure is null ? Removed : 0, failure);
}
