using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Footfall.Log.Sqlite;

/// <summary>Opens connections to <c>footfall.db</c>, and makes its tables the first time.</summary>
internal static class SqliteFile
{
    private const long Version = 1;

    // Larger than SQLite's 4096: fewer pages and frames for the same records, measured at half the time an append.
    // Not larger still, because a commit writes a whole page for each that holds a changed total.
    public const int PageBytes = 16_384;

    // Of key, value and time only what a person wants to select by: the CloudEvents attributes are in the value.
    public const string Tables = """
        create table if not exists meta(name text primary key, value text not null) without rowid;
        create table if not exists interactions(
            position integer primary key, time integer not null, key text not null, value text not null);
        create table if not exists totals(
            partition integer not null, series text not null, total text not null, primary key(partition, series)) without rowid;
        create table if not exists checkpoints(partition integer primary key, position integer not null, state text not null);
        insert into meta values('version', '1') on conflict do nothing;
        """;

    /// <exception cref="LogException">The file can't be opened, or a newer Footfall wrote it.</exception>
    public static SqliteConnection Open(SqliteLogOptions options)
    {
        try
        {
            Directory.CreateDirectory(options.Directory);
            var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = options.File,
                Pooling = false,
                DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
            }.ToString());
            try
            {
                connection.Open();
                CheckLibrary(options);
                Prepare(connection, options);
                return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new LogException($"The log {options.File} can't be opened: {error.Message}", error);
        }
    }

    /// <summary>For who only looks: makes nothing and changes nothing. The newest version's tables, or none at all.</summary>
    /// <exception cref="LogException">There is no file, it can't be opened, or a newer Footfall wrote it.</exception>
    public static SqliteConnection OpenReadOnly(SqliteLogOptions options)
    {
        if (!File.Exists(options.File))
        {
            throw new LogException($"There is no log in {options.Directory}: {options.File} does not exist.");
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = options.File,
            Pooling = false,
            Mode = SqliteOpenMode.ReadOnly,
        }.ToString());
        try
        {
            connection.Open();
            CheckLibrary(options);
            Run(connection, string.Create(CultureInfo.InvariantCulture, $"pragma busy_timeout = {(long)options.BusyTimeout.TotalMilliseconds}"));
            CheckVersion(connection, options);
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw new LogException($"The log {options.File} can't be read: {error.Message}", error);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Prepare(SqliteConnection connection, SqliteLogOptions options)
    {
        Run(connection, $"pragma page_size = {PageBytes}");
        Run(connection, "pragma journal_mode = wal");
        Run(connection, "pragma synchronous = full");         // what is acknowledged survives a power cut
        Run(connection, "pragma wal_autocheckpoint = 1000");  // pages, 16 MiB: as cheap as more, and a shorter pause
        Run(connection, "pragma journal_size_limit = 134217728");
        Run(connection, "pragma cache_size = -8192");        // KiB, kept for good: a larger transaction goes to the WAL before its end
        Run(connection, string.Create(CultureInfo.InvariantCulture, $"pragma busy_timeout = {(long)options.BusyTimeout.TotalMilliseconds}"));

        // A file of an earlier page size keeps its own.
        var page = Convert.ToInt64(Scalar(connection, "pragma page_size"), CultureInfo.InvariantCulture);
        Run(connection, string.Create(CultureInfo.InvariantCulture, $"pragma max_page_count = {Math.Max(1, options.MaxBytes / page)}"));

        if (Scalar(connection, "select 1 from sqlite_schema where name = 'checkpoints'") is null)
        {
            Run(connection, $"begin immediate; {Tables} commit;");
        }

        CheckVersion(connection, options);
    }

    private static void CheckLibrary(SqliteLogOptions options)
    {
        if (raw.GetNativeLibraryName() is var name && name != SqliteNative.Library)
        {
            throw new LogException($"The log {options.File} needs SQLite from {SqliteNative.Library}, as Microsoft.Data.Sqlite brings it, and this process uses {name}.");
        }
    }

    private static void CheckVersion(SqliteConnection connection, SqliteLogOptions options)
    {
        var version = Convert.ToInt64(Scalar(connection, "select value from meta where name = 'version'"), CultureInfo.InvariantCulture);
        if (version > Version)
        {
            throw new LogException(
                $"The log {options.File} has version {version} and this Footfall knows versions up to {Version}: a newer Footfall wrote it.");
        }
    }

    public static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
