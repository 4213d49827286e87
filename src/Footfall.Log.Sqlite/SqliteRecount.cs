using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Footfall.Log.Sqlite;

/// <summary>
/// Counts a log again, in SQL, so that what Count committed can be compared with what the log says. It shares no code with
/// Count. Either over <c>footfall.db</c>, of which it reads one moment and changes nothing, or over the records of another
/// log that it is given.
/// </summary>
/// <remarks>
/// Beside the log it keeps the identities of the duplicate window, in a temporary file that SQLite makes and removes
/// (https://www.sqlite.org/tempfiles.html).
/// </remarks>
public sealed class SqliteRecount : IDisposable
{
    /// <summary>Ranges of missing positions that are kept: as many as a person reads.</summary>
    public const int MaxRanges = 100;

    // Some hundredths of a second, after which progress is told and a stop is heard.
    private const int StepRecords = 10_000;

    private const string Temporary = "(temporary file)";

    private const string FirstFrom = "select min(position) from interactions where position >= ?1";

    private readonly string _name;
    private readonly SqliteConnection _connection;
    private readonly RecountWindow _window;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<RecountedSeries, decimal> _committed = [];
    private readonly Dictionary<RecountedSeries, decimal> _recounted = [];
    private readonly List<PositionRange> _missing = [];

    // Of the partition at hand.
    private int _partition;
    private long _first, _position, _gone, _records, _missingCount;
    private bool _gapForgets;

    // What a step hands on to the next: the position expected, the log's time, the position behind the last gap, and its
    // second as soon as a record tells it.
    private long _next, _second, _start, _prunedBelow;
    private long? _floor;

    // Page views that began by then may have had records that are gone.
    private long _viewsAfter;

    private SqliteRecount(string name, SqliteConnection connection, RecountWindow window, string tables)
    {
        (_name, _connection, _window) = (name, connection, window);
        connection.CreateAggregate(
            "exact_sum", 0m, (decimal sum, string amount) => sum + decimal.Parse(amount, NumberStyles.Float, CultureInfo.InvariantCulture));
        SqliteFile.Run(connection, "pragma temp.cache_size = -65536"); // KiB
        SqliteFile.Run(connection, tables + RecountSql.Tables);
        SqliteFile.Run(connection, "begin"); // one moment of the log, and no journal for each step
    }

    /// <summary>Opens <c>footfall.db</c> to be read, as it is at this moment; services may go on with it.</summary>
    /// <exception cref="LogException">There is none, or it can't be read.</exception>
    public static SqliteRecount OpenLog(SqliteLogOptions options, RecountWindow window) =>
        Open(options.File, SqliteFile.OpenReadOnly(options), connection => new SqliteRecount(options.File, connection, window, tables: ""));

    /// <summary>For the records of another log: <see cref="Begin"/>, <see cref="Add"/>, <see cref="End"/> for each partition.</summary>
    public static SqliteRecount OpenEmpty(RecountWindow window)
    {
        var connection = new SqliteConnection("Data Source=;Pooling=False"); // SQLite's own temporary file
        connection.Open();
        return Open(Temporary, connection, opened => new SqliteRecount(Temporary, opened, window, SqliteFile.Tables));
    }

