namespace Footfall.Log.Sqlite;

/// <summary>What one read brought. Its memory is used again by the next that is read into it.</summary>
internal sealed class SqliteRead(SqliteLogOptions options)
{
    private readonly List<LoggedRecord> _records = [];
    private byte[] _values = new byte[options.ReadBytes];
    private int _used;

    public IReadOnlyList<LoggedRecord> Records => _records;

    public void Clear()
    {
        _records.Clear();
        _used = 0;
    }

    /// <summary>False: no more, it is full. What there was no room for begins the next read.</summary>
    public bool TryAdd(long position, ReadOnlySpan<byte> value)
    {
        if (value.Length > _values.Length - _used)
        {
            if (_used > 0)
            {
                return false;
            }

            _values = new byte[value.Length];
        }

        value.CopyTo(_values.AsSpan(_used));
        _records.Add(new LoggedRecord(position, _values.AsMemory(_used, value.Length)));
        _used += value.Length;
        return _records.Count < options.ReadRecords;
    }
}
