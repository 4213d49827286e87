using Footfall.Log;

namespace Footfall.Testing;

/// <summary>One partition of a <see cref="MemoryLog"/>, guarded by its gate.</summary>
internal sealed class MemoryPartition(int number, TimeProvider time)
{
    private readonly List<byte[]> _values = [];
    private readonly SortedDictionary<string, decimal> _totals = new(StringComparer.Ordinal);
    private byte[] _state = [];
    private long _seen;

    /// <summary>The first position that is still kept.</summary>
    public long Start { get; private set; }

    public long End => Start + _values.Count;

    /// <summary>The position of the last commit; null before the first.</summary>
    public long? Committed { get; private set; }

    public MemoryLogConsumer? Owner { get; private set; }

    /// <summary>Rises with each change of owner, so that one who lost it and got it back unseen is fenced too.</summary>
    public long Generation { get; private set; }

    public void Give(MemoryLogConsumer? owner)
    {
        if (owner != Owner)
        {
            Owner = owner;
            Generation++;
        }
    }

    public void Append(ReadOnlyMemory<byte> value) => _values.Add(value.ToArray());

    public byte[] this[long position] => _values[(int)(position - Start)];

    public void Trim(long before)
    {
        var count = (int)Math.Clamp(before - Start, 0, _values.Count);
        _values.RemoveRange(0, count);
        Start += count;
    }

    public Checkpoint Load() => Committed is null
        ? Checkpoint.None
        : new Checkpoint(Committed, _state.ToArray(), [.. _totals.Select(total => new Total(total.Key, total.Value))]) { Seen = _seen };

    /// <summary>Stricter than an adapter: what Count must never ask for is an error here.</summary>
    public void Check(in PartitionCommit commit)
    {
        if (commit.Position < Committed)
        {
            throw new InvalidOperationException($"Partition {number}: commit goes back from {Committed} to {commit.Position}.");
        }

        foreach (var (series, value) in commit.Totals)
        {
            if (_totals.TryGetValue(series, out var former) && value < former)
            {
                throw new InvalidOperationException($"Partition {number}: total {series} falls from {former} to {value}.");
            }
        }
    }

    public void Commit(in PartitionCommit commit)
    {
        Committed = commit.Position;
        _seen = time.GetTimestamp(); // nobody can see it sooner
        _state = commit.State.ToArray();
        foreach (var (series, value) in commit.Totals)
        {
            _totals[series] = value;
        }
    }
}
