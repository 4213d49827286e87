using Footfall.Log;

namespace Footfall.Testing;

/// <summary>
/// One instance of the metrics service on a <see cref="MemoryLog"/>. What a read returned is destroyed by the next
/// one, so that a caller who keeps it is found out.
/// </summary>
public sealed class MemoryLogConsumer : ILogConsumer
{
    private readonly MemoryLog _log;
    private readonly long?[] _seen;      // the generation of each partition that this instance believes it owns
    private readonly long?[] _positions; // where reading goes on; null before Seek
    private readonly List<byte[]> _lent = [];
    private int _heard;                  // how many of the log's totals it was told
    private int _first;                  // the partition that is served first, so that none starves
    private int _mustHear;               // how many of the log's totals the next read tells at least
    private int _calls;                  // 1 while a read or commit is under way
    private bool _gone;

    internal MemoryLogConsumer(MemoryLog log)
    {
        _log = log;
        _seen = new long?[log.Partitions];
        _positions = new long?[log.Partitions];
    }

    /// <inheritdoc/>
    public TimeSpan? Lease => _log.Lease;

    /// <summary>When it last answered, where a test says so.</summary>
    public long? Answered { get; set; }

    /// <inheritdoc/>
    public string? CommitTrouble { get; private set; }

    /// <summary>
    /// While true it does not hear that partitions came or went: it goes on reading what it had, and its commits are lost.
    /// </summary>
    public bool Deaf { get; set; }

    /// <inheritdoc/>
    public async ValueTask<LogRead> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var call = new Call(this);
        var start = _log.Time.GetTimestamp();
        await _log.Reach(LogPoint.BeforeRead);
        var read = LogRead.Nothing;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TaskCompletionSource changed;
            lock (_log.Gate)
            {
                if (TryRead() is { } found)
                {
                    read = found;
                    break;
                }

                changed = _log.NextChange();
            }

