using System.Buffers;
using System.Text.Json;
using Footfall.Count;

namespace Footfall.Expose;

/// <summary>
/// What the live board shows of one app, and what changed of it since the last look: docs/reference/http-api.md. Not safe
/// to share.
/// </summary>
/// <remarks>
/// Each member is written once a look, and sent where its bytes are others than before; so a state is always the last one
/// with all ticks since applied to it.
/// </remarks>
public sealed class AppBoard
{
    /// <summary>Targets, and pages, that are listed: more than anybody reads, and no more than 60 KB.</summary>
    public const int MaxRows = 500;

    /// <summary>New entries of the stream in one tick.</summary>
    public const int MaxStreamed = InteractionSamples.Most;

    /// <summary>How often it is looked whether others than those listed have more by now.</summary>
    private static readonly TimeSpan Relist = TimeSpan.FromMinutes(1);

    private readonly Exposure _exposure;
    private readonly TimeProvider _time;
    private readonly Lines _targets = new(isPages: false);
    private readonly Lines _pages = new(isPages: true);
    private readonly Member[] _members;
    private readonly Funnel[] _funnels;
    private readonly Queue<SampledInteraction> _stream = new();
    private readonly List<SampledInteraction> _new = [];
    private readonly List<SecondIncrement> _seconds = [];
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private readonly List<BoardRow> _rows = [];
    private long[] _minutes = [];
    private long _added;
    private long _counted;
    private long _at;
    private bool _looked;
    private long? _listed;

    /// <param name="app">Whose.</param>
    /// <param name="exposure">What is shown.</param>
    /// <param name="time">The clock.</param>
    public AppBoard(string app, Exposure exposure, TimeProvider time)
    {
        (App, _exposure, _time) = (app, exposure, time);
        _funnels = [.. exposure.Totals.Funnels.Where(funnel => funnel.App == app)];
        _members = [.. Enum.GetValues<MemberName>().Select(name => new Member(JsonNamingPolicy.CamelCase.ConvertName(name.ToString())))];
    }

    private enum MemberName
    {
        App,
        Apps,
        UpTo,
        Total,
        Value,
        Now,
        MoreTargets,
        MorePages,
        Funnels,
        StreamSkipped,
        Health,
    }

    /// <summary>Whose it is.</summary>
    public string App { get; }

    /// <summary>Whether the last look brought increments.</summary>
    public bool HasSeconds => _seconds.Count > 0;

    /// <summary>Looks at what is shown now.</summary>
    /// <param name="health">As it is now.</param>
    /// <param name="increments">Of all apps, since the last look.</param>
    /// <returns>
    /// Whether anything changed; and whether the whole is to be sent, because other rows are listed than before.
    /// </returns>
    public (bool Changed, bool Whole) Look(BoardHealth health, IReadOnlyList<SecondIncrement> increments)
    {
        var now = _time.GetUtcNow();
        _at = now.ToUnixTimeMilliseconds();
        var snapshot = _exposure.Current;
        var sums = Add(snapshot);
        var whole = List();
        var (second, minute) = ReadMinutes(now.ToUnixTimeSeconds());
        var (upTo, skipped) = ReadStream();
        _seconds.Clear();
        _seconds.AddRange(increments.Where(increment => increment.Row.App == App));

        Set(MemberName.App, writer => writer.WriteStringValue(App));
        Set(MemberName.Apps, writer => WriteApps(writer, snapshot));
        Set(MemberName.UpTo, writer => Write(writer, upTo));
        Set(MemberName.Total, writer => writer.WriteNumberValue(sums.Total));
        Set(MemberName.Value, writer => Write(writer, sums.Value));
        Set(MemberName.Now, writer => WriteNow(writer, snapshot, second, minute));
        Set(MemberName.MoreTargets, writer => writer.WriteNumberValue(_targets.More));
        Set(MemberName.MorePages, writer => writer.WriteNumberValue(_pages.More));
        Set(MemberName.Funnels, writer => WriteFunnels(writer, snapshot));
        Set(MemberName.StreamSkipped, writer => writer.WriteNumberValue(skipped));
        Set(MemberName.Health, writer => WriteHealth(writer, snapshot, health, sums));
        var changed = _members.Any(member => member.Changed) || _new.Count > 0 || _seconds.Count > 0
            || _targets.Listed.Any(line => line.Changed) || _pages.Listed.Any(line => line.Changed);
        return (changed, whole);
    }

