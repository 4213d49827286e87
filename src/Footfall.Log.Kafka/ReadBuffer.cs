namespace Footfall.Log.Kafka;

/// <summary>The records of one read by partition; its lists are used again by the next.</summary>
internal sealed class ReadBuffer
{
    private readonly Dictionary<int, List<LoggedRecord>> _records = [];
    private readonly List<PartitionRecords> _read = [];

    public int Count { get; private set; }

    public void Add(int partition, LoggedRecord record)
    {
        if (!_records.TryGetValue(partition, out var records))
        {
            records = [];
            _records.Add(partition, records);
        }

        records.Add(record);
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
