using Footfall.Log;

namespace Footfall.Testing;

/// <summary>A commit that has begun and is not to be seen yet. Loads of its partitions wait for its end.</summary>
internal sealed class MemoryTransaction(MemoryLogConsumer consumer, IReadOnlyList<PartitionCommit> commits, long opened)
{
    public MemoryLogConsumer Consumer => consumer;

    public IReadOnlyList<PartitionCommit> Commits => commits;

    /// <summary>A timestamp of the log's time.</summary>
    public long Opened => opened;

    public bool Holds(int partition) => commits.Any(commit => commit.Partition == partition);
}
