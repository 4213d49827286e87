namespace Footfall.Expose;

/// <summary>How many more interactions of a row were received within a second.</summary>
/// <param name="Row">A target's.</param>
/// <param name="Second">Unix seconds.</param>
/// <param name="Count">How many.</param>
public readonly record struct SecondIncrement(BoardRow Row, long Second, int Count);

/// <summary>Interactions by the second, as the ring had them at one moment.</summary>
/// <param name="Rows">With the most first; those without a row of their own are in <paramref name="Rest"/>.</param>
/// <param name="Rest">All others of what was asked for; null where nothing of them is.</param>
/// <param name="Total">The sum of all.</param>
/// <param name="Since">The ring has everything from this second on (Unix): since it was begun, and as far as it is kept.</param>
public sealed record SecondSeries(IReadOnlyList<(BoardRow Row, long[] Counts)> Rows, long[]? Rest, long[] Total, long Since);

/// <summary>Which rows of the ring to read.</summary>
/// <param name="Type">Of this type alone; null: any.</param>
/// <param name="Target">This target alone; null: any.</param>
/// <param name="Page">This page, instead of targets; null: targets.</param>
public readonly record struct SecondQuery(string? Type = null, string? Target = null, string? Page = null);

/// <summary>
/// The committed interactions of the last two hours by row and second of receipt. Written by the counting loop alone, read
/// by anybody; a lock is held for some microseconds, a fifth of a millisecond where all of it is read.
/// </summary>
/// <remarks>
/// Memory: a row that had something in each minute of two hours takes 19 KB, so the bounds below make 15 MB, besides pinned
/// targets and configured apps. Rows and minutes take memory when something comes, and give it back two hours later.
/// </remarks>
public sealed class SecondRing
{
    /// <summary>How far it reaches back: a lesson, a launch, a lunch.</summary>
    public const int Seconds = 7_200;

    /// <summary>Targets with a row of their own, pinned ones besides: as many as the board lists. What is beyond is in its app's rest.</summary>
    public const int MaxTargets = 500;

    /// <summary>Pages with a row of their own: fewer than targets, since they are looked at one by one.</summary>
    public const int MaxPages = 200;

    /// <summary>Apps that are not configured: who may write to a Kafka topic could name any. Those beyond are together.</summary>
    public const int MaxApps = 32;

    /// <summary>Of a collector's clock that is further ahead, in seconds, the present is taken instead: two hours would be lost by one.</summary>
    public const int MaxAhead = 60;

    /// <summary>Increments that wait for who listens: half a MB. Beyond, who listens is told that it has to read all again.</summary>
    public const int MaxIncrements = 20_000;

    /// <summary>How many rows a reading names, each with its own colour.</summary>
    public const int Named = 10;

    private const int MinuteLength = 60;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, AppSeconds> _apps = new(StringComparer.Ordinal);
    private readonly List<BoardRow> _withLine = [];
    private readonly int _maxApps;
    private readonly List<Pending> _increments = [];
    private long _since;
    private bool _isHeard;
    private bool _isReplaced;
    private int _targets;
    private int _pages;
    private long _newest; // minute
    private long _overflowed;

    /// <param name="apps">The configured apps.</param>
    /// <param name="since">From which second on it has everything: now.</param>
    public SecondRing(IReadOnlyCollection<string> apps, long since)
    {
        _since = since;
        foreach (var app in apps)
        {
            _apps.Add(app, new AppSeconds());
        }

        _maxApps = _apps.Count + MaxApps;
    }

    /// <summary>From which second on it has everything that was counted, Unix; what it reaches back to besides.</summary>
    public long Since
    {
        get
        {
            lock (_gate)
            {
                return _since;
            }
        }
    }

    /// <summary>Interactions that a row's, or an app's, bound left without seconds of their own.</summary>
    public long Overflowed => Volatile.Read(ref _overflowed);

    /// <summary>Adds what is committed.</summary>
    /// <param name="more">Series with a <see cref="ExposedSeries.TargetRow"/>, seconds of receipt, and how many.</param>
    /// <param name="now">Unix seconds.</param>
    public void Add(ReadOnlySpan<(ExposedSeries Series, long Second, int Count)> more, long now)
    {
        lock (_gate)
        {
            MoveTo(SecondLine.MinuteOf(now));
            foreach (var (series, second, count) in more)
            {
                Add(series, second > now + MaxAhead ? now : second, count);
            }
        }
    }

    /// <summary>What is added now is no news, but fills what lies behind: who listens has to read all again.</summary>
    /// <param name="since">From which second on it has everything.</param>
    public void Replaced(long since)
    {
        lock (_gate)
        {
            (_since, _isReplaced) = (since, true);
            _increments.Clear();
        }
    }

