namespace Footfall.Log.Sqlite;

/// <summary>
/// The embedded log: one SQLite file that a collector and a metrics service share, in one process or in two on one
/// machine. What is told to be durable has been synced to the disk (WAL, synchronous=FULL:
/// https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous).
/// </summary>
public sealed class SqliteLog : IInteractionLog
{
    // What a record weighs in the queue besides its bytes.
    private const int RecordOverhead = 64;

    private readonly SqliteLogOptions _options;
    private readonly TimeProvider _time;
    private readonly SqliteWriter _writer;
    private long _removed;

    private SqliteLog(SqliteLogOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _writer = new SqliteWriter(options);
    }

    /// <summary>Opens the log, and makes it when there is none.</summary>
    /// <exception cref="LogException">It can't be opened, or a newer Footfall wrote it.</exception>
    public static SqliteLog Open(SqliteLogOptions options, TimeProvider time) => new(options, time);

    /// <inheritdoc/>
    public LogHealth Health => _writer.Trouble is { } reason ? new(false, reason) : LogHealth.Good;

    /// <summary>Bytes of records that wait for the next transaction, of <see cref="SqliteLogOptions.QueueBytes"/>.</summary>
    public long Waiting => _writer.WaitingBytes;

    /// <summary>Of <see cref="SqliteLogOptions.MaxBytes"/>, in use.</summary>
    public long UsedBytes => _writer.UsedBytes;

    /// <summary>How many records this process removed.</summary>
    public long Removed => Interlocked.Read(ref _removed);

    /// <inheritdoc/>
    /// <remarks>The memory of the records must not change until the call has ended. A call that is cancelled before its transaction began wrote nothing.</remarks>
    public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var bytes = 0L;
        foreach (ref readonly var record in records.Span)
        {
            bytes += BytesOf(record);
        }

        var work = new AppendWork(records, bytes);
        return _writer.TryAdd(work, out var closing)
            ? new(AwaitAsync(work, cancellationToken))
            : new(closing ? AppendResult.Unavailable : AppendResult.Full);
    }

    /// <summary>What a record weighs in the queue.</summary>
    internal static long BytesOf(in LogRecord record) => record.Key.Length + record.Value.Length + RecordOverhead;

    /// <summary>
    /// Opens the metrics service's side; dispose of it before the log. There is one at a time on a directory, held by
    /// <c>metrics.lock</c>, which ends with the process.
    /// </summary>
    /// <exception cref="LogException">Another metrics service uses the directory, or the file can't be read.</exception>
    public ILogConsumer OpenConsumer() => new SqliteConsumer(_options, _time, _writer, this);

    /// <summary>
    /// Removes records that are below a position and older than <see cref="SqliteLogOptions.Retention"/>, or whatever
    /// their age while nine tenths of the file's bound are in use, in small steps between other writes. The newest record always stays. The log can't read what Count needs, so the owner
    /// of the checkpoints calls this now and then, say every minute, with the position that its committed state is
    /// rebuilt from. The file doesn't shrink; its pages are used again.
    /// </summary>
    /// <returns>How many records it removed.</returns>
    /// <exception cref="LogException">The file can't be written now.</exception>
    public async ValueTask<long> RemoveAsync(long below, CancellationToken cancellationToken)
    {
        var olderThan = (_time.GetUtcNow() - _options.Retention).ToUnixTimeMilliseconds();
        var all = 0L;
        while (true)
        {
            var step = new RemoveWork(below, olderThan);
            if (!_writer.TryAdd(step, out _))
            {
                return all;
            }

            var (removed, failure) = await AwaitAsync(step, cancellationToken);
            if (failure is not null)
            {
                throw new LogException($"Old records can't be removed from {_options.File}: {failure.Message}", failure);
            }

            all += removed;
            Interlocked.Add(ref _removed, removed);
            if (removed < SqliteTables.RemoveStep)
            {
                return all;
            }
        }
    }

    /// <summary>Writes what waits, then closes. Later appends are <see cref="AppendResult.Unavailable"/>.</summary>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    internal static async Task<T> AwaitAsync<T>(SqliteWork<T> work, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var waiting = (SqliteWork)state!;
                if (waiting.TryTake())
                {
                    waiting.Withdraw(token);
                }
            },
            work);
        return await work.Result;
    }
}
