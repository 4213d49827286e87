using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>What the records of a totals partition come to: the last checkpoint, with all of its totals.</summary>
internal sealed class PartitionTotals
{
    private readonly Dictionary<string, decimal> _totals = new(StringComparer.Ordinal);
    private byte[] _state = [];
    private long? _position;

    /// <summary>The transactional id of who committed last, as far as is known.</summary>
    public string? Committer { get; private set; }

    /// <summary>Takes the next record.</summary>
    /// <returns>The total that it says; null: a checkpoint, or a tombstone or another's record, which is not ours to judge.</returns>
    public Total? Apply(Message<byte[], byte[]> message)
    {
        if (message.Key is null || message.Value is null || !TotalsRecord.TryReadKey(message.Key, out var series))
        {
            return null;
        }

        if (series is null)
        {
            _state = message.Value;
            _position = TotalsRecord.ReadPosition(message.Headers);
            Committer = TotalsRecord.ReadCommitter(message.Headers);
            return null;
        }

        if (!TotalsRecord.TryReadTotal(message.Value, out var value))
        {
            return null;
        }

        _totals[series] = value;
        return new Total(series, value);
    }

    /// <param name="otherwise">The position where no record says one.</param>
    public Checkpoint ToCheckpoint(long? otherwise) =>
        new(_position ?? otherwise, _state, [.. _totals.Select(total => new Total(total.Key, total.Value))]);
}