    /// <summary>From now on increments are kept for who takes them, or no longer.</summary>
    public void Listen(bool isHeard)
    {
        lock (_gate)
        {
            (_isHeard, _isReplaced) = (isHeard, false);
            _increments.Clear();
        }
    }

    /// <summary>Takes what was added since the last call.</summary>
    /// <returns>False: all has to be read again.</returns>
    public bool TakeIncrements(List<SecondIncrement> increments)
    {
        lock (_gate)
        {
            increments.AddRange(_increments.Select(pending => pending.Increment));
            _increments.Clear();
            var isWhole = !_isReplaced;
            _isReplaced = false;
            return isWhole;
        }
    }

    /// <summary>How many of an app were received in the last full second and in the last minute, and of these rows in the last minute.</summary>
    /// <param name="app">Whose.</param>
    /// <param name="now">Unix seconds: the second that runs.</param>
    /// <param name="rows">Of the app.</param>
    /// <param name="minutes">As many as rows.</param>
    public (long Second, long Minute) Latest(string app, long now, IReadOnlyList<BoardRow> rows, Span<long> minutes)
    {
        lock (_gate)
        {
            var (from, to) = Within(now - MinuteLength + 1, now + 1);
            for (var i = 0; i < rows.Count; i++)
            {
                minutes[i] = rows[i].Line?.Sum(from, to) ?? 0;
            }

            var total = _apps.GetValueOrDefault(app)?.Total;
            var (first, last) = Within(now - 1, now);
            return (total?.Sum(first, last) ?? 0, total?.Sum(from, to) ?? 0);
        }
    }

    /// <summary>
    /// Reads rows of an app: those with the most in this time, pinned ones first among equals, and the rest together. Of targets
    /// without what <see cref="TakeIncrements"/> has still to give to who follows this app.
    /// </summary>
    /// <param name="app">Whose.</param>
    /// <param name="query">Which.</param>
    /// <param name="from">Unix seconds.</param>
    /// <param name="step">Seconds of one number.</param>
    /// <param name="count">How many numbers.</param>
    public SecondSeries Read(string app, SecondQuery query, long from, int step, int count)
    {
        lock (_gate)
        {
            var seconds = _apps.GetValueOrDefault(app);
            var (first, last) = Within(from, from + ((long)step * count));
            var found = (query.Page is null ? seconds?.Targets : seconds?.Pages)?
                .Where(row => Matches(row, query))
                .Select(row => (Row: row, Sum: row.Line!.Sum(first, last)))
                .Where(row => row.Sum > 0 || row.Row.IsPinned)
                .OrderByDescending(row => row.Sum).ThenByDescending(row => row.Row.IsPinned).ThenBy(row => row.Row.Number)
                .Select(row => row.Row).ToArray() ?? [];
            // What beyond a cap has no name of its own belongs to the rest; so does what is beyond the ring's own bounds.
            var named = found.Where(row => row.Target != Count.SeriesKey.Other).Take(Named).Select(row => (row, Cells(row.Line!, from, step, count))).ToArray();
            var isAll = query == default;
            var total = isAll ? seconds is null ? new long[count] : Cells(seconds.Total, from, step, count) : Sum(found.Select(row => Cells(row.Line!, from, step, count)), count);
            LessPending(app, query, from, step, total, named);
            var rest = Less(total, named.Select(row => row.Item2));
            return new SecondSeries(named, rest.Any(count => count != 0) ? rest : null, total, Math.Max(_since, Oldest));
        }
    }

    /// <summary>
    /// What who follows this app has not been given yet comes with the next tick, and is not to be in a chart that goes on from
    /// there. Taken from where it was added: an app beyond the bound has no seconds of its own, and a row may have had none.
    /// </summary>
    private void LessPending(string app, SecondQuery query, long from, int step, long[] total, (BoardRow Row, long[] Counts)[] named)
    {
        var isAll = query == default;
        foreach (var (increment, hasApp, hasRow) in _increments)
        {
            var place = (increment.Second - from) / step;
            if (hasApp && query.Page is null && increment.Second >= from && place < total.Length && increment.Row.App == app
                && Matches(increment.Row, query) && (isAll || hasRow))
            {
                total[place] -= increment.Count;
                if (hasRow && Array.Find(named, one => one.Row == increment.Row).Counts is { } counts)
                {
                    counts[place] -= increment.Count;
                }
            }
        }
    }

    private static bool Matches(BoardRow row, SecondQuery query) => query.Page is { } page
        ? row.Page == page
        : (query.Type is null || row.Type == query.Type) && (query.Target is null || row.Target == query.Target);

