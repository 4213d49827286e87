namespace Footfall.Log.Sqlite;

/// <summary>What one read brought. Its memory is used again by the next that is read into it.</summary>
internal sealed class SqliteRead(SqliteLogOptions options)
{
    private readonly List<LoggedRecord> _records = [];
    private byte[] _values = new byte[options.ReadBytes];
    private int _used;

    /// <summary>Where it was to begin.</summary>
    public long From { get; private set; }

    /// <summary>It ended at a bound, not at the end of the log: what more is written does not change it.</summary>
    public bool IsFull { get; private set; }

    public IReadOnlyList<LoggedRecord> Records => _records;

    /// <summary>The position after its last record.</summary>
    public long Next => _records.Count == 0 ? From : _records[^1].Position + 1;

    public void Begin(long from)
    {
        _records.Clear();
        (From, IsFull, _used) = (from, false, 0);
    }

    /// <summary>False: no more, it is full.</summary>
    public bool TryAdd(long position, ReadOnlySpan<byte> value)
    {
        if (value.Length > _values.Length - _used)
        {
            if (_used > 0)
            {
                IsFull = true;
                return false; // it begins the next read
            }

            _values = new byte[value.Length];
        }

        value.CopyTo(_values.AsSpan(_used));
        _records.Add(new LoggedRecord(position, _values.AsMemory(_used, value.Length)));
        _used += value.Length;
        IsFull = _records.Count == options.ReadRecords;
        return !IsFull;
    }
}
