using Footfall.Log;

namespace Footfall.Testing;

/// <summary>
/// The model of the log that the adapters are compared to, and the log of every test that needs none on disk: several
/// partitions, several consumer instances, and <see cref="Faults"/>. It has no thread and no clock of its own; what
/// doesn't have to wait completes before the call returns, so that a schedule can be repeated exactly.
/// </summary>
/// <param name="partitions">How many partitions it has, from 0.</param>
/// <param name="time">What a waiting read goes by; the system's when null.</param>
public sealed class MemoryLog(int partitions = 1, TimeProvider? time = null)
{
    private readonly MemoryPartition[] _partitions = [.. Enumerable.Range(0, partitions).Select(number => new MemoryPartition(number, time ?? TimeProvider.System))];
    private readonly List<PartitionTotal> _totals = [];
    private readonly List<MemoryLogConsumer> _members = [];
    private readonly List<TaskCompletionSource> _waiting = [];
    private readonly List<MemoryTransaction> _transactions = [];
    private int _turn;

    /// <summary>The switches for what goes wrong.</summary>
    public MemoryFaults Faults { get; } = new();

    /// <summary>What the consumers give as <see cref="ILogConsumer.Lease"/>.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>
    /// Whether partitions are spread anew when an instance comes or goes: partition n to member n modulo their number,
    /// in the order they came. False: only <see cref="Move"/> gives them.
    /// </summary>
    public bool Spreads { get; init; } = true;

    /// <summary>
    /// Called and awaited before and after all that happens, which then happens in smaller pieces: an append partition by
    /// partition, a commit in a transaction that is open for a while. Null: everything happens within the call.
    /// </summary>
    public Func<LogPoint, Task>? Between { get; init; }

    /// <summary>A transaction that is open for longer is given up, as Kafka does (<c>transaction.timeout.ms</c>).</summary>
    public TimeSpan TransactionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many partitions it has.</summary>
    public int Partitions => _partitions.Length;

    internal Lock Gate { get; } = new();

    internal TimeProvider Time { get; } = time ?? TimeProvider.System;

    /// <summary>A collector's side; any number may be open.</summary>
    public MemoryLogWriter OpenWriter() => new(this);

    /// <summary>A new instance of the metrics service.</summary>
    public MemoryLogConsumer OpenConsumer()
    {
        var consumer = new MemoryLogConsumer(this);
        lock (Gate)
        {
            Join(consumer);
        }

        return consumer;
    }

    /// <summary>Moves a partition now; the old and the new owner hear of it at their next read.</summary>
    public void Move(int partition, MemoryLogConsumer? to)
    {
        lock (Gate)
        {
            _partitions[partition].Give(to);
            Wake();
        }
    }

    /// <summary>
    /// The group takes this instance for dead and gives its partitions to others, while it believes itself alive: its
    /// commits are lost, until its next read tells it, which also makes it a member again.
    /// </summary>
    public void Evict(MemoryLogConsumer consumer)
    {
        lock (Gate)
        {
            Leave(consumer);
        }
    }

    /// <summary>Forgets the records before a position, as retention does.</summary>
    public void Trim(int partition, long before)
    {
        lock (Gate)
        {
            _partitions[partition].Trim(before);
        }
    }

    /// <summary>What is committed for a partition, for assertions.</summary>
    public Checkpoint Committed(int partition)
    {
        lock (Gate)
        {
            return _partitions[partition].Load();
        }
    }

    /// <summary>The position that the next record of a partition will get, for assertions.</summary>
    public long End(int partition)
    {
        lock (Gate)
        {
            return _partitions[partition].End;
        }
    }

    /// <summary>The values that a partition still keeps, in order, for assertions.</summary>
    public IReadOnlyList<byte[]> Values(int partition)
    {
        lock (Gate)
        {
            var from = _partitions[partition];
            return [.. Enumerable.Range(0, (int)(from.End - from.Start)).Select(index => from[from.Start + index])];
        }
    }

    /// <summary>A value that a partition still keeps, for assertions.</summary>
    public ReadOnlyMemory<byte> Value(int partition, long position)
    {
        lock (Gate)
        {
            return _partitions[partition][position];
        }
    }

