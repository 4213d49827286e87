using System.Buffers;

namespace Footfall.Log.Kafka;

/// <summary>The records of one read by partition; its lists and its memory are used again by the next.</summary>
internal sealed class ReadBuffer
{
    private const int BlockBytes = 1 << 18; // hundreds of records, so that a full read has some tens of blocks and a small one takes little

    private readonly Dictionary<int, List<LoggedRecord>> _records = [];
    private readonly List<PartitionRecords> _read = [];
    private readonly List<byte[]> _blocks = [];
    private int _used; // of the last block

    public int Count { get; private set; }

    /// <param name="partition">Whose.</param>
    /// <param name="position">Where it stands.</param>
    /// <param name="value">Is copied.</param>
    public void Add(int partition, long position, ReadOnlySpan<byte> value)
    {
        if (!_records.TryGetValue(partition, out var records))
        {
            records = [];
            _records.Add(partition, records);
        }

        if (_blocks.Count == 0 || _blocks[^1].Length - _used < value.Length)
        {
            _blocks.Add(ArrayPool<byte>.Shared.Rent(Math.Max(BlockBytes, value.Length)));
            _used = 0;
        }

        var copy = _blocks[^1].AsMemory(_used, value.Length);
        value.CopyTo(copy.Span);
        _used += value.Length;
        records.Add(new(position, copy));
        Count++;
    }

    public void Drop(int partition)
    {
        if (_records.Remove(partition, out var records))
        {
            Count -= records.Count;
        }
    }

    public void Clear()
    {
        foreach (var records in _records.Values)
        {
            records.Clear();
        }

        foreach (var block in _blocks)
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        _blocks.Clear();
        Count = 0;
    }

    public IReadOnlyList<PartitionRecords> Take()
    {
        _read.Clear();
        foreach (var (partition, records) in _records)
        {
            if (records.Count > 0)
            {
                _read.Add(new(partition, records));
            }
        }

        return _read;
    }
}