    /// <summary>Writes what changed at the last look.</summary>
    public void WriteTick(Utf8JsonWriter writer, long sequence)
    {
        writer.WriteStartObject();
        writer.WriteNumber("seq"u8, sequence);
        writer.WriteNumber("at"u8, _at);
        foreach (var member in _members.Where(member => member.Changed))
        {
            member.Write(writer);
        }

        WriteRows(writer, "targets"u8, _targets.Listed.Where(line => line.Changed), always: false);
        WriteRows(writer, "pages"u8, _pages.Listed.Where(line => line.Changed), always: false);
        if (_seconds.Count > 0)
        {
            WriteSeconds(writer);
        }

        if (_new.Count > 0)
        {
            WriteStream(writer, _new);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes a tick that changes nothing.</summary>
    public void WriteNothing(Utf8JsonWriter writer, long sequence)
    {
        writer.WriteStartObject();
        writer.WriteNumber("seq"u8, sequence);
        writer.WriteNumber("at"u8, _at);
        writer.WriteEndObject();
    }

    /// <summary>Writes the whole as it was at the last look.</summary>
    public void WriteState(Utf8JsonWriter writer, string instance, long sequence)
    {
        writer.WriteStartObject();
        writer.WriteString("instance"u8, instance);
        writer.WriteNumber("seq"u8, sequence);
        WriteTotals(writer);
        writer.WriteStartArray("seconds"u8);
        writer.WriteEndArray();
        WriteStream(writer, _stream);
        writer.WriteNumber("streamSkipped"u8, 0);
        writer.WriteEndObject();
    }

    /// <summary>Writes the whole but for what only who follows it understands.</summary>
    public void WriteTotalsAlone(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteTotals(writer);
        writer.WriteEndObject();
    }

    private void WriteTotals(Utf8JsonWriter writer)
    {
        writer.WriteNumber("at"u8, _at);
        foreach (var member in _members.Where(member => member != _members[(int)MemberName.StreamSkipped]))
        {
            member.Write(writer);
        }

        WriteRows(writer, "targets"u8, _targets.Listed, always: true);
        WriteRows(writer, "pages"u8, _pages.Listed, always: true);
    }

    private void Set(MemberName name, Action<Utf8JsonWriter> write)
    {
        _scratch.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_scratch))
        {
            write(writer);
        }

        _members[(int)name].Set(_scratch.WrittenSpan);
    }

    /// <summary>Sums the app's series by row.</summary>
    private Sums Add(Snapshot snapshot)
    {
        _targets.Begin();
        _pages.Begin();
        var sums = default(Sums);
        for (var i = 0; i < snapshot.Series.Count; i++)
        {
            var total = snapshot.Series[i];
            var key = total.Series.Key;
            if (key.App != App)
            {
                continue;
            }

            switch (key.Kind)
            {
                case TotalKind.Interactions:
                    sums.Total += (long)total.Value;
                    _targets.Of(total.Series.TargetRow!).NewTotal += (long)total.Value;
                    if (total.Series.PageRow is { } page)
                    {
                        _pages.Of(page).NewTotal += (long)total.Value;
                    }

                    break;
                case TotalKind.Value:
                    sums.Value = (sums.Value ?? 0) + total.Value;
                    var line = _targets.Of(total.Series.TargetRow!);
                    line.NewValue = (line.NewValue ?? 0) + total.Value;
                    break;
                case TotalKind.Late:
                    sums.Late += (long)total.Value;
                    break;
                case TotalKind.Unseen:
                    sums.Unseen += (long)total.Value;
                    break;
                case TotalKind.Overflowed:
                    sums.Overflowed += (long)total.Value;
                    break;
                default:
                    break; // partitions' own, and duplicates, which stand with the partitions
            }
        }

        return sums;
    }

