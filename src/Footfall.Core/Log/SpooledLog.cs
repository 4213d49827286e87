namespace Footfall.Log;

/// <summary>
/// A log with a spool beside it: while the log is away or slow, appends go to the spool, durably, and from there to the
/// log, in their order, when it is back. What comes meanwhile goes behind. Safe to share.
/// </summary>
/// <remarks>
/// An append that the log was given and that it did not answer in time is spooled too, and may so be in the log twice:
/// it has its id, and Count drops the second. For one sender that waits for each answer, the order in which the log first
/// has its records is the order in which they were sent.
/// </remarks>
public sealed class SpooledLog : IInteractionLog
{
    /// <summary>How soon the forwarder looks again while an append to the spool is under way.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    /// <summary>How many records are forwarded at a time: what is sent again when one of them fails.</summary>
    private const int Piece = 500;

    private readonly Lock _gate = new();
    private readonly IInteractionLog _log;
    private readonly Spool _spool;
    private readonly SpoolOptions _options;
    private readonly TimeProvider _time;
    private readonly ISpoolEvents _events;
    private readonly CancellationTokenSource _ending = new();
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));
    private readonly Task _forwarding;

    // Under the gate.
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _since;     // since when appends go to the spool, monotonic; null: they go to the log
    private bool _told;       // that they do
    private readonly ITimer _closingEnds;
    private TaskCompletionSource? _closing; // the spool is nearly empty: who comes now waits for what is decided
    private int _appending;   // to the spool, now
    private long _ended;      // appends to the spool, whatever came of them
    private long _waiting;
    private long _spooled;
    private long _forwarded;

    // The forwarder's.
    private readonly Func<CancellationToken, Task> _prepare;
    private bool _isPrepared;
    private int? _partition; // once the reader has been given it
    private bool _isLoaded;
    private long _position;
    private long _committed;

    /// <summary>Begins by forwarding what an earlier process left in the spool.</summary>
    /// <param name="log">Where interactions are to go.</param>
    /// <param name="spool">Where they wait for it. Both are disposed of with this.</param>
    /// <param name="prepare">Called until it no longer throws a <see cref="LogException"/>, before anything is sent to the log.</param>
    /// <param name="options">When to spool.</param>
    /// <param name="time">Monotonic.</param>
    /// <param name="events">Told of every change.</param>
    public SpooledLog(
        IInteractionLog log, Spool spool, Func<CancellationToken, Task> prepare, SpoolOptions options, TimeProvider time, ISpoolEvents events)
    {
        (_log, _spool, _prepare, _options, _time, _events) = (log, spool, prepare, options, time, events);
        _since = time.GetTimestamp();
        _wanted.SetResult();
        _closingEnds = time.CreateTimer(static log => ((SpooledLog)log!).EndClosing(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _forwarding = ForwardAsync(_ending.Token);
    }

    /// <summary>Good as long as the log or the spool takes interactions.</summary>
    public LogHealth Health => _spool.Writer.Health is { Writable: false } full
        ? new(Writable: false, $"{_log.Health.Reason ?? "the log is slow"}; its spool: {full.Reason}")
        : LogHealth.Good;

    /// <summary>What is in the spool.</summary>
    public SpoolStatus Status
    {
        get
        {
            lock (_gate)
            {
                return new(
                    _since is { } since ? _time.GetElapsedTime(since) : null, Math.Max(0, _waiting), _spool.Bytes(), _options.MaxBytes, _spooled, _forwarded);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
    {
        var (isDirect, closing) = Way;
        if (closing is not null)
        {
            await closing;
            (isDirect, _) = Way;
        }

        if (isDirect && await AppendDirectAsync(records, cancellationToken))
        {
            return AppendResult.Durable;
        }

        return await SpoolAsync(records, cancellationToken);
    }

    /// <summary>Stops forwarding and closes both; what waits in the spool is forwarded after the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested)
        {
            return;
        }

        End();
        await _forwarding;
        await _closingEnds.DisposeAsync();
        await _log.DisposeAsync();
        await _spool.Reader.DisposeAsync();
        await _spool.Writer.DisposeAsync();
    }

    /// <summary>Not by CancelAsync, nor the forwarder's wait by WaitAsync: both go on in some thread, and the simulation decides the order.</summary>
    private void End()
    {
        _ending.Cancel();
        lock (_gate)
        {
            _wanted.TrySetResult();
        }
    }

    /// <summary>Whether appends go to the log, and what to wait for before that is decided.</summary>
    private (bool IsDirect, Task? Closing) Way
    {
        get
        {
            lock (_gate)
            {
                return (_since is null, _closing?.Task);
            }
        }
    }

    private async ValueTask<bool> AppendDirectAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_options.Patience, _time);
        using var caller = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), patience);
        try
        {
            switch (await _log.AppendAsync(records, patience.Token))
            {
                case AppendResult.Durable:
                    return true;
                case AppendResult.Full:
                    BeginSpooling("more waits for it than its queue holds");
                    return false;
                default:
                    BeginSpooling(_log.Health.Reason ?? "it can't be written");
                    return false;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            BeginSpooling(_log.Health.Reason ?? $"no answer within {_options.Patience.TotalSeconds:0.###} s");
            return false;
        }
    }

    private void BeginSpooling(string reason)
    {
        lock (_gate)
        {
            _since ??= _time.GetTimestamp();
            _wanted.TrySetResult();
            if (_told)
            {
                return;
            }

            _told = true;
        }

        _events.Spooling(reason);
    }

    private async ValueTask<AppendResult> SpoolAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // A direct append that failed may come here when the spool is empty and the log is back.
            _since ??= _time.GetTimestamp();
            _wanted.TrySetResult();
            _appending++;
        }

        var result = AppendResult.Unavailable;
        try
        {
            return result = await _spool.Writer.AppendAsync(records, cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _appending--;
                _ended++;
                if (result == AppendResult.Durable)
                {
                    _waiting += records.Length;
                    _spooled += records.Length;
                }
            }
        }
    }

    private async Task ForwardAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await StepAsync(cancellationToken);
                _backoff.Reset();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // whatever it was: nothing else forwards what waits, and it has been answered for
            catch (Exception e)
