using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Footfall.Log.Sqlite;

/// <summary>What the writer does to the tables, on its own connection and thread.</summary>
internal sealed class SqliteTables : IDisposable
{
    /// <summary>The one partition that the embedded log has.</summary>
    public const int Partition = 0;

    /// <summary>How many records a step of a removal takes at most: some milliseconds, for which appends wait.</summary>
    public const int RemoveStep = 4_000;

    /// <summary>Bytes of records between two looks at how full the file is; a look takes as long as three records.</summary>
    private const int MostLookBytes = 64 * 1024;

    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin, _end, _rollback, _last, _append, _checkpoint, _total, _first, _young, _remove, _pages, _freePages, _counted;
    private readonly long _crowdedPages, _appendPages, _lookBytes;
    private readonly string _full;
    private readonly ArrayBufferWriter<byte> _text = new();
    private long _usedPages;

    // Of this transaction: until it ends no other process appends.
    private long? _next;
    private long _bytesSinceLook;

    public SqliteTables(SqliteLogOptions options)
    {
        _connection = SqliteFile.Open(options);
        _begin = Prepare("begin immediate");
        _end = Prepare("commit");
        _rollback = Prepare("rollback");
        _last = Prepare("select max(position) from interactions");
        _append = Prepare("insert into interactions values(?, ?, ?, ?)");
        _checkpoint = Prepare("insert or replace into checkpoints values(?, ?, ?)");
        _total = Prepare("insert into totals values(?, ?, ?) on conflict do update set total = excluded.total");
        _first = Prepare("select min(position) from interactions");
        _young = Prepare("select position from interactions where position >= ? and position < ? and time >= ? order by position limit 1");
        _remove = Prepare("delete from interactions where position >= ? and position < ?");
        _pages = Prepare("pragma page_count");
        _freePages = Prepare("pragma freelist_count");
        _counted = Prepare($"select position from checkpoints where partition = {Partition}");
        _full = $"the file is full, at its bound ({options.MaxBytesKey})";
        _crowdedPages = options.CrowdedBytes / SqliteFile.PageBytes;
        _appendPages = options.AppendBytes / SqliteFile.PageBytes;
        _lookBytes = Math.Min(MostLookBytes, (options.MaxBytes - options.AppendBytes) / 4);
        UsedPages();
    }

    /// <summary>Of the file's bound, in use when it was last written to or removed from.</summary>
    public long UsedBytes => Volatile.Read(ref _usedPages) * SqliteFile.PageBytes;

    /// <summary>From here on other processes' writers wait, so that a position read is a position owned.</summary>
    public void Begin()
    {
        _begin.Run();
        _next = null;
    }

    /// <summary>All since <see cref="Begin"/> is durable when it returns: an fsync.</summary>
    public void End() => _end.Run();

    /// <summary>Takes back all since <see cref="Begin"/>, unless SQLite has done so itself.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            _rollback.Run();
        }
    }

    /// <exception cref="SqliteException">SQLITE_FULL: what is left of the file's bound is for commits.</exception>
    public void Append(ReadOnlySpan<LogRecord> records)
    {
        if (_next is null || _bytesSinceLook >= _lookBytes)
        {
            if (UsedPages() >= _appendPages)
            {
                throw new SqliteException(_full, raw.SQLITE_FULL);
            }

            _bytesSinceLook = 0;
        }

        // Safe after removals too, because they leave the newest record.
        var position = _next ?? (Last() is { } last ? last + 1 : 0);
        foreach (ref readonly var record in records)
        {
            _bytesSinceLook += SqliteLog.BytesOf(record);
            _append.Bind(1, position++);
            _append.Bind(2, record.Time);
            _append.Run(3, record.Key.Span, 4, record.Value.Span);
        }

        _next = position;
    }

    public void Commit(in PartitionCommit commit)
    {
        _checkpoint.Bind(1, commit.Partition);
        _checkpoint.Bind(2, commit.Position);
        _checkpoint.Bind(3, commit.State.Span);
        _checkpoint.Run();

        _total.Bind(1, commit.Partition);
        Span<byte> digits = stackalloc byte[32]; // 29 digits, sign, point
        for (var index = 0; index < commit.Totals.Count; index++)
        {
            var (series, value) = commit.Totals[index];
            _text.ResetWrittenCount();
            Encoding.UTF8.GetBytes(series, _text);
            value.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
            _total.Bind(2, _text.WrittenSpan);
            _total.Bind(3, digits[..length]);
            _total.Run();
        }
    }

    /// <summary>
    /// Removes the oldest records, a prefix so that what stays is dense, and never the newest. In a file that is nearly full
    /// all that has been counted may go, also what a rebuild would read: then Count's horizon moves, and tells.
    /// </summary>
    public int Remove(long below, long olderThan)
    {
        if (One(_first) is not { } first || Last() is not { } last)
        {
            return 0;
        }

        var isCrowded = UsedPages() >= _crowdedPages;
        below = isCrowded ? Math.Max(below, One(_counted) ?? 0) : below;
        var end = Math.Min(Math.Min(below, last), first + RemoveStep);
        if (!isCrowded)
        {
            _young.Bind(1, first);
            _young.Bind(2, end);
            _young.Bind(3, olderThan);
            end = One(_young) ?? end;
        }

        if (end <= first)
        {
            return 0;
        }

        _remove.Bind(1, first);
        _remove.Bind(2, end);
        _remove.Run();
        UsedPages();
        return (int)(end - first);
    }

    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_begin, _end, _rollback, _last, _append, _checkpoint, _total, _first, _young, _remove, _pages, _freePages, _counted])
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private long UsedPages()
    {
        var used = (One(_pages) ?? 0) - (One(_freePages) ?? 0);
        Volatile.Write(ref _usedPages, used);
        return used;
    }

    private long? Last() => One(_last);

    private static long? One(SqliteStatement statement)
    {
        long? value = statement.Step() && !statement.IsNull(0) ? statement.Long(0) : null;
        statement.Reset();
        return value;
    }

    private SqliteStatement Prepare(string sql) => new(_connection, sql);
}