    internal Task Reach(LogPoint point) => Between?.Invoke(point) ?? Task.CompletedTask;

    /// <summary>Completed at the next change; to be asked for under the gate, awaited by <see cref="ChangedAsync"/>.</summary>
    internal TaskCompletionSource NextChange()
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(changed);
        return changed;
    }

    /// <summary>Waits for the change, the time to pass, or the cancellation; which of them it was is for the caller to see.</summary>
    internal async Task ChangedAsync(TaskCompletionSource changed, TimeSpan wait, CancellationToken cancellationToken)
    {
        await using var timer = Time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), changed, wait, Timeout.InfiniteTimeSpan);
        await using var cancelled = cancellationToken.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), changed);
        await changed.Task;
        lock (Gate)
        {
            _waiting.Remove(changed);
        }
    }

    internal MemoryTransaction Begin(MemoryLogConsumer consumer, IReadOnlyList<PartitionCommit> commits)
    {
        var transaction = new MemoryTransaction(consumer, commits, Time.GetTimestamp());
        _transactions.Add(transaction);
        return transaction;
    }

    /// <summary>For how long at most a transaction that matches stays open; null when none does.</summary>
    internal TimeSpan? OpenFor(Func<MemoryTransaction, bool> matches)
    {
        _transactions.RemoveAll(transaction => Time.GetElapsedTime(transaction.Opened) >= TransactionTimeout);
        var open = _transactions.Where(matches).ToList();
        return open.Count == 0 ? null : TransactionTimeout - Time.GetElapsedTime(open.Max(transaction => transaction.Opened));
    }

    /// <returns>False: it was given up before, or is now.</returns>
    internal bool TryEnd(MemoryTransaction transaction, bool commit)
    {
        if (OpenFor(other => other == transaction) is null)
        {
            return false;
        }

        _transactions.Remove(transaction);
        if (commit)
        {
            Commit(transaction.Commits);
        }

        Wake();
        return commit;
    }

    internal void GiveUp(MemoryLogConsumer consumer) => _transactions.RemoveAll(transaction => transaction.Consumer == consumer);

    internal IReadOnlyList<PartitionTotal> AllTotals => _totals;

    internal MemoryPartition this[int partition] => _partitions[partition];

    internal bool Has(MemoryLogConsumer consumer) => _members.Contains(consumer);

    internal void Append(ReadOnlySpan<LogRecord> records)
    {
        foreach (ref readonly var record in records)
        {
            _partitions[PartitionOf(record.Key.Span)].Append(record.Value);
        }

        Wake();
    }

    internal void Commit(IReadOnlyList<PartitionCommit> commits)
    {
        foreach (var commit in commits)
        {
            _partitions[commit.Partition].Check(commit);
        }

        foreach (var commit in commits)
        {
            _partitions[commit.Partition].Commit(commit);
            _totals.AddRange(commit.Totals.Select(total => new PartitionTotal(commit.Partition, total)));
        }

        Wake();
    }

    internal void Join(MemoryLogConsumer consumer)
    {
        _members.Add(consumer);
        Spread();
    }

    internal void Leave(MemoryLogConsumer consumer)
    {
        _members.Remove(consumer);
        foreach (var partition in _partitions.Where(partition => partition.Owner == consumer))
        {
            partition.Give(null);
        }

        Spread();
    }

    private void Spread()
    {
        for (var number = 0; Spreads && _members.Count > 0 && number < _partitions.Length; number++)
        {
            _partitions[number].Give(_members[number % _members.Count]);
        }

        Wake();
    }

    private void Wake()
    {
        foreach (var waiting in _waiting)
        {
            waiting.TrySetResult();
        }

        _waiting.Clear();
    }

    internal int PartitionOf(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
        {
            return _turn++ % _partitions.Length;
        }

        var hash = 2166136261u; // FNV-1a: the same in every process, unlike HashCode
        foreach (var part in key)
        {
            hash = (hash ^ part) * 16777619u;
        }

        return (int)(hash % (uint)_partitions.Length);
    }
}