    private static long[] Sum(IEnumerable<long[]> all, int count)
    {
        var sum = new long[count];
        foreach (var one in all)
        {
            for (var i = 0; i < count; i++)
            {
                sum[i] += one[i];
            }
        }

        return sum;
    }

    private static long[] Less(long[] total, IEnumerable<long[]> parts)
    {
        var left = (long[])total.Clone();
        foreach (var part in parts)
        {
            for (var i = 0; i < left.Length; i++)
            {
                left[i] -= part[i];
            }
        }

        return left;
    }

    private long[] Cells(SecondLine line, long from, int step, int count)
    {
        var cells = new long[count];
        var (first, last) = Within(from, from + ((long)step * count));
        line.AddTo(cells, from, step, first, last);
        return cells;
    }

    /// <summary>The part that is kept.</summary>
    private (long From, long To) Within(long from, long to)
    {
        var (first, last) = (Math.Max(from, Oldest), Math.Min(to, (_newest + 1) * MinuteLength));
        return (first, Math.Max(first, last));
    }

    /// <summary>The first second that is kept.</summary>
    private long Oldest => (_newest - SecondLine.Minutes + 1) * MinuteLength;

    private void Add(ExposedSeries series, long second, int count)
    {
        MoveTo(SecondLine.MinuteOf(second));
        if (SecondLine.MinuteOf(second) <= _newest - SecondLine.Minutes)
        {
            return; // it is over: nobody can ask for it
        }

        var target = series.TargetRow!;
        var app = AppOf(target.App);
        app.Total.Add(second, count);
        var hasRow = AddTo(target, app.Targets, target.IsPinned, ref _targets, MaxTargets, second, count);
        if (series.PageRow is { } page)
        {
            AddTo(page, app.Pages, isFree: false, ref _pages, MaxPages, second, count);
        }

        if (_isHeard && !_isReplaced)
        {
            _increments.Add(new Pending(new SecondIncrement(target, second, count), _apps.ContainsKey(target.App), hasRow));
            if (_increments.Count > MaxIncrements)
            {
                _isReplaced = true;
                _increments.Clear();
            }
        }
    }

    /// <summary>What gets no row of its own is the app's total less all rows.</summary>
    /// <returns>Whether it has one.</returns>
    private bool AddTo(BoardRow row, List<BoardRow> rows, bool isFree, ref int taken, int most, long second, int count)
    {
        if (row.Line is null)
        {
            if (!isFree && taken >= most)
            {
                Volatile.Write(ref _overflowed, _overflowed + count);
                return false;
            }

            taken += isFree ? 0 : 1;
            row.Line = new SecondLine();
            rows.Add(row);
            _withLine.Add(row);
        }

        row.Line.Add(second, count);
        return true;
    }

    private AppSeconds AppOf(string name)
    {
        if (_apps.TryGetValue(name, out var app))
        {
            return app;
        }

        if (_apps.Count >= _maxApps && name != Count.SeriesKey.Other)
        {
            return AppOf(Count.SeriesKey.Other);
        }

        _apps.Add(name, app = new AppSeconds());
        return app;
    }

    /// <summary>Minutes that are over give way; rows that had nothing for two hours, too.</summary>
    private void MoveTo(long minute)
    {
        if (minute <= _newest)
        {
            return;
        }

        for (var over = Math.Max(_newest + 1, minute - SecondLine.Minutes + 1); over <= minute; over++)
        {
            foreach (var row in _withLine)
            {
                row.Line!.Clear(over);
            }

            foreach (var app in _apps.Values)
            {
                app.Total.Clear(over);
            }
        }

        _newest = minute;
        _withLine.RemoveAll(row =>
        {
            if (row.Line!.Newest > _newest - SecondLine.Minutes)
            {
                return false;
            }

            row.Line = null;
            var app = AppOf(row.App);
            (row.Page is null ? app.Targets : app.Pages).Remove(row);
            _targets -= row.Page is null && !row.IsPinned ? 1 : 0;
            _pages -= row.Page is null ? 0 : 1;
            return true;
        });
    }

    /// <summary>What waits for who listens.</summary>
    /// <param name="Increment">As it is given.</param>
    /// <param name="HasApp">Whether its app has seconds of its own.</param>
    /// <param name="HasRow">Whether it was added to its row's.</param>
    private readonly record struct Pending(SecondIncrement Increment, bool HasApp, bool HasRow);

    /// <summary>An app's rows that have seconds.</summary>
    private sealed class AppSeconds
    {
        public SecondLine Total { get; } = new();

        public List<BoardRow> Targets { get; } = [];

        public List<BoardRow> Pages { get; } = [];
    }
}
