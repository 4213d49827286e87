using System.Runtime.InteropServices;

namespace Footfall.Log.Sqlite;

/// <summary>
/// What is called for each record, as sqlite3.h has it: the binding's own takes a safe handle, which is counted up and down at
/// each call. With hundreds of thousands of records a second that is a tenth of what reading and counting them takes.
/// </summary>
/// <remarks>The library is the one that Microsoft.Data.Sqlite brings. Whoever calls keeps the statement open meanwhile.</remarks>
internal static partial class SqliteNative
{
    /// <summary>Another provider's statements would be handed to this one.</summary>
    public const string Library = "e_sqlite3";

    /// <summary>SQLITE_STATIC: the bytes stay where they are until the statement is reset.</summary>
    public const nint Static = 0;

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    public static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    public static partial int Reset(nint statement);

    // Short, so the garbage collector may wait for them: they take the connection's mutex, which nobody else holds, since a
    // connection has one user at a time; and what they bind replaces nothing that SQLite had copied.
    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64"), SuppressGCTransition]
    public static partial int BindLong(nint statement, int parameter, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text"), SuppressGCTransition]
    public static unsafe partial int BindText(nint statement, int parameter, byte* utf8, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64"), SuppressGCTransition]
    public static partial long ColumnLong(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob"), SuppressGCTransition]
    public static unsafe partial byte* ColumnBytes(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes"), SuppressGCTransition]
    public static partial int ColumnLength(nint statement, int column);
}