            var left = wait - _log.Time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            await _log.ChangedAsync(changed, left, cancellationToken);
        }

        await _log.Reach(LogPoint.AfterRead);
        return read;
    }

    private LogRead? TryRead()
    {
        ObjectDisposedException.ThrowIf(_gone, this);
        foreach (var value in _lent)
        {
            Array.Fill(value, (byte)'!');
        }

        _lent.Clear();
        if (_log.Faults.Next(_log.Faults.Reads) != Fault.None)
        {
            throw new LogException("The log in memory was told to fail the read.");
        }

        if (!_log.Has(this) && !Deaf)
        {
            _log.Join(this);
        }

        var (revoked, assigned) = Deaf ? ([], []) : SeeOwnership();
        var totals = _log.AllTotals.Skip(_heard).Take(Math.Max(_mustHear - _heard, _log.Faults.HearAtMost)).ToList();
        _heard += totals.Count;
        var records = ReadRecords();
        return revoked.Count + assigned.Count + totals.Count + records.Count == 0
            ? null
            : new LogRead(revoked, assigned, totals, records);
    }

    private (List<int> Revoked, List<int> Assigned) SeeOwnership()
    {
        List<int> revoked = [], assigned = [];
        for (var number = 0; number < _seen.Length; number++)
        {
            if (_seen[number] is not null && !Owns(number))
            {
                revoked.Add(number);
                _seen[number] = _positions[number] = null;
            }

            if (_seen[number] is null && _log[number].Owner == this)
            {
                assigned.Add(number);
                _seen[number] = _log[number].Generation;
            }
        }

        return (revoked, assigned);
    }

    private List<PartitionRecords> ReadRecords()
    {
        var result = new List<PartitionRecords>();
        var left = _log.Faults.ReadAtMost;
        for (var step = 0; step < _positions.Length && left > 0; step++)
        {
            var number = (_first + step) % _positions.Length;
            if (_positions[number] is not { } position)
            {
                continue;
            }

            var partition = _log[number];
            var records = new List<LoggedRecord>();
            for (position = Math.Max(position, partition.Start); position < partition.End && left > 0; position++, left--)
            {
                _lent.Add([.. partition[position]]);
                records.Add(new LoggedRecord(position, _lent[^1]));
            }

            _positions[number] = position;
            if (records.Count > 0)
            {
                result.Add(new PartitionRecords(number, records));
            }
        }

        _first = (_first + 1) % _positions.Length;
        return result;
    }

    /// <inheritdoc/>
    public async ValueTask<Checkpoint> LoadAsync(int partition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _log.Faults.HoldLoads.WaitAsync(cancellationToken);
        await _log.Reach(LogPoint.BeforeLoad);
        Checkpoint loaded;
        while (true)
        {
            TaskCompletionSource changed;
            TimeSpan open;
            lock (_log.Gate)
            {
                ObjectDisposedException.ThrowIf(_gone, this);
                if (_log.Faults.Next(_log.Faults.Loads) != Fault.None)
                {
                    throw new LogException("The log in memory was told to fail the load.");
                }

                if (!Owns(partition))
                {
                    throw new LogException($"Partition {partition} of the log in memory is no longer owned.");
                }

                if (_log.OpenFor(transaction => transaction.Holds(partition)) is not { } left)
                {
                    _mustHear = _log.AllTotals.Count;
                    loaded = _log[partition].Load();
                    break;
                }

                (changed, open) = (_log.NextChange(), left);
            }

            await _log.ChangedAsync(changed, open, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }

        await _log.Reach(LogPoint.AfterLoad);
        return loaded;
    }

    /// <inheritdoc/>
    public void Seek(int partition, long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        lock (_log.Gate)
        {
            ObjectDisposedException.ThrowIf(_gone, this);
            if (_seen[partition] is not null)
            {
                _positions[partition] = position;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<CommitResult> CommitAsync(IReadOnlyList<PartitionCommit> commits, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var call = new Call(this);
        await UntilClosedAsync();
        await _log.Reach(LogPoint.BeforeCommit);
        Fault fault;
        MemoryTransaction transaction;
        lock (_log.Gate)
        {
            fault = _log.Faults.Next(_log.Faults.Commits);
            if (_gone || fault == Fault.Before || (fault == Fault.Midway && _log.Between is null))
            {
                return CommitResult.Lost;
            }

            CommitTrouble = fault == Fault.Full ? "the log in memory is full" : null;
            if (fault == Fault.Full)
            {
                return CommitResult.Refused;
            }

            if (!commits.All(commit => Owns(commit.Partition)))
            {
                return CommitResult.Aborted;
            }

            transaction = _log.Begin(this, commits);
        }

        if (fault == Fault.Midway)
        {
            _ = EndLaterAsync(transaction);
            return CommitResult.Lost;
        }

        await _log.Reach(LogPoint.WithinCommit);
        bool committed;
        lock (_log.Gate)
        {
            committed = _log.TryEnd(transaction, commit: !_log.Faults.Away);
        }

        await _log.Reach(LogPoint.AfterCommit);
        return committed && fault != Fault.After ? CommitResult.Committed : CommitResult.Lost;
    }

    private async Task EndLaterAsync(MemoryTransaction transaction)
    {
        await _log.Reach(LogPoint.WithinCommit);
        lock (_log.Gate)
        {
            _log.TryEnd(transaction, commit: true);
        }
    }

    /// <summary>One producer has one transaction.</summary>
    private async Task UntilClosedAsync()
    {
        while (true)
        {
            TaskCompletionSource changed;
            TimeSpan open;
            lock (_log.Gate)
            {
                if (_log.OpenFor(transaction => transaction.Consumer == this) is not { } left)
                {
                    return;
                }

                (changed, open) = (_log.NextChange(), left);
            }

            await _log.ChangedAsync(changed, open, CancellationToken.None);
        }
    }

    /// <summary>Remembers it for the test to see; nothing is removed before <see cref="MemoryLog.Trim"/>.</summary>
    public ValueTask ReleaseAsync(int partition, long below, CancellationToken cancellationToken)
    {
        Released[partition] = below;
        return ValueTask.CompletedTask;
    }

    /// <summary>The last position given to <see cref="ReleaseAsync"/>, by partition.</summary>
    public Dictionary<int, long> Released { get; } = [];

    /// <inheritdoc/>
    public long EndPosition(int partition) => _log.End(partition);

    /// <summary>The process is gone: nothing more is committed, and others get its partitions.</summary>
    public void Crash()
    {
        lock (_log.Gate)
        {
            _gone = true;
            _log.GiveUp(this);
            _log.Leave(this);
        }
    }

    /// <summary>Leaves the group. A read that waits ends with <see cref="ObjectDisposedException"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Crash();
        return default;
    }

    private bool Owns(int partition) =>
        _seen[partition] is { } generation && _log[partition].Owner == this && _log[partition].Generation == generation;

    /// <summary>Holds the caller to one call at a time.</summary>
    private readonly struct Call : IDisposable
    {
        private readonly MemoryLogConsumer _consumer;

        public Call(MemoryLogConsumer consumer)
        {
            _consumer = consumer;
            if (Interlocked.Exchange(ref consumer._calls, 1) == 1)
            {
                throw new InvalidOperationException("A read or commit of the log in memory was called while another was under way.");
            }
        }

        public void Dispose() => Volatile.Write(ref _consumer._calls, 0);
    }
}