    /// <summary>
    /// Lists what is new while there is room. Now and then those with the most are listed anew, which a tick can't say.
    /// </summary>
    /// <returns>Whether the whole is to be sent.</returns>
    private bool List()
    {
        if (_listed is { } listed && _time.GetElapsedTime(listed) < Relist)
        {
            _targets.ListNew();
            _pages.ListNew();
            return false;
        }

        _listed = _time.GetTimestamp();
        return _targets.ListMost() | _pages.ListMost();
    }

    private (long Second, long Minute) ReadMinutes(long now)
    {
        _rows.Clear();
        _rows.AddRange(_targets.Listed.Select(line => line.Row));
        _rows.AddRange(_pages.Listed.Select(line => line.Row));
        if (_minutes.Length < _rows.Count)
        {
            _minutes = new long[2 * MaxRows > _rows.Count ? 2 * MaxRows : _rows.Count];
        }

        var latest = _exposure.Recent.Ring.Latest(App, now, _rows, _minutes);
        _targets.End(_minutes);
        _pages.End(_minutes.AsSpan(_targets.Listed.Count));
        return latest;
    }

    private (long? UpTo, long Skipped) ReadStream()
    {
        var latest = _exposure.Recent.LatestOf(App);
        var fresh = (int)Math.Min(latest.Added - _added, latest.Interactions.Count);
        var isFirst = !_looked;
        _looked = true;
        var most = isFirst ? RecentCounts.MaxLatest : MaxStreamed;
        _new.Clear();
        for (var i = 0; i < Math.Min(fresh, most); i++)
        {
            // Evenly, where there are more than may be sent.
            var place = fresh <= most ? i : (int)((long)i * fresh / most);
            _new.Add(latest.Interactions[latest.Interactions.Count - fresh + place]);
        }

        foreach (var interaction in _new)
        {
            _stream.Enqueue(interaction);
            if (_stream.Count > RecentCounts.MaxLatest)
            {
                _stream.Dequeue();
            }
        }

        var skipped = latest.Counted - _counted - _new.Count;
        (_added, _counted) = (latest.Added, latest.Counted);
        return (latest.UpTo, isFirst ? 0 : Math.Max(0, skipped));
    }

    private void WriteApps(Utf8JsonWriter writer, Snapshot snapshot)
    {
        writer.WriteStartArray();
        foreach (var app in AppNames.Of(_exposure.Totals.Apps, snapshot))
        {
            writer.WriteStringValue(app);
        }

        writer.WriteEndArray();
    }

