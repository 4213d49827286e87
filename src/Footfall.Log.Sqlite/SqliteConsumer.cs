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
    private readonly Lock _gate = new(); // between the caller, DisposeAsync and the read ahead
    private SqliteRead _read;  // what the caller has
    private SqliteRead _next;  // what comes next, where it was read ahead
    private Task _ahead = Task.CompletedTask;
    private Task _commit = Task.CompletedTask;
    private bool _assigned;
    private bool _disposed;
    private long? _position; // null before Seek
    private long _end;
    private CommitWork? _lastCommit;

    public SqliteConsumer(SqliteLogOptions options, TimeProvider time, SqliteWriter writer, SqliteLog log)
    {
        (_options, _time, _writer, _log) = (options, time, writer, log);
        (_read, _next) = (new SqliteRead(options), new SqliteRead(options));
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
        if (!_ahead.IsCompleted)
        {
            return ReadWhenAheadAsync(wait, cancellationToken);
        }

        var wrote = _writer.Wrote;
        return TryRead() is { } read ? new(read) : WaitAsync(wrote, wait, cancellationToken);
    }

    private async ValueTask<LogRead> ReadWhenAheadAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        await _ahead; // some milliseconds
        return await ReadAsync(wait, cancellationToken);
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

                if (_next.IsFull && _next.From == position)
                {
                    (_read, _next) = (_next, _read);
                }
                else
                {
                    // To look for more is a search in one index, as cheap as asking whether the file changed.
                    _reader.Read(position, _read);
                }

                if (_read.Records.Count == 0)
                {
                    return null;
                }

                _position = _read.Next;
                _end = Math.Max(_end, _read.Next);
                if (_read.IsFull)
                {
                    _ahead = Task.Run(ReadAhead);
                }

                return LogRead.Nothing with { Records = [new PartitionRecords(SqliteTables.Partition, _read.Records)] };
            }
            catch (SqliteException error)
            {
                throw Unreadable(error);
            }
        }
    }

    /// <summary>
    /// While the caller counts a read that was full, on the second core: what comes after it. It is handed out when it is full
    /// too and nobody has sought elsewhere meanwhile; else it is read again, with what has come since.
    /// </summary>
    private void ReadAhead()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            try
            {
                _reader.Read(_read.Next, _next);
            }
            catch (SqliteException)
            {
                _next.Begin(_read.Next); // the next read tries again, and tells
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
        await _ahead;
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
