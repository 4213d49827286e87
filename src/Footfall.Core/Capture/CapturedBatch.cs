using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Footfall.Log;

namespace Footfall.Capture;

/// <summary>
/// What one request brought: the records to append and what was not taken. It owns the bytes of its records, so it
/// is disposed of only when the log no longer needs them.
/// </summary>
public sealed class CapturedBatch : IDisposable
{
    private const int ListsKept = 4;

    // Used again: the lists of requests of thousands would be large garbage.
    private static readonly ConcurrentQueue<List<Taken>> Lists = new();

    private List<Taken> _taken = Lists.TryDequeue(out var list) ? list : [];
    private readonly List<Rejection> _rejections = [];
    private readonly List<Rejection> _retries = [];
    private readonly List<(App? App, RejectReason Reason)> _rejectedApps = [];
    private readonly List<Ignored> _ignored = [];
    private readonly List<Range> _rejectedPlaces = [];
    private readonly List<(App App, BotKind Kind)> _bots = [];
    private ClockCorrections _clocks;
    private LogRecord[]? _records;
    private List<(App App, int Count)>? _perApp;

    internal CapturedBatch(int bodyLength) => Output = new Scratch(bodyLength + (bodyLength / 2) + 512);

    /// <summary>Why nothing of the request could be read, for people; null when it could.</summary>
    public string? Unreadable { get; internal set; }

    /// <summary>More interactions than <see cref="CaptureLimits.BatchCount"/>.</summary>
    public bool TooMany { get; internal set; }

    /// <summary>Interactions read, taken or not.</summary>
    public int Received => _taken.Count + _rejections.Count + _retries.Count + _bots.Count;

    /// <summary>Events read: interactions, and what is none.</summary>
    public int Events => Received + _ignored.Count;

    /// <summary>Events of a dialect that are no interactions.</summary>
    public IReadOnlyList<Ignored> Ignored => _ignored;

    /// <summary>How many can be appended.</summary>
    public int Count => _taken.Count;

    /// <summary>Not taken, in the order of the request.</summary>
    public IReadOnlyList<Rejection> Rejections => _rejections;

    /// <summary>Not taken this time, in the order of the request: the same may be sent again.</summary>
    public IReadOnlyList<Rejection> Retries => _retries;

    /// <summary>Those that no person did and that the app does not want: its app and what sent it.</summary>
    public IReadOnlyList<(App App, BotKind Kind)> Bots => _bots;

    /// <summary>The app (null: not known) and reason of each that was not taken, for good or this time.</summary>
    public IReadOnlyList<(App? App, RejectReason Reason)> RejectedApps => _rejectedApps;

    /// <summary>Where in the body each of <see cref="Rejections"/> stands.</summary>
    public IReadOnlyList<Range> RejectedPlaces => _rejectedPlaces;

    /// <summary>How many can be appended of each app, in the order in which they came first.</summary>
    public IReadOnlyList<(App App, int Count)> PerApp => _perApp ??= CountPerApp();

    /// <summary>Targets that were cut to their limit.</summary>
    public int ShortenedTargets { get; internal set; }

    /// <summary>Pages that were cut to their limit.</summary>
    public int ShortenedPages { get; internal set; }

    /// <summary>Interactions of a dialect some of whose properties were left out.</summary>
    public int ShortenedProperties { get; internal set; }

    /// <summary>Times that were not kept as they were sent.</summary>
    public ClockCorrections Corrected => Clocks;

    /// <summary>The records, in the order of the request.</summary>
    public ReadOnlyMemory<LogRecord> Records => _records ??= Build();

    internal Scratch Output { get; }

    /// <summary>Counted up as they are made.</summary>
    internal ref ClockCorrections Clocks => ref _clocks;

    /// <summary>Gives the records' bytes back.</summary>
    public void Dispose()
    {
        Output.Dispose();
        if (Lists.Count < ListsKept)
        {
            _taken.Clear();
            Lists.Enqueue(_taken);
        }

        _taken = [];
    }

    /// <summary>
    /// What becomes of a body that is so long, in bytes: records, the lists of them, and the answer, which for small
    /// interactions are more than what was sent.
    /// </summary>
    public static int BytesFor(int bodyLength) => (4 * bodyLength) + 512;

    internal void Take(App app, Slot value, Slot id, Slot key, long time, string type) =>
        _taken.Add(new Taken(Events, app, value, id, key, time, type));

    internal void SetAside(App app, BotKind kind) => _bots.Add((app, kind));

    /// <summary>
    /// Leaves out, for another time, what is over its app's limit: of one app all or nothing, so that a visitor's
    /// interactions keep their order and a request of one app has one answer. Before the records are asked for.
    /// </summary>
    /// <returns>After how long the last of them may come again; zero when nothing was left out.</returns>
    internal TimeSpan HoldBack(TimeProvider time)
    {
        var longest = TimeSpan.Zero;
        foreach (var (app, count) in PerApp)
        {
            if (!app.Limit.TryTake(count, time, out var wait))
            {
                _perApp = null;
                longest = wait > longest ? wait : longest;
                _retries.AddRange(_taken.Where(taken => ReferenceEquals(taken.App, app)).Select(taken => new Rejection(taken.Index, RejectReason.AppRateLimited)));
                _rejectedApps.AddRange(Enumerable.Repeat(((App?)app, RejectReason.AppRateLimited), _taken.RemoveAll(taken => ReferenceEquals(taken.App, app))));
            }
        }

        _retries.Sort((one, other) => one.Index.CompareTo(other.Index));
        return longest;
    }

    private List<(App App, int Count)> CountPerApp()
    {
        var counts = new List<(App App, int Count)>(1);
        var last = -1;
        foreach (var (_, app, _, _, _, _, _) in _taken)
        {
            if (last < 0 || !ReferenceEquals(counts[last].App, app))
            {
                last = counts.FindIndex(count => ReferenceEquals(count.App, app));
            }

            if (last < 0)
            {
                last = counts.Count;
                counts.Add((app, 0));
            }

            counts[last] = (app, counts[last].Count + 1);
        }

        return counts;
    }

    internal void Reject(App? app, RejectReason reason, Range place)
    {
        _rejections.Add(new Rejection(Events, reason));
        _rejectedPlaces.Add(place);
        _rejectedApps.Add((app, reason));
    }

    internal void Ignore(Ignored kind) => _ignored.Add(kind);

    private LogRecord[] Build()
    {
        var records = new LogRecord[_taken.Count];
        for (var i = 0; i < records.Length; i++)
        {
            var (_, app, value, id, key, time, type) = _taken[i];
            records[i] = new LogRecord(
                Output.Memory(key), Output.Memory(value), time, Output.Memory(id), app.Source, type);
        }

        return records;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Taken(int Index, App App, Slot Value, Slot Id, Slot Key, long Time, string Type);
}
