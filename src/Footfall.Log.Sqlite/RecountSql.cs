namespace Footfall.Log.Sqlite;

/// <summary>
/// What Count does, said once more in SQL and from its documentation (docs/count.md), not from its code. A step takes
/// the records of some positions; what it needs of those before is in <c>seen</c> and <c>clock</c>.
/// </summary>
internal static class RecountSql
{
    /// <summary>2106-02-07, the last second that the log's time knows.</summary>
    private const string LastSecond = "4294967295";

    private const string LongestField = "1024";

    private const string LargestValue = "1000000000";

    /// <summary>For how long a page view is measured.</summary>
    private const string ViewSeconds = "1800";

    /// <summary>For how long after its beginning one is taken for new.</summary>
    private const string ViewNewFor = "1200";

    /// <summary>How far a browser's clock may be ahead.</summary>
    public const long ViewAhead = 600;

    private const string LargestNumber = "10000";

    /// <summary>The tables of a recount, beside those of the log.</summary>
    public const string Tables = """
        -- A step's records; of one that is no interaction all but the position is null.
        create temp table read(
            position integer primary key, app text, id text, type text, target text, page text, amount text, own integer, received integer,
            view text, began integer, number integer);
        -- The same with the log's time, and whether it is a repeat.
        create temp table judged(
            position integer primary key, app text, type text, target text, page text, amount text, own integer, id text,
            view text, began integer, number integer, second integer, repeat integer);
        -- Identities, and where they were last.
        create temp table seen(app text, id text, position integer, second integer, primary key(app, id)) without rowid;
        -- Which second it was, by the log, until which position.
        create temp table clock(position integer primary key, second integer);
        create index temp.clock_by_second on clock(second);
        -- Page views that are not over, where and when the first record of each came, and the numbers that have.
        create temp table views(app text, view text, position integer, second integer, primary key(app, view)) without rowid;
        create temp table numbers(app text, view text, number integer, primary key(app, view, number)) without rowid;
        """;

    /// <summary>1: from, 2: below. What has no JSON object, or a field that Count does not take, is no interaction.</summary>
    public static readonly string Read = $"""
        insert into read
        with line as materialized (
            select position, iif(json_valid(value) and json_type(value) = 'object', value, '[]') as value,
                octet_length(value) > {LongestField} as may_be_long, instr(value, '\u0000') > 0 as may_have_nul
            from interactions where position >= ?1 and position < ?2
        ),
        field as materialized (
            select position,
                {Text("id")}, {Text("app")}, {Text("type")}, {Text("target")}, {Text("page")}, {Text("visitor")},
                {Time("received")}, {Time("at")},
                json_type(value, '$.value') as amount_type, value -> '$.value' as amount,
                iif(json_type(value, '$.view') = 'text' and (not may_have_nul or coalesce(instr(value ->> '$.view', char(0)), 0) = 0),
                    value ->> '$.view', null) as view,
                iif(json_type(value, '$.n') = 'integer', value ->> '$.n', null) as number
            from line
        ),
        timed as materialized (
            select *, {Second("received")}, {Second("at")} from field
        ),
        fit as materialized (
            select *,
                id_fits and app_fits and type_fits and target_fits and page_fits and visitor_fits
                and id <> '' and app <> '' and type <> ''
                and coalesce(received between 0 and {LastSecond}, 0) and (at_type is null or at is not null)
                and (amount_type is null
                    or (amount_type in ('integer', 'real') and cast(amount as real) between 0 and {LargestValue})) as fits
            from timed
        )
        select position,
            iif(fits, app, null), iif(fits, id, null), iif(fits, type, null), iif(fits, coalesce(target, ''), null),
            iif(fits, coalesce(page, ''), null), iif(fits, amount, null), iif(fits, coalesce({UuidSecond("id")}, at), null), iif(fits, received, null),
            iif(fits, view, null), iif(fits and number between 1 and 2147483647, {UuidSecond("view")}, null), number
        from fit
        """;

    /// <summary>
    /// 1: the log's time before these, 2: the position behind the last gap, before which all is forgotten, 3 and 4: the window's
    /// records and seconds. Between the records of a step there is no gap.
    /// </summary>
    public const string Judge = """
        insert into judged
        with timed as materialized (
            select *, max(?1, coalesce(max(received) over (order by position), 0)) as second from read
        ),
        followed as materialized (
            select timed.*,
                coalesce(lag(timed.position) over same, seen.position) as last,
                coalesce(lag(timed.second) over same, seen.second) as last_second
            from timed left join seen on seen.app = timed.app and seen.id = timed.id
            window same as (partition by timed.app, timed.id order by timed.position)
        )
        select position, app, type, target, page, amount, own, id, view, began, number, second,
            app is not null and last is not null and last >= ?2 and position - last < ?3 and last_second + ?4 >= second
        from followed
        """;

    /// <summary>1: from, 2: below. The first position that isn't there after one that is.</summary>
    public const string NextGap = """
        select min(position) from (
            select position + 1 as position, lead(position) over (order by position) as next
            from interactions where position >= ?1 and position < ?2
        ) where next > position
        """;