    /// <summary>Counts the embedded log again, from its first position to its checkpoint.</summary>
    /// <param name="options">Those of <see cref="OpenLog"/>.</param>
    /// <param name="progress">Told how many records are counted, of how many.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LogException">It can't be read.</exception>
    /// <exception cref="WrongTotalException">A total is not a number.</exception>
    public RecountedPartition CountLog(SqliteLogOptions options, Action<long, long> progress, CancellationToken cancellationToken)
    {
        try
        {
            LoadLog(options);
            while (_next < _position)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress(_records, _position - _first);
                // A gap as wide as the step has nothing in it: on to where there is something.
                if (FirstAt(_next) is not { } from || from >= _position)
                {
                    break; // it ends before the checkpoint
                }

                Count(from, Math.Min(from + StepRecords, _position));
            }

            progress(_records, _position - _first);
            return End();
        }
        catch (SqliteException error)
        {
            throw Unreadable(options.File, error);
        }
    }

    /// <summary>Begins with a partition.</summary>
    /// <param name="partition">Which.</param>
    /// <param name="checkpoint">Its checkpoint, with all of its totals.</param>
    /// <param name="first">The first position that its log still has.</param>
    /// <exception cref="LogException">The temporary file can't be written.</exception>
    public void Begin(int partition, Checkpoint checkpoint, long first)
    {
        try
        {
            SqliteFile.Run(_connection, "delete from totals");
            foreach (var (series, value) in checkpoint.Totals)
            {
                var statement = Statement("insert into totals values(0, ?1, ?2)");
                statement.Bind(1, Encoding.UTF8.GetBytes(series));
                statement.Bind(2, Encoding.UTF8.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
                statement.Run();
            }

            var position = checkpoint.Position ?? 0;
            Begin(partition, totals: 0, position, first, gone: Math.Min(first, position));
        }
        catch (SqliteException error)
        {
            throw Unreadable(Temporary, error);
        }
    }

    /// <summary>Takes the next records; those from the checkpoint on are passed over.</summary>
    /// <exception cref="LogException">The temporary file can't be written.</exception>
    public void Add(IReadOnlyList<LoggedRecord> records)
    {
        try
        {
            var insert = Statement("insert into interactions values(?1, 0, '', ?2)");
            var (from, below) = (-1L, -1L);
            for (var i = 0; i < records.Count && records[i].Position < _position; i++)
            {
                insert.Bind(1, records[i].Position);
                // What is not UTF-8 is no JSON (RFC 8259, 8.1), which SQLite does not look at.
                insert.Bind(2, System.Text.Unicode.Utf8.IsValid(records[i].Value.Span) ? records[i].Value.Span : []);
                insert.Run();
                from = from < 0 ? records[i].Position : from;
                below = records[i].Position + 1;
            }

            if (from >= 0)
            {
                Count(from, below);
                SqliteFile.Run(_connection, "delete from interactions");
            }
        }
        catch (SqliteException error)
        {
            throw Unreadable(Temporary, error);
        }
    }

    /// <summary>What the partition's records come to, beside what is committed.</summary>
    public RecountedPartition End()
    {
        Miss(_next, _position - 1);
        Take(new("missed"), _missingCount);
        var totals = _committed.Keys.Union(_recounted.Keys)
            .Select(series => new RecountedTotal(series, _committed.GetValueOrDefault(series), _recounted.GetValueOrDefault(series)));
        return new(_partition, _first, _position, _records, _gone, [.. _missing], _missingCount, [.. totals]);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private static LogException Unreadable(string file, SqliteException error) => new($"The log {file} can't be read: {error.Message}", error);

    private static SqliteRecount Open(string name, SqliteConnection connection, Func<SqliteConnection, SqliteRecount> make)
    {
        try
        {
            return make(connection);
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw Unreadable(name, error);
        }
    }

    private void LoadLog(SqliteLogOptions options)
    {
        var position = Number("select position from checkpoints where partition = ?1", SqliteTables.Partition) ?? 0;
        var rebuildFrom = Number("select state ->> '$.rebuildFrom' from checkpoints where partition = ?1", SqliteTables.Partition) ?? 0;
        var first = Number(FirstFrom, 0) ?? position;
        // Retention never takes what the windows are rebuilt from, unless the file was nearly full; and it does not shrink.
        var wasCrowded = Number("select page_count * page_size from pragma_page_count, pragma_page_size where ?1 = 0", 0) >= options.CrowdedBytes;
        var gone = wasCrowded ? first : Math.Min(first, rebuildFrom);
        Begin(SqliteTables.Partition, SqliteTables.Partition, position, first, Math.Min(gone, position));
    }

    private void Begin(int partition, int totals, long position, long first, long gone)
    {
        _partition = partition;
        _position = position;
        _first = Math.Min(first, position);
        _gone = gone;
        (_records, _missingCount) = (0, 0);
        _missing.Clear();
        _committed.Clear();
        _recounted.Clear();
        (_next, _second, _start, _prunedBelow, _floor, _viewsAfter) = (_first, 0, _first, _first, 0, 0);
        SqliteFile.Run(_connection, "delete from seen; delete from clock; delete from views; delete from numbers;");
        Miss(gone, _first - 1);

        var committed = Statement(RecountSql.Committed);
        committed.Bind(1, totals);
        while (committed.Step())
        {
            _committed[SeriesOf(committed)] = decimal.TryParse(committed.Bytes(5), NumberStyles.Float, CultureInfo.InvariantCulture, out var total)
                ? total
                : throw new WrongTotalException($"{SeriesOf(committed)} in partition {partition} is '{Text(committed, 5)}', which is not a number");
        }

        committed.Reset();
        // Where Count met no gap it forgot nothing, so a record that was taken out later is the only difference.
        _gapForgets = _committed.GetValueOrDefault(new("missed")) > 0;
    }

    /// <summary>Counts the records of a range; a gap in it ends one step and begins the next.</summary>
    private void Count(long from, long below)
    {
        while (from < below)
        {
            if (from > _next)
            {
                Miss(_next, from - 1);
                _next = from;
                if (_gapForgets)
                {
                    (_start, _floor) = (from, null);
                    EndViews(null);
                }
            }

            var end = Number(RecountSql.NextGap, from, below);
            CountStep(from, end ?? below);
            if (_next <= from || _next > below)
            {
                throw Damaged(from);
            }

            from = end is { } gap ? FirstAt(gap) ?? throw Damaged(gap) : below;
        }
    }

    /// <summary>The first position from one on that the log has. A damaged page leads a search to anywhere.</summary>
    private long? FirstAt(long least)
    {
        var first = Number(FirstFrom, least);
        return first < least ? throw Damaged(least) : first;
    }

    private LogException Damaged(long position) => new(string.Create(
        CultureInfo.InvariantCulture, $"The log {_name} can't be read: it is damaged at position {position}"));

    private void CountStep(long from, long below)
    {
        SqliteFile.Run(_connection, "delete from read; delete from judged;");
        Run(RecountSql.Read, from, below);
        Run(RecountSql.Judge, _second, _start, _window.Records, _window.Seconds);
        Run(RecountSql.TellTime);
        // What was lost in a gap may be as new as the first that came behind it.
        if (_floor is null && Number(RecountSql.FirstSecond) is { } second)
        {
            (_floor, _viewsAfter) = (second, second + RecountSql.ViewAhead);
        }

        Total();
        Run(RecountSql.Remember);
        Each(RecountSql.Last, row => (_next, _second) = (row.Long(0), row.Long(1)));
        Measure();
        if (_next - _prunedBelow >= 2 * _window.Records)
        {
            // Each time about as many as came since, so it costs a little for each record.
            _prunedBelow = _next - _window.Records;
            Run(RecountSql.Forget, _prunedBelow);
        }
    }

    private void Total()
    {
        Each(RecountSql.Counts, row =>
        {
            var series = new RecountedSeries("interactions", Text(row, 0), Text(row, 1), Text(row, 2), Text(row, 3));
            Take(series, row.Long(4));
            _records += row.Long(4);
            if (row.Long(5) > 0)
            {
                Take(series with { Kind = "value" }, decimal.Parse(row.Bytes(6), NumberStyles.Float, CultureInfo.InvariantCulture));
            }
        });
        Each(RecountSql.Repeats, row =>
        {
            Take(new("duplicates", Text(row, 0)), row.Long(1));
            _records += row.Long(1);
        });
        Each(RecountSql.Unreadable, row =>
        {
            Take(new("unreadable"), row.Long(0));
            _records += row.Long(0);
        });
        if (Number(RecountSql.Horizon, _window.Records, _window.Seconds, _floor ?? 0) is { } horizon and > 0)
        {
            Each(RecountSql.Late, row => Take(new("late", Text(row, 0)), row.Long(1)), _window.Records, _window.Seconds, _floor ?? 0, horizon);
        }
    }

    /// <summary>A view that is over has no more numbers to come; what it has none of below its highest was not seen.</summary>
    private void Measure()
    {
        Run(RecountSql.BeginViews, _viewsAfter, RecountSql.ViewAhead);
        Run(RecountSql.AddNumbers);
        Each(RecountSql.Unseen, row => Take(new("unseen", Text(row, 0)), row.Long(1)), _second);
        EndViews(_second);
    }

    private void EndViews(long? now)
    {
        foreach (var sql in RecountSql.EndViews)
        {
            Run(sql, now);
        }
    }

    private void Miss(long first, long last)
    {
        if (first > last)
        {
            return;
        }

        _missingCount += last - first + 1;
        if (_missing.Count < MaxRanges)
        {
            _missing.Add(new(first, last));
        }
    }

    private void Take(RecountedSeries series, decimal more)
    {
        if (more != 0)
        {
            _recounted[series] = _recounted.GetValueOrDefault(series) + more;
        }
    }

    private static RecountedSeries SeriesOf(SqliteStatement row) => new(Text(row, 0), Text(row, 1), Text(row, 2), Text(row, 3), Text(row, 4));

    private static string Text(SqliteStatement row, int column) => Encoding.UTF8.GetString(row.Bytes(column));

    private void Each(string sql, Action<SqliteStatement> take, params ReadOnlySpan<long?> parameters)
    {
        var statement = Bound(sql, parameters);
        while (statement.Step())
        {
            take(statement);
        }

        statement.Reset();
    }

    private long? Number(string sql, params ReadOnlySpan<long?> parameters)
    {
        long? number = null;
        Each(sql, row => number = row.IsNull(0) ? null : row.Long(0), parameters);
        return number;
    }

    private void Run(string sql, params ReadOnlySpan<long?> parameters) => Bound(sql, parameters).Run();

    private SqliteStatement Bound(string sql, ReadOnlySpan<long?> parameters)
    {
        var statement = Statement(sql);
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i] is { } number)
            {
                statement.Bind(i + 1, number);
            }
            else
            {
                statement.BindNull(i + 1);
            }
        }

        return statement;
    }

    private SqliteStatement Statement(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements.Add(sql, statement = new SqliteStatement(_connection, sql));
        }

        return statement;
    }
}
