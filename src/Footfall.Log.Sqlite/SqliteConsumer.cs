using Microsoft.Data.Sqlite;

namespace Footfall.Log.Sqlite;

/// <summary>The metrics service's side of the embedded log: the only one, and so the owner of the only partition.</summary>
internal sealed class SqliteConsumer : ILogConsumer
{
    private readonly SqliteLogOptions _options;
    private readonly TimeProvider _time;
    private readonly SqliteWriter _writer;
    private readonly SqliteLog _log;
    private readonly FileStream _lock;
    private readonly SqliteReader _reader;
    private readonly SqliteRead _read; // what the caller has
    private readonly Lock _gate = new(); // between the caller and DisposeAsync
    private Task _commit = Task.CompletedTask;
    private bool _assigned;
    private bool _disposed;
    private long? _position; // null before Seek
    private long _end;
    private CommitWork? _lastCommit;

    public SqliteConsumer(SqliteLogOptions options, TimeProvider time, SqliteWriter writer, SqliteLog log)
    {
        (_options, _time, _writer, _log) = (options, time, writer, log);
        _read = new SqliteRead(options);
        _lock = Lock(options);
        try
        {
            _reader = new SqliteReader(options);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Null: the lock file lets no second owner exist.</summary>
    public TimeSpan? Lease => null;

    /// <summary>Null: a file is read, or a read throws.</summary>
    public long? Answered => null;

    /// <inheritdoc/>
    public string? CommitTrouble => Volatile.Read(ref _lastCommit)?.Trouble;

    /// <inheritdoc/>
    public ValueTask<LogRead> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wrote = _writer.Wrote;
        return TryRead() is { } read ? new(read) : WaitAsync(wrote, wait, cancellationToken);
    }

    private async ValueTask<LogRead> WaitAsync(Task wrote, TimeSpan wait, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        while (true)
        {
            var left = wait - _time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return LogRead.Nothing;
            }

            await wrote.WaitAsync(left < _options.Poll ? left : _options.Poll, _time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            wrote = _writer.Wrote;
            if (TryRead() is { } read)
            {
                return read;
            }
        }
    }

    private LogRead? TryRead()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                _end = Math.Max(_end, _reader.End());
                if (!_assigned)
                {
                    _assigned = true;
                    return LogRead.Nothing with { Assigned = [SqliteTables.Partition] };
                }

                if (_position is not { } position)
                {
                    return null;
                }

                // To look for more is a search in one index, as cheap as asking whether the file changed.
                _reader.Read(position, _read);
                if (_read.Records.Count == 0)
                {
                    return null;
                }

                var next = _read.Records[^1].Position + 1;
                _position = next;
                _end = Math.Max(_end, next);
                return LogRead.Nothing with { Records = [new PartitionRecords(SqliteTables.Partition, _read.Records)] };
            }
            catch (SqliteException error)
            {
                throw Unreadable(error);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<Checkpoint> LoadAsync(int partition, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(partition, SqliteTables.Partition);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                return new(_reader.Load(partition));
            }
            catch (SqliteException error)
            {
                throw Unreadable(error);
            }
        }
    }

    /// <inheritdoc/>
    public void Seek(int partition, long position)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(partition, SqliteTables.Partition);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        lock (_gate)
        {
            _position = position;
        }
    }

    /// <inheritdoc/>
    /// <remarks>A call that is cancelled before its transaction began committed nothing.</remarks>
    public ValueTask<CommitResult> CommitAsync(IReadOnlyList<PartitionCommit> commits, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var work = new CommitWork(commits);
            if (_disposed || !commits.All(commit => _assigned && commit.Partition == SqliteTables.Partition) || !_writer.TryAdd(work, out _))
            {
                return new(CommitResult.Lost);
            }

            Volatile.Write(ref _lastCommit, work);
            var commit = SqliteLog.AwaitAsync(work, cancellationToken);
            _commit = commit;
            return new(commit);
        }
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(int partition, long below, CancellationToken cancellationToken) =>
        await _log.RemoveAsync(below, cancellationToken);

    /// <inheritdoc/>
    public long EndPosition(int partition) => Interlocked.Read(ref _end);

    /// <summary>Lets another metrics service in. A read that waits ends with <see cref="ObjectDisposedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _writer.WakeReader();
        await _commit.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // what it leads to is committed before the next owner loads
        _reader.Dispose();
        await _lock.DisposeAsync();
    }

    private static FileStream Lock(SqliteLogOptions options)
    {
        try
        {
            return new FileStream(options.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new LogException($"Another {options.Reader} uses {options.Directory}.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new LogException($"{options.LockFile} can't be opened: {error.Message}", error);
        }
    }

    private LogException Unreadable(SqliteException error) => new($"The log {_options.File} can't be read: {error.Message}", error);
}
