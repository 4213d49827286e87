using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Count;

/// <summary>A partition's totals as the log would keep them.</summary>
internal sealed class Folding(CountOptions options)
{
    private static readonly SipHash Hash = new(1, 2);

    private readonly Dictionary<string, decimal> _totals = new(StringComparer.Ordinal);
    private ReadOnlyMemory<byte> _state;
    private long? _position;

    public PartitionCount Partition { get; private set; } = new(0, Checkpoint.None, options, Hash);

    public IReadOnlyDictionary<string, decimal> Totals => _totals;

    public void Commit()
    {
        var commit = Partition.TakeCommit();
        Partition.Committed(commit);
        foreach (var (series, value) in commit.Totals)
        {
            Assert.True(value >= _totals.GetValueOrDefault(series), $"{series} falls");
            _totals[series] = value;
        }

        (_position, _state) = (commit.Position, commit.State);
    }

    /// <summary>The process is gone; another one begins at the checkpoint.</summary>
    /// <returns>From where it reads.</returns>
    public long Restart()
    {
        var needed = Partition.NeededFrom;
        Partition = new PartitionCount(
            0, _position is null ? Checkpoint.None : new Checkpoint(_position, _state, [.. _totals.Select(pair => new Total(pair.Key, pair.Value))]),
            options, Hash);
        Assert.Equal(needed, Partition.NeededFrom);
        Assert.Equal(needed, Partition.Position);
        return needed;
    }

    public decimal Sum(TotalKind kind) => _totals.Where(pair => SeriesKey.Parse(pair.Key)!.Kind == kind).Sum(pair => pair.Value);

    public decimal Of(SeriesKey key) => _totals.GetValueOrDefault(key.ToText());

    public static Folding Of(CountOptions options, params IEnumerable<Logged> records)
    {
        var folding = new Folding(options);
        var position = 0L;
        foreach (var record in records)
        {
            folding.Partition.Apply(record.AtPosition(position++));
        }

        folding.Commit();
        return folding;
    }
}
