using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Footfall.Log.Sqlite;

/// <summary>
/// The one thread that writes: it takes all that waits, does it in one transaction, and tells the callers. So one
/// fsync serves as many as came during the one before.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private readonly SqliteLogOptions _options;
    private readonly SqliteTables _tables;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEvent _ends = new(false);
    private readonly Lock _gate = new();

    // Under the gate.
    private List<SqliteWork> _waiting = [];
    private long _waitingBytes;
    private bool _closing;

    // Written by the thread.
    private List<SqliteWork> _doing = [];
    private long _doingBytes;
    private TaskCompletionSource _wrote = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _trouble;
    private bool _full;

    public SqliteWriter(SqliteLogOptions options)
    {
        _options = options;
        _tables = new SqliteTables(options);
        new Thread(Run) { IsBackground = true, Name = "footfall log" }.Start();
    }

    /// <summary>Completes when something more was written. Take it before you look, then nothing is missed.</summary>
    public Task Wrote => Volatile.Read(ref _wrote).Task;

    public long WaitingBytes
    {
        get
        {
            lock (_gate)
            {
                return _waitingBytes;
            }
        }
    }

    /// <summary>See <see cref="SqliteTables.UsedBytes"/>.</summary>
    public long UsedBytes => _tables.UsedBytes;

    /// <summary>Why the last transaction failed; null when it didn't.</summary>
    public string? Trouble => _trouble;

    /// <summary>False: closing, or the queue is full (never for work without bytes, nor for the first that waits).</summary>
    public bool TryAdd(SqliteWork work, out bool closing)
    {
        lock (_gate)
        {
            closing = _closing;
            if (closing || (work.Bytes > 0 && _waitingBytes > 0 && _waitingBytes + work.Bytes > _options.QueueBytes))
            {
                return false;
            }

            _waiting.Add(work);
            _waitingBytes += work.Bytes;
            if (_waiting.Count == 1)
            {
                _wake.Set(); // the thread looks before it waits, so that it knows of the others
            }

            return true;
        }
    }

    /// <summary>Does what waits, then closes the file.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (!_closing)
            {
                _closing = true;
                _trouble = "The log is shutting down.";
                _wake.Set();
                _ends.Set();
            }
        }

        return new(_ended.Task);
    }

    /// <summary>A reader that waits looks again.</summary>
    public void WakeReader() =>
        Interlocked.Exchange(ref _wrote, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    private void Run()
    {
        while (TakeAll())
        {
            var isShort = _doing.Count >= _options.CommitSiblings && _doingBytes < _options.CommitDelayBytes;
            DoAll();
            _doing.Clear();
            if (isShort)
            {
                _ends.WaitOne(_options.CommitDelay);
            }
        }

        _tables.Dispose();
        _wake.Dispose();
        _ends.Dispose();
        _ended.SetResult();
    }

    private bool TakeAll()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_waiting.Count > 0)
                {
                    (_doing, _waiting) = (_waiting, _doing);
                    (_doingBytes, _waitingBytes) = (_waitingBytes, 0);
                    return true;
                }

                if (_closing)
                {
                    return false;
                }
            }

            _wake.WaitOne();
        }
    }

    private void DoAll()
    {
        _doing.RemoveAll(work => !work.TryTake());
        if (_doing.Count == 0)
        {
            return;
        }

        var failure = Transact(_doing);
        if (failure is not null && _doing.Exists(work => work is AppendWork) && _doing.Exists(work => work is not AppendWork))
        {
            // A file at its bound has no place for records, but has it for counting and removing what it holds.
            var others = _doing.FindAll(work => work is not AppendWork);
            _doing.RemoveAll(work => work is not AppendWork);
            var failureOfOthers = Transact(others);
            others.ForEach(work => work.Done(failureOfOthers));
        }

        Tell(failure);
        _doing.ForEach(work => work.Done(failure));
        WakeReader();
    }

    private Exception? Transact(List<SqliteWork> all)
    {
        try
        {
            _tables.Begin();
            foreach (var work in all)
            {
                work.Do(_tables);
            }

            _tables.End();
            return null;
        }
#pragma warning disable CA1031 // whatever it was, the callers wait for an answer, and the next transaction may succeed
        catch (Exception error)
#pragma warning restore CA1031
        {
            try
            {
                _tables.Rollback();
            }
            catch (SqliteException)
            {
                // Nothing is committed either way; the next Begin says what is wrong.
            }

            return error;
        }
    }

    private void Tell(Exception? failure)
    {
        lock (_gate)
        {
            // A full file still takes commits: only an append or a removal shows that there is room again.
            if (_closing || (failure is null && _full && !_doing.Exists(work => work is AppendWork or RemoveWork { Removed: > 0 })))
            {
                return;
            }

            _full = failure is SqliteException { SqliteErrorCode: raw.SQLITE_FULL };
            _trouble = failure is null ? null : $"The log {_options.File} can't be written: {failure.Message}";
        }
    }
}
