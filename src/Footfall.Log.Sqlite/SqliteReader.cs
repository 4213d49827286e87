using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Footfall.Log.Sqlite;

/// <summary>What the consumer reads from the tables, on its own connection. One caller at a time.</summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin, _end, _last, _records, _checkpoint, _totals;

    public SqliteReader(SqliteLogOptions options)
    {
        _connection = SqliteFile.Open(options);
        _begin = new(_connection, "begin");
        _end = new(_connection, "commit");
        _last = new(_connection, "select max(position) from interactions");
        _records = new(_connection, "select position, value from interactions where position >= ? order by position");
        _checkpoint = new(_connection, "select position, state from checkpoints where partition = ?");
        _totals = new(_connection, "select series, total from totals where partition = ?");
    }

    /// <summary>The position that the next record will get.</summary>
    public long End()
    {
        var end = _last.Step() && !_last.IsNull(0) ? _last.Long(0) + 1 : 0;
        _last.Reset();
        return end;
    }

    /// <summary>Records from a position on.</summary>
    public void Read(long position, SqliteRead read)
    {
        read.Clear();
        _records.Bind(1, position);
        try
        {
            while (_records.Step() && read.TryAdd(_records.Long(0), _records.Bytes(1)))
            {
            }
        }
        finally
        {
            _records.Reset();
        }
    }

    /// <summary>The checkpoint and its totals, as of one moment.</summary>
    public Checkpoint Load(int partition)
    {
        _begin.Run();
        try
        {
            _checkpoint.Bind(1, partition);
            if (!_checkpoint.Step())
            {
                return Checkpoint.None;
            }

            var position = _checkpoint.Long(0);
            var state = _checkpoint.Bytes(1).ToArray();
            var totals = new List<Total>();
            _totals.Bind(1, partition);
            while (_totals.Step())
            {
                totals.Add(new Total(
                    Encoding.UTF8.GetString(_totals.Bytes(0)),
                    decimal.Parse(_totals.Bytes(1), NumberStyles.Number, CultureInfo.InvariantCulture)));
            }

            return new Checkpoint(position, state, totals);
        }
        finally
        {
            _checkpoint.Reset();
            _totals.Reset();
            _end.Run();
        }
    }

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_begin, _end, _last, _records, _checkpoint, _totals])
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }
}