    public const string Remember = """
        insert into seen select app, id, max(position), second from judged where app is not null group by app, id
        on conflict do update set position = excluded.position, second = excluded.second
        """;

    public const string Forget = "delete from seen where position < ?1";

    public const string TellTime = "insert into clock select max(position), second from judged group by second";

    public const string Counts = """
        select app, type, target, page, count(*), count(amount), exact_sum(amount) filter (where amount is not null)
        from judged where app is not null and not repeat group by app, type, target, page
        """;

    public const string Repeats = "select app, count(*) from judged where repeat group by app";

    public const string Unreadable = "select count(*) from judged where app is null";

    /// <summary>The second of the step's first interaction.</summary>
    public const string FirstSecond = "select second from judged where app is not null order by position limit 1";

    /// <summary>The next position, and the log's time.</summary>
    public const string Last = "select position + 1, second from judged order by position desc limit 1";

    /// <summary>
    /// 1 and 2: the window's records and seconds, 3: the last gap's second, 4: what no record's horizon is above. Late is what
    /// by its own time is not newer than the newest record that had left the window, or was lost.
    /// </summary>
    public const string Late = $"""
        select app, count(*) from judged
        where app is not null and not repeat and own between 0 and ?4 and max(own, 1) <= {HorizonOfRecord}
        group by app
        """;

    /// <summary>1 and 2: the window's records and seconds, 3: the last gap's second. The horizon at the step's last record.</summary>
    public const string Horizon = $"select {HorizonOfRecord} from judged order by position desc limit 1";

    private const string HorizonOfRecord = """
        max(
            ?3,
            coalesce(iif(position >= ?1, (select second from clock where position >= judged.position - ?1 order by position limit 1), 0), 0),
            coalesce((select max(second) from clock where second < judged.second - ?2), 0))
        """;

    /// <summary>1: what began by then is not taken for new, 2: <see cref="ViewAhead"/>. Each view's first record.</summary>
    public const string BeginViews = $"""
        insert into views
        select app, view, min(position), second from judged
        where began is not null and began > ?1 and began > second - {ViewNewFor} and began <= second + ?2
            and (own is null or own - began <= {ViewSeconds})
        group by app, view
        on conflict do nothing
        """;

    /// <summary>Those of the views' time.</summary>
    public const string AddNumbers = $"""
        insert or ignore into numbers
        select judged.app, judged.view, judged.number from judged join views on views.app = judged.app and views.view = judged.view
        where judged.began is not null and judged.position >= views.position and judged.second < views.second + {ViewSeconds}
        """;

    /// <summary>1: the log's time. Of the views that are over by then.</summary>
    public const string Unseen = $"""
        select app, sum(unseen) from (
            select app, view, max(number) - count(*) as unseen from views join numbers using (app, view)
            where second + {ViewSeconds} <= ?1 group by app, view having max(number) <= {LargestNumber})
        group by app
        """;

    /// <summary>1: the log's time; null: all of them.</summary>
    public static readonly string[] EndViews =
    [
        $"delete from numbers where (app, view) in (select app, view from views where ?1 is null or second + {ViewSeconds} <= ?1)",
        $"delete from views where ?1 is null or second + {ViewSeconds} <= ?1",
    ];

    public const string Committed = """
        with named as materialized (
            select iif(json_valid(series), series, json_array(series)) as name, total from totals where partition = ?1
        )
        select coalesce(name ->> '$[0]', ''), coalesce(name ->> '$[1]', ''), coalesce(name ->> '$[2]', ''),
            coalesce(name ->> '$[3]', ''), coalesce(name ->> '$[4]', ''), total
        from named
        """;

    private static string Text(string name) => $"""
        value ->> '$.{name}' as {name},
        coalesce(json_type(value, '$.{name}'), 'text') = 'text'
            and (not may_be_long or coalesce(octet_length(value -> '$.{name}'), 0) <= {LongestField} + 2)
            and (not may_have_nul or coalesce(instr(value ->> '$.{name}', char(0)), 0) = 0) as {name}_fits
        """;

    private static string Time(string name) => $"value ->> '$.{name}' as {name}_text, json_type(value, '$.{name}') as {name}_type";

    private static string Second(string name) => $"""
        iif({name}_type = 'text' and {name}_text glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' and substr({name}_text, 11, 1) in ('T', ''),
            unixepoch({name}_text), null) as {name}
        """;

    /// <summary>Seconds of a UUID of version 7 (RFC 9562, 5.7); null: it is none.</summary>
    private static string UuidSecond(string name) => $"""
        iif(octet_length({name}) = 36 and {name} glob '????????-????-7*' and not substr({name}, 1, 8) || substr({name}, 10, 4) glob '*[^0-9a-fA-F]*',
            ({string.Join(" + ", Enumerable.Range(0, 12).Select(digit =>
                $"((instr('0123456789abcdef', lower(substr({name}, {(digit < 8 ? digit + 1 : digit + 2)}, 1))) - 1) << {44 - (4 * digit)})"))}) / 1000,
            null)
        """;
}
