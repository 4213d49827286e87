using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Simulation;

/// <summary>Bugs put in on purpose, around the log's two sides: the simulation has to find them.</summary>
internal class Sabotage
{
    /// <summary>No bug.</summary>
    public static Sabotage None { get; } = new();

    public virtual ILogConsumer Wrap(MemoryLogConsumer consumer) => consumer;

    public virtual IInteractionLog Wrap(IInteractionLog log) => log;
}

/// <summary>Totals are committed first and the position that they belong to after them.</summary>
internal sealed class TotalsBeforeOffsets : Sabotage
{
    public override ILogConsumer Wrap(MemoryLogConsumer consumer) => new Consumer(consumer);

    private sealed class Consumer(MemoryLogConsumer inner) : PassingConsumer(inner)
    {
        private readonly Dictionary<int, PartitionCommit> _committed = [];

        public override async ValueTask<Checkpoint> LoadAsync(int partition, CancellationToken cancellationToken)
        {
            var checkpoint = await base.LoadAsync(partition, cancellationToken);
            _committed[partition] = new PartitionCommit(partition, checkpoint.Position ?? 0, checkpoint.State, []);
            return checkpoint;
        }

        public override async ValueTask<CommitResult> CommitAsync(IReadOnlyList<PartitionCommit> commits, CancellationToken cancellationToken)
        {
            var totals = commits.Select(commit => _committed[commit.Partition] with { Totals = commit.Totals }).ToList();
            if (await base.CommitAsync(totals, cancellationToken) != CommitResult.Committed
                || await base.CommitAsync(commits, cancellationToken) != CommitResult.Committed)
            {
                return CommitResult.Lost;
            }

            foreach (var commit in commits)
            {
                _committed[commit.Partition] = commit;
            }

            return CommitResult.Committed;
        }
    }
}

/// <summary>A new owner does not read again what the duplicate window needs.</summary>
internal sealed class WindowForgotten : Sabotage
{
    public override ILogConsumer Wrap(MemoryLogConsumer consumer) => new Consumer(consumer);

    private sealed class Consumer(MemoryLogConsumer inner) : PassingConsumer(inner)
    {
        public override async ValueTask<Checkpoint> LoadAsync(int partition, CancellationToken cancellationToken) =>
            await base.LoadAsync(partition, cancellationToken) with { State = ReadOnlyMemory<byte>.Empty };
    }
}

/// <summary>The log says that it has the records durably, and appends them then.</summary>
internal sealed class AcceptedBeforeAppend : Sabotage
{
    public override IInteractionLog Wrap(IInteractionLog log) => new Log(log);

    private sealed class Log(IInteractionLog inner) : IInteractionLog
    {
        public LogHealth Health => inner.Health;

        public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
        {
            // Copies: the caller's memory is its own again once this has returned.
            _ = inner.AppendAsync(
                records.ToArray().Select(record => record with { Key = record.Key.ToArray(), Value = record.Value.ToArray(), Id = record.Id.ToArray() }).ToArray(),
                cancellationToken).AsTask();
            return new(AppendResult.Durable);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

/// <summary>Passes everything on.</summary>
internal abstract class PassingConsumer(MemoryLogConsumer inner) : ILogConsumer
{
    public TimeSpan? Lease => inner.Lease;

    public long? Answered => inner.Answered;

    public string? CommitTrouble => inner.CommitTrouble;

    public ValueTask<LogRead> ReadAsync(TimeSpan wait, CancellationToken cancellationToken) => inner.ReadAsync(wait, cancellationToken);

    public virtual ValueTask<Checkpoint> LoadAsync(int partition, CancellationToken cancellationToken) => inner.LoadAsync(partition, cancellationToken);

    public void Seek(int partition, long position) => inner.Seek(partition, position);

    public virtual ValueTask<CommitResult> CommitAsync(IReadOnlyList<PartitionCommit> commits, CancellationToken cancellationToken) =>
        inner.CommitAsync(commits, cancellationToken);

    public ValueTask ReleaseAsync(int partition, long below, CancellationToken cancellationToken) => inner.ReleaseAsync(partition, below, cancellationToken);

    public long EndPosition(int partition) => inner.EndPosition(partition);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
