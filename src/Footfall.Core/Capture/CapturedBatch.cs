using Footfall.Log;

namespace Footfall.Capture;

/// <summary>
/// What one request brought: the records to append and what was not taken. It owns the bytes of its records, so it
/// is disposed of only when the log no longer needs them.
/// </summary>
public sealed class CapturedBatch : IDisposable
{
    private readonly List<(App App, Slot Value, Slot Id, Slot Key, long Time, string Type)> _taken = [];
    private readonly List<Rejection> _rejections = [];
    private readonly List<(App? App, RejectReason Reason)> _rejectedApps = [];
    private readonly List<Ignored> _ignored = [];
    private LogRecord[]? _records;

    internal CapturedBatch(int bodyLength) => Output = new Scratch(bodyLength + (bodyLength / 2) + 512);

    /// <summary>Why nothing of the request could be read, for people; null when it could.</summary>
    public string? Unreadable { get; internal set; }

    /// <summary>More interactions than <see cref="CaptureLimits.BatchCount"/>.</summary>
    public bool TooMany { get; internal set; }

    /// <summary>Interactions read, taken or not.</summary>
    public int Received => _taken.Count + _rejections.Count;

    /// <summary>Events read: interactions, and what is none.</summary>
    public int Events => Received + _ignored.Count;

    /// <summary>Events of a dialect that are no interactions.</summary>
    public IReadOnlyList<Ignored> Ignored => _ignored;

    /// <summary>How many can be appended.</summary>
    public int Count => _taken.Count;

    /// <summary>Not taken, in the order of the request.</summary>
    public IReadOnlyList<Rejection> Rejections => _rejections;

    /// <summary>The app (null: not known) and reason of each that was not taken.</summary>
    public IReadOnlyList<(App? App, RejectReason Reason)> RejectedApps => _rejectedApps;

    /// <summary>The app of each that can be appended.</summary>
    public IEnumerable<App> Apps => _taken.Select(taken => taken.App);

    /// <summary>Targets that were cut to their limit.</summary>
    public int ShortenedTargets { get; internal set; }

    /// <summary>Pages that were cut to their limit.</summary>
    public int ShortenedPages { get; internal set; }

    /// <summary>Interactions of a dialect some of whose properties were left out.</summary>
    public int ShortenedProperties { get; internal set; }

    /// <summary>The records, in the order of the request.</summary>
    public ReadOnlyMemory<LogRecord> Records => _records ??= Build();

    internal Scratch Output { get; }

    /// <summary>Gives the records' bytes back.</summary>
    public void Dispose() => Output.Dispose();

    internal void Take(App app, Slot value, Slot id, Slot key, long time, string type) =>
        _taken.Add((app, value, id, key, time, type));

    internal void Reject(App? app, RejectReason reason)
    {
        _rejections.Add(new Rejection(Events, reason));
        _rejectedApps.Add((app, reason));
    }

    internal void Ignore(Ignored kind) => _ignored.Add(kind);

    private LogRecord[] Build()
    {
        var records = new LogRecord[_taken.Count];
        for (var i = 0; i < records.Length; i++)
        {
            var (app, value, id, key, time, type) = _taken[i];
            records[i] = new LogRecord(
                Output.Memory(key), Output.Memory(value), time, Output.Memory(id), app.Source, type);
        }

        return records;
    }
}