    private void WriteNow(Utf8JsonWriter writer, Snapshot snapshot, long second, long minute)
    {
        writer.WriteStartObject();
        writer.WriteNumber("second"u8, second);
        writer.WriteNumber("minute"u8, minute);
        writer.WriteStartObject("visitors"u8);
        foreach (var (name, window) in new[] { ("1m", 1), ("5m", 5), ("30m", 30) })
        {
            writer.WriteNumber(name, snapshot.ActiveVisitors.Where(visitors => visitors.App == App && visitors.Window == TimeSpan.FromMinutes(window)).Sum(visitors => visitors.Count));
        }

        writer.WriteEndObject();
        writer.WriteStartObject("delivery"u8);
        Write(writer, "p50", _exposure.RecentDelivery.Quantile(0.5));
        Write(writer, "p99", _exposure.RecentDelivery.Quantile(0.99));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteFunnels(Utf8JsonWriter writer, Snapshot snapshot)
    {
        writer.WriteStartArray();
        foreach (var (funnel, visitors) in FunnelVisitors.Of(snapshot, _funnels))
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, funnel.Name);
            writer.WriteNumber("window"u8, (long)funnel.Window.TotalSeconds);
            writer.WriteStartArray("steps"u8);
            for (var step = 0; step < visitors.Count; step++)
            {
                writer.WriteStartObject();
                writer.WriteString("name"u8, funnel.Steps[step].Name);
                writer.WriteNumber("visitors"u8, visitors[step]);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteHealth(Utf8JsonWriter writer, Snapshot snapshot, BoardHealth health, in Sums sums)
    {
        writer.WriteStartObject();
        writer.WriteString("level"u8, health.Level switch { HealthLevel.Ok => "ok", HealthLevel.Warn => "warn", _ => "bad" });
        writer.WriteString("message"u8, health.Message);
        writer.WriteString("advice"u8, health.Advice);
        writer.WriteString("notReady"u8, health.NotReady);
        writer.WriteNumber("lag"u8, snapshot.Partitions.Sum(partition => partition.Lag));
        writer.WriteNumber("written"u8, snapshot.Partitions.Sum(partition => partition.Written));
        writer.WriteNumber("counted"u8, snapshot.Partitions.Sum(partition => partition.Counted));
        writer.WriteNumber("duplicates"u8, snapshot.Partitions.Sum(partition => partition.Duplicates));
        writer.WriteNumber("unreadable"u8, snapshot.Partitions.Sum(partition => partition.Unreadable));
        writer.WriteNumber("missed"u8, snapshot.Partitions.Sum(partition => partition.Missed));
        writer.WriteNumber("late"u8, sums.Late);
        writer.WriteNumber("unseen"u8, sums.Unseen);
        writer.WriteNumber("overflowed"u8, sums.Overflowed);
        writer.WritePropertyName("rejected"u8);
        Write(writer, health.Collector?.Rejected);
        writer.WritePropertyName("accepted"u8);
        Write(writer, health.Collector?.Accepted);
        if (health.Collector?.Spool is { } spool && (spool.For is not null || spool.Waiting > 0))
        {
            writer.WriteStartObject("spool"u8);
            writer.WriteNumber("records"u8, spool.Waiting);
            writer.WriteNumber("awaySeconds"u8, (long)(spool.For?.TotalSeconds ?? 0));
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("spool"u8);
        }

        writer.WriteString("log"u8, health.IsKafka ? "kafka" : "embedded");
        writer.WriteStartArray("partitions"u8);
        foreach (var partition in snapshot.Partitions)
        {
            writer.WriteStartObject();
            writer.WriteNumber("partition"u8, partition.Partition);
            writer.WriteNumber("lag"u8, partition.Lag);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("totalsShown"u8, health.TotalsShown);
        writer.WriteString("version"u8, health.Version);
        writer.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<Line> lines, bool always)
    {
        var isOpen = always;
        if (always)
        {
            writer.WriteStartArray(name);
        }

        foreach (var line in lines)
        {
            if (!isOpen)
            {
                writer.WriteStartArray(name);
                isOpen = true;
            }

            line.Write(writer);
        }

        if (isOpen)
        {
            writer.WriteEndArray();
        }
    }

    private void WriteSeconds(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("seconds"u8);
        foreach (var second in _seconds.GroupBy(increment => increment.Second).OrderBy(group => group.Key))
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(second.Key);
            writer.WriteStartArray();
            foreach (var row in second.GroupBy(increment => increment.Row.Number).OrderBy(group => group.Key))
            {
                writer.WriteStartArray();
                writer.WriteNumberValue(row.Key);
                writer.WriteNumberValue(row.Sum(increment => (long)increment.Count));
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void WriteStream(Utf8JsonWriter writer, IEnumerable<SampledInteraction> interactions)
    {
        writer.WriteStartArray("stream"u8);
        foreach (var interaction in interactions)
        {
            writer.WriteStartObject();
            writer.WriteNumber("at"u8, interaction.Received);
            writer.WriteString("type"u8, interaction.Type);
            writer.WriteString("target"u8, interaction.Target);
            writer.WriteString("page"u8, interaction.Page);
            writer.WritePropertyName("value"u8);
            Write(writer, interaction.Value);
            writer.WriteString("visitor"u8, interaction.Visitor);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, decimal? number)
    {
        if (number is { } known)
        {
            writer.WriteNumberValue(known);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, double? seconds)
    {
        writer.WritePropertyName(name);
        Write(writer, seconds is { } known ? Math.Round((decimal)known, 4) : null);
    }

    private struct Sums
    {
        public long Total;
        public decimal? Value;
        public long Late;
        public long Unseen;
        public long Overflowed;
    }

    /// <summary>A member of the document, as it was written at the last look.</summary>
    private sealed class Member(string name)
    {
        private readonly JsonEncodedText _name = JsonEncodedText.Encode(name);
        private byte[] _value = [];

        public bool Changed { get; private set; }

        public void Set(ReadOnlySpan<byte> value)
        {
            Changed = !value.SequenceEqual(_value);
            _value = Changed ? value.ToArray() : _value;
        }

        public void Write(Utf8JsonWriter writer)
        {
            writer.WritePropertyName(_name);
            writer.WriteRawValue(_value, skipInputValidation: true); // a writer wrote it
        }
    }

    /// <summary>Targets, or pages.</summary>
    private sealed class Lines(bool isPages)
    {
        private readonly Dictionary<BoardRow, Line> _all = [];
        private readonly List<Line> _unlisted = [];
        private bool _isComplete = true; // nothing is left out

        public List<Line> Listed { get; } = [];

        public int More => _all.Count - Listed.Count;

        public void Begin()
        {
            foreach (var line in _all.Values)
            {
                (line.NewTotal, line.NewValue) = (0, null);
            }
        }

        public Line Of(BoardRow row)
        {
            if (!_all.TryGetValue(row, out var line))
            {
                _all.Add(row, line = new Line(row, isPages));
                _unlisted.Add(line);
            }

            return line;
        }

        public void ListNew()
        {
            if (_isComplete)
            {
                // Pinned ones are there from the start.
                Listed.AddRange(_unlisted.Take(Math.Max(0, MaxRows - Listed.Count)));
                _isComplete = _all.Count == Listed.Count;
            }

            _unlisted.Clear();
        }

        /// <returns>Whether one is no longer listed, or was not and is now.</returns>
        public bool ListMost()
        {
            ListNew();
            var pinned = _all.Values.Count(line => line.Row.IsPinned);
            var most = _all.Values
                .OrderBy(line => line.Row.Pin ?? int.MaxValue).ThenByDescending(line => line.Row.IsPinned ? 0 : line.NewTotal).ThenBy(line => line.Row.Number)
                .Take(Math.Max(pinned, MaxRows)).ToArray();
            var isOther = !Listed.ToHashSet().SetEquals(most);
            Listed.Clear();
            Listed.AddRange(most);
            return isOther;
        }

        public void End(ReadOnlySpan<long> minutes)
        {
            for (var i = 0; i < Listed.Count; i++)
            {
                Listed[i].Set(minutes[i]);
            }
        }
    }

    private sealed class Line(BoardRow row, bool isPage)
    {
        private long _total = -1;
        private decimal? _value;
        private long _minute;

        public BoardRow Row { get; } = row;

        public long NewTotal { get; set; }

        public decimal? NewValue { get; set; }

        public bool Changed { get; private set; }

        public void Set(long minute)
        {
            Changed = (_total, _value, _minute) != (NewTotal, NewValue, minute);
            (_total, _value, _minute) = (NewTotal, NewValue, minute);
        }

        public void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartObject();
            writer.WriteNumber("k"u8, Row.Number);
            if (isPage)
            {
                writer.WriteString("page"u8, Row.Page);
                writer.WriteNumber("total"u8, _total);
            }
            else
            {
                writer.WriteString("type"u8, Row.Type);
                writer.WriteString("target"u8, Row.Target);
                writer.WriteBoolean("pinned"u8, Row.IsPinned);
                writer.WriteNumber("total"u8, _total);
                writer.WritePropertyName("value"u8);
                AppBoard.Write(writer, _value);
            }

            writer.WriteNumber("minute"u8, _minute);
            writer.WriteEndObject();
        }
    }
}

/// <summary>The apps that the board knows.</summary>
public static class AppNames
{
    /// <summary>The configured ones, and those that have totals besides, in order.</summary>
    public static IReadOnlyCollection<string> Of(IEnumerable<string> configured, Snapshot snapshot)
    {
        var apps = new SortedSet<string>(configured, StringComparer.Ordinal);
        string? last = null;
        for (var i = 0; i < snapshot.Series.Count; i++)
        {
            var app = snapshot.Series[i].Series.Key.App;
            if (app.Length > 0 && app != last)
            {
                apps.Add(last = app);
            }
        }

        return apps;
    }
}
