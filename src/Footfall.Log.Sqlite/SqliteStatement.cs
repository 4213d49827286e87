using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Footfall.Log.Sqlite;

/// <summary>
/// A statement prepared once, whose texts go in and out as the UTF-8 they are: a SqliteCommand would make a string of
/// each, and boxes for its parameters.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private nint _native; // the same; 0 when it is closed, which SQLite answers with an error

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _connection = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        Check(raw.sqlite3_prepare_v3(_connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
        _native = _statement.DangerousGetHandle();
    }

    public void Bind(int parameter, long value) => Check(SqliteNative.BindLong(_native, parameter, value));

    public void Bind(int parameter, ReadOnlySpan<byte> utf8) => Check(raw.sqlite3_bind_text(_statement, parameter, utf8));

    public void BindNull(int parameter) => Check(raw.sqlite3_bind_null(_statement, parameter));

    /// <summary>True: there is a row. An error resets the statement and throws a <see cref="SqliteException"/>.</summary>
    public bool Step()
    {
        var result = SqliteNative.Step(_native);
        if (result is raw.SQLITE_ROW or raw.SQLITE_DONE)
        {
            return result == raw.SQLITE_ROW;
        }

        try
        {
            SqliteException.ThrowExceptionForRC(result, _connection);
            return false;
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Ends what the last step began; until then a select keeps its snapshot, and the file's log can't be shortened.</summary>
    public void Reset() => _ = SqliteNative.Reset(_native); // an error of the last step is told again

    /// <summary>A step and a reset.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    /// <summary>The same with two texts more, which SQLite reads where they are.</summary>
    public unsafe void Run(int parameter, ReadOnlySpan<byte> utf8, int parameter2, ReadOnlySpan<byte> utf82)
    {
        byte none = 0; // an empty text has an address too, or it would be null
        fixed (byte* text = &(utf8.IsEmpty ? ref none : ref MemoryMarshal.GetReference(utf8)))
        fixed (byte* text2 = &(utf82.IsEmpty ? ref none : ref MemoryMarshal.GetReference(utf82)))
        {
            Check(SqliteNative.BindText(_native, parameter, text, utf8.Length, SqliteNative.Static));
            Check(SqliteNative.BindText(_native, parameter2, text2, utf82.Length, SqliteNative.Static));
            Run();
        }
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Long(int column) => SqliteNative.ColumnLong(_native, column);

    /// <summary>A text's bytes, until the next step: in a UTF-8 file nothing is converted.</summary>
    public unsafe ReadOnlySpan<byte> Bytes(int column) => new(SqliteNative.ColumnBytes(_native, column), SqliteNative.ColumnLength(_native, column));

    public void Dispose()
    {
        _native = 0;
        _statement.Dispose();
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(result, _connection);
        }
    }
}
