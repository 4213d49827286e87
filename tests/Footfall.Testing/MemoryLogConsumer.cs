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
    private bool _gone;

    internal MemoryLogConsumer(MemoryLog log)
    {
        _log = log;
        _seen = new long?[log.Partitions];
        _positions = new long?[log.Partitions];
    }

    /// <inheritdoc/>
    public TimeSpan? Lease => _log.Lease;

    /// <inheritdoc/>
    public async ValueTask<LogRead> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var start = _log.Time.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task changed;
            lock (_log.Gate)
            {
                if (TryRead() is { } read)
                {
                    return read;
                }

                changed = _log.Changed;
            }

            var left = wait - _log.Time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return LogRead.Nothing;
            }

            await changed.WaitAsync(left, _log.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
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

        if (!_log.Has(this))
        {
            _log.Join(this);
        }

        var (revoked, assigned) = SeeOwnership();
        var totals = _log.AllTotals.Skip(_heard).ToList();
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
        lock (_log.Gate)
        {
            ObjectDisposedException.ThrowIf(_gone, this);
            if (_log.Faults.Next(_log.Faults.Loads) != Fault.None)
            {
                throw new LogException("The log in memory was told to fail the load.");
            }

            return Owns(partition)
                ? _log[partition].Load()
                : throw new LogException($"Partition {partition} of the log in memory is no longer owned.");
        }
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
    public ValueTask<CommitResult> CommitAsync(IReadOnlyList<PartitionCommit> commits, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_log.Gate)
        {
            var fault = _log.Faults.Next(_log.Faults.Commits);
            if (_gone || fault is Fault.Before or Fault.Midway || !commits.All(commit => Owns(commit.Partition)))
            {
                return new(CommitResult.Lost);
            }

            _log.Commit(commits);
            return new(fault == Fault.After ? CommitResult.Lost : CommitResult.Committed);
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
}