#pragma warning restore CA1031
            {
                EndClosing();
                await PauseAsync(e.Message, cancellationToken);
            }
        }

        EndClosing();
    }

    /// <summary>Who waits goes on: to the log, or where it can't be written, to the spool.</summary>
    private void EndClosing()
    {
        lock (_gate)
        {
            _closing?.TrySetResult();
            _closing = null;
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        Task wanted;
        lock (_gate)
        {
            wanted = _wanted.Task;
        }

        await wanted;
        cancellationToken.ThrowIfCancellationRequested();
        long ended;
        lock (_gate)
        {
            ended = _ended;
        }

        if (_isLoaded)
        {
            // However the last step ended: what it read and did not forward is read again.
            _spool.Reader.Seek(_partition!.Value, _position);
        }

        var read = await _spool.Reader.ReadAsync(TimeSpan.Zero, cancellationToken);
        foreach (var partition in read.Assigned)
        {
            _partition = partition;
        }

        if (_partition is not { } own)
        {
            await Task.Delay(Poll, _time, cancellationToken);
            return;
        }

        if (!_isLoaded)
        {
            // Assigned once: what fails here is tried again until it is loaded, and nothing is read or ended before.
            await LoadAsync(own, cancellationToken);
            _isLoaded = true;
            return;
        }

        foreach (var records in read.Records)
        {
            await ForwardAsync(records, cancellationToken);
        }

        if (read.Records.Count == 0)
        {
            await EndSpoolingAsync(ended, cancellationToken);
        }
    }

    private async Task LoadAsync(int partition, CancellationToken cancellationToken)
    {
        var checkpoint = await _spool.Reader.LoadAsync(partition, cancellationToken);
        _position = _committed = checkpoint.Position ?? 0;
        var left = _spool.Reader.EndPosition(partition) - _position;
        lock (_gate)
        {
            _waiting = left;
        }

        if (left > 0)
        {
            BeginSpooling($"{left} interactions wait from before the start");
        }
    }

    private async Task ForwardAsync(PartitionRecords read, CancellationToken cancellationToken)
    {
        if (!_isPrepared)
        {
            await PrepareAsync(cancellationToken);
        }

        var records = new LogRecord[read.Records.Count];
        for (var i = 0; i < records.Length; i++)
        {
            records[i] = _spool.Restore(read.Records[i].Value);
        }

        // The read's memory is valid until the next one: what can't be sent now is sent again from here.
        var piece = Piece;
        for (var sent = 0; sent < records.Length;)
        {
            var next = records.AsMemory(sent, Math.Min(piece, records.Length - sent));
            var result = await _log.AppendAsync(next, cancellationToken);
            if (result != AppendResult.Durable)
            {
                // A queue that is too small for a piece takes a smaller one.
                piece = result == AppendResult.Full ? Math.Max(1, next.Length / 2) : piece;
                EndClosing();
                await PauseAsync(_log.Health.Reason ?? "the log can't be written", cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                continue;
            }

            _backoff.Reset();
            sent += next.Length;
            _position = read.Records[sent - 1].Position + 1;
            lock (_gate)
            {
                _waiting -= next.Length;
                _forwarded += next.Length;
            }
        }

        // Not cancelled: what was forwarded would come again after the next start.
        await TryCommitAsync(read.Partition, CancellationToken.None);
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        while (!_isPrepared)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                await _prepare(cancellationToken);
                _isPrepared = true;
            }
            catch (LogException e)
            {
                await PauseAsync(e.Message, cancellationToken);
            }
        }
    }

    /// <summary>Forwarded records need not be sent again after a crash, and their place in the file is free.</summary>
    private async Task<bool> TryCommitAsync(int partition, CancellationToken cancellationToken)
    {
        var commit = new PartitionCommit(partition, _position, ReadOnlyMemory<byte>.Empty, []);
        if (await _spool.Reader.CommitAsync([commit], cancellationToken) != CommitResult.Committed)
        {
            return false; // the next one says this too
        }

        _committed = _position;
        await _spool.Reader.ReleaseAsync(partition, _position, cancellationToken);
        return true;
    }

    /// <summary>Nothing is left: appends go to the log again, unless one of them is on its way to the spool, or was since we looked.</summary>
    private async Task EndSpoolingAsync(long ended, CancellationToken cancellationToken)
    {
        if (!_isPrepared)
        {
            await PrepareAsync(cancellationToken);
            return;
        }

        if (_committed != _position && !await TryCommitAsync(_partition!.Value, cancellationToken))
        {
            throw new LogException("what was forwarded can't be marked as such in the spool");
        }

        TimeSpan? took = null;
        var (told, wait) = (false, false);
        lock (_gate)
        {
            if (_appending > 0 || _ended != ended)
            {
                // Under load some append is always on its way: who comes now waits until those are forwarded.
                if (_closing is null)
                {
                    // Not for longer than for the log: a slow one keeps the forwarder, and who waited is spooled like the others.
                    _closing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _closingEnds.Change(_options.Patience, Timeout.InfiniteTimeSpan);
                }

                wait = _appending > 0; // else the next read sees all there is
            }
            else
            {
                took = _time.GetElapsedTime(_since!.Value);
                (told, _told) = (_told, false);
                _since = null;
                _waiting = 0;
                _wanted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        if (wait)
        {
            await Task.Delay(Poll, _time, cancellationToken);
        }

        if (took is null)
        {
            return;
        }

        EndClosing();
        if (told)
        {
            _events.Forwarded(took.Value);
        }
    }

    /// <summary>Ends without an exception when cancelled, so that an error's handler may wait too.</summary>
    private async Task PauseAsync(string reason, CancellationToken cancellationToken)
    {
        var wait = _backoff.Next();
        _events.Waiting(reason, wait);
        await Task.Delay(wait, _time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }
}
