using System.Text;
using Footfall.Log;

namespace Footfall.Count;

/// <summary>
/// The fold over one partition: (state, records) to new totals. No clock, no I/O. It begins at a checkpoint, first
/// reads again, without counting, what its windows need, and then counts.
/// </summary>
public sealed class PartitionCount
{
    /// <summary>
    /// Apps of a partition: collectors let only configured ones in, but others may write to a Kafka topic. What is
    /// beyond counts as app <c>(other)</c>.
    /// </summary>
    public const int MaxApps = 1_000;

    /// <summary>Records whose places in the windows are asked for at once: memory answers many questions in the time of one.</summary>
    private const int Together = 16;

    private readonly int _partition;
    private readonly SipHash _hash;
    private readonly Ahead[] _ahead = new Ahead[Together];
    private readonly TimeReader _receivedTimes = new();
    private readonly TimeReader _atTimes = new();
    private uint _fetched; // of no meaning
    private readonly SeriesTable _series;
    private readonly DuplicateWindow _window;
    private readonly VisitorWindow _visitors;
    private readonly ViewMeter _views;
    private readonly FunnelMeter _funnels;
    private readonly ILookup<string, (int Number, Funnel Funnel)> _funnelsOfApp;
    private readonly string _fingerprint;
    private (long Position, uint Second) _funnelsWindow; // where the duplicate window began at the record that progress is known from
    private readonly FirstPositions _firsts = new();
    private readonly Dictionary<byte[], AppCount> _apps = new(BytesComparer.Instance);
    private readonly byte[] _scratch = new byte[LoggedInteraction.ScratchBytes];
    private readonly byte[] _identity = new byte[(2 * LoggedInteraction.MaxFieldBytes) + 1];
    private readonly CountState _loaded;
    private CountState _taken;
    private readonly long _countFrom;
    private AppCount? _app; // that was found last
    private long _unreadable;
    private long _missed;
    private List<Total> _uncommitted = []; // taken for a commit that is not done, or never was
    private bool _partitionTotalsChanged;
    private uint _second;
    private bool _gap;
    private readonly long _tellFrom;
    private readonly List<SeriesSecond> _rebuilt = [];
    private bool _notesAreRebuilt; // what the series have noted is of records that an earlier owner counted

    /// <param name="partition">Which.</param>
    /// <param name="checkpoint">Where it stands.</param>
    /// <param name="options">Windows and caps.</param>
    /// <param name="hash">Keyed for this process.</param>
    /// <param name="tellFrom">
    /// What is read again and was received from this second on (Unix) is told by <see cref="TakeRebuilt"/>; null: none is.
    /// </param>
    /// <exception cref="FormatException">The checkpoint was not written by Footfall, or by a later version.</exception>
    public PartitionCount(int partition, Checkpoint checkpoint, CountOptions options, SipHash hash, long? tellFrom = null)
    {
        _tellFrom = tellFrom ?? long.MaxValue;
        _partition = partition;
        _hash = hash;
        _series = new SeriesTable(options.MaxSeries, options.Pinned);
        _visitors = new VisitorWindow(options.MaxVisitors);
        _countFrom = checkpoint.Position ?? 0;
        _loaded = CountState.Read(checkpoint.State.Span, _countFrom);
        _views = new ViewMeter(options.MaxViews, (int)options.ViewTime.TotalSeconds) { NewAfter = _loaded.ViewsAfter };
        Position = NeededFrom = _loaded.RebuildFrom;
        _window = new DuplicateWindow(
            options.DuplicateWindowIds, (int)options.DuplicateWindow.TotalSeconds, expected: _countFrom - _loaded.RebuildFrom);
        CommittedPosition = _countFrom;
        _fingerprint = Funnel.Fingerprint(options.Funnels);
        _funnels = new FunnelMeter(options.Funnels, options.MaxFunnelVisitors);
        _funnels.Begin(_loaded.Funnels.Fingerprint == _fingerprint ? _loaded.Funnels.From : _countFrom);
        _funnelsWindow = (Position, _loaded.Second);
        _funnelsOfApp = options.Funnels.Select((funnel, number) => (number, funnel)).ToLookup(pair => pair.funnel.App, StringComparer.Ordinal);
        _notesAreRebuilt = Rebuilding;
        RebuiltFrom = _loaded.RebuildFrom == 0 ? 0 : _loaded.Second + 1L;
        _second = _loaded.Second;
        _gap = _loaded.Gap;
        _window.Horizon = _loaded.Horizon;
        foreach (var total in checkpoint.Totals)
        {
            Restore(total);
        }
    }

    /// <summary>The next position to read.</summary>
    public long Position { get; private set; }

    /// <summary>The position of the last commit; at first, the checkpoint's.</summary>
    public long CommittedPosition { get; private set; }

    /// <summary>Whether it still reads again what an earlier owner has counted.</summary>
    public bool Rebuilding => Position < _countFrom;

    /// <summary>Whether there is anything to commit.</summary>
    public bool Changed => !Rebuilding && Position != CommittedPosition;

    /// <summary>The lowest position that a rebuild from the last commit needs.</summary>
    public long NeededFrom { get; private set; }

    /// <summary>Of what was counted since the last commit that was shown; who shows it clears it.</summary>
    public ReceivedTimes Received { get; } = new();

    /// <summary>
    /// From which second on (Unix, by the collectors' clocks) all that was ever counted of the partition is read again; 0: from
    /// its first record on.
    /// </summary>
    public long RebuiltFrom { get; private set; }

    /// <summary>Who is here.</summary>
    public VisitorWindow Visitors => _visitors;

    /// <summary>Interactions of page views that a bound, or a gap of the log, left unmeasured.</summary>
    public long Unmeasured { get; private set; }

    /// <summary>Visitors whose progress in a funnel a bound, or a gap of the log, made forgotten.</summary>
    public long FunnelVisitorsForgotten => _funnels.Forgotten;

    /// <summary>Takes the next records, in the order of their positions; those that it has had already are passed over.</summary>
    public void Apply(IReadOnlyList<LoggedRecord> records)
    {
        for (var start = 0; start < records.Count; start += Together)
        {
            var count = Math.Min(Together, records.Count - start);
            for (var i = 0; i < count; i++)
            {
                Look(records[start + i], out _ahead[i]);
            }

            // By itself, so that no reading waits for another.
            var fetched = _window.FetchOldest(count);
            for (var i = 0; i < count; i++)
            {
                fetched += _window.Fetch(_ahead[i].Id) + _visitors.Fetch(_ahead[i].Visitor);
            }

            _fetched = fetched;
            for (var i = 0; i < count; i++)
            {
                Apply(_ahead[i]);
            }
        }
    }

    /// <summary>Takes the next record; one that it has had already is passed over.</summary>
    public void Apply(in LoggedRecord record)
    {
        Look(record, out var ahead);
        Apply(ahead);
    }

    /// <summary>What can be known of a record whatever was before it.</summary>
    private void Look(in LoggedRecord record, out Ahead ahead)
    {
        ahead = new Ahead { Record = record };
        var json = record.Value.Span;
        if (CollectorForm.TryRead(json, _receivedTimes, _atTimes, out ahead.Form))
        {
            ahead.IsRead = true;
            var app = ahead.Form.App.Of(json);
            (ahead.Id, ahead.Visitor) = (HashOf(app, ahead.Form.Id.Of(json)), VisitorOf(app, ahead.Form.Visitor.Of(json)));
        }
    }

    private void Apply(in Ahead ahead)
    {
        ref readonly var record = ref ahead.Record;
        if (record.Position < Position)
        {
            return;
        }

        if (record.Position > Position)
        {
            SkipTo(record.Position);
        }

        var counting = !Rebuilding;
        var afterRebuild = _notesAreRebuilt;
        if (counting && afterRebuild)
        {
            _series.TakeSeconds(_rebuilt);
            _notesAreRebuilt = false;
        }

        Position++;
        LoggedInteraction interaction;
        if (ahead.IsRead)
        {
            interaction = new LoggedInteraction(record.Value.Span, ahead.Form);
        }
        else if (!LoggedInteraction.TryRead(record.Value.Span, _scratch, out interaction))
        {
            _window.Add(UInt128.Zero, _second);
            _unreadable += counting ? 1 : 0;
            _partitionTotalsChanged |= counting;
            return;
        }

        var (id, visitor) = ahead.IsRead
            ? (ahead.Id, ahead.Visitor)
            : (HashOf(interaction.App, interaction.Id), VisitorOf(interaction.App, interaction.Visitor));
        _second = Math.Max(_second, (uint)(interaction.Received / 1000));
        if (_gap)
        {
            // What was lost in between may be as new as this.
            _gap = false;
            _window.Horizon = Math.Max(_window.Horizon, _second);
            _views.Forget(_second);
            RebuiltFrom = afterRebuild ? _second + 1L : RebuiltFrom;
        }

        var app = FindApp(interaction.App);
        var duplicate = _window.Add(id, _second);
        // After the window has moved to this record's time, and the horizon's own second included: a first of it may have left.
        var late = _window.Horizon > 0 && interaction.OwnTime >= 0 && interaction.OwnTime / 1000 <= _window.Horizon;
        _visitors.Add(app.Name, visitor, _second);
        _firsts.Add(_second, record.Position, (Position - _window.Count, _window.OldestSecond));
        Measure(interaction, app, counting);
        if (app.Funnels.Length > 0 && visitor != 0 && !duplicate && record.Position >= _funnels.From)
        {
            Progress(interaction, app, visitor, record.Position, counting);
        }

        if (counting)
        {
            Count(interaction, app, duplicate, late);
        }
        else if (!duplicate && interaction.Received / 1000 >= _tellFrom)
        {
            _series.Note(interaction, app.Name);
        }
    }

    /// <summary>
    /// What a commit would say now: all changes since the last one that is <see cref="Committed"/>. When a commit is lost,
    /// this object is too.
    /// </summary>
    public PartitionCommit TakeCommit()
    {
        var changes = new List<Total>();
        _series.TakeChanges(changes);
        foreach (var app in _apps.Values)
        {
            app.TakeChanges(changes);
        }

        if (_partitionTotalsChanged)
        {
            _partitionTotalsChanged = false;
            changes.Add(new Total(new SeriesKey(TotalKind.Unreadable).ToText(), _unreadable));
            changes.Add(new Total(new SeriesKey(TotalKind.Missed).ToText(), _missed));
        }

        if (_uncommitted.Count > 0)
        {
            var newer = changes.Select(total => total.Series).ToHashSet(StringComparer.Ordinal);
            changes.AddRange(_uncommitted.Where(total => !newer.Contains(total.Series)));
        }

        _uncommitted = changes;
        _taken = Rebuilding ? _loaded : State();
        return new PartitionCommit(_partition, Math.Max(Position, _countFrom), _taken.Write(), changes);
    }

    /// <summary>The commit that was taken is done.</summary>
    public void Committed(in PartitionCommit commit)
    {
        _uncommitted = [];
        CommittedPosition = commit.Position;
        NeededFrom = _taken.RebuildFrom;
    }

    /// <summary>
    /// Adds what was counted since the last call. To be called when a commit has succeeded, before anything more is applied:
    /// then all of it is committed.
    /// </summary>
    public void TakeCounted(RecentlyCounted counted)
    {
        if (_notesAreRebuilt)
        {
            return;
        }

        _series.TakeSeconds(counted.Seconds);
        foreach (var app in _apps.Values)
        {
            if (app.Samples is { Count: > 0 } samples)
            {
                counted.Apps.Add(samples.Take(app.Name));
            }
        }
    }

    /// <summary>Adds what was read again since the last call: it is committed.</summary>
    public void TakeRebuilt(List<SeriesSecond> seconds)
    {
        seconds.AddRange(_rebuilt);
        _rebuilt.Clear();
        if (_notesAreRebuilt)
        {
            _series.TakeSeconds(seconds);
        }
    }

    private void Count(in LoggedInteraction interaction, AppCount app, bool duplicate, bool late)
    {
        if (duplicate)
        {
            app.Duplicates.Add(1);
            return;
        }

        if (late)
        {
            app.Late.Add(1);
        }

        if (!_series.Count(interaction, app.Name))
        {
            app.Overflowed.Add(1);
        }

        Received.Add(interaction.Received);
        (app.Samples ??= new InteractionSamples()).Offer(interaction);
    }

    private void Progress(in LoggedInteraction interaction, AppCount app, ulong visitor, long position, bool counting)
    {
        foreach (var funnel in app.Funnels)
        {
            var steps = funnel.Matches(interaction);
            if (steps == 0)
            {
                continue;
            }

            var reached = _funnels.Add(funnel.Number, visitor, steps, _second, position);
            if (_funnels.From > position)
            {
                _funnelsWindow = (Position - _window.Count, _window.OldestSecond);
                break;
            }

            if (counting && reached >= 0)
            {
                funnel.Reached[reached].Add(1);
            }
        }
    }

    /// <summary>Repeats too: which of them are some, a rebuild does not know.</summary>
    private void Measure(in LoggedInteraction interaction, AppCount app, bool counting)
    {
        while (_views.TryEnd(_second, out var ended, out var unseen))
        {
            if (counting && unseen > 0)
            {
                GetApp(ended).Unseen.Add(unseen);
            }
        }

        if (interaction.ViewBegan >= 0 && interaction.Number > 0)
        {
            var own = interaction.OwnTime < 0 ? -1 : interaction.OwnTime / 1000;
            var left = _views.Add(
                app.Name, HashOf(interaction.App, interaction.View), interaction.ViewBegan / 1000, own, interaction.Number, _second);
            Unmeasured += counting ? left : 0;
        }
    }

    /// <summary>The log has dropped what lies between: what was not counted yet never will be.</summary>
    private void SkipTo(long position)
    {
        if (Rebuilding && _window.Count == 0 && position <= _loaded.Funnels.WindowsFrom)
        {
            // Retention need not wait for funnels: what is gone only they would have needed.
            Position = position;
            return;
        }

        var firstLost = Math.Max(Position, _countFrom);
        if (position > firstLost)
        {
            _missed += position - firstLost;
            _partitionTotalsChanged = true;
        }

        _window.Clear(_second);
        var left = _views.Forget(_second);
        Unmeasured += Rebuilding ? 0 : left;
        if (position >= _funnels.From)
        {
            _funnels.Forget(position);
            _funnelsWindow = (position, _second);
        }

        _gap = true;
        Position = position;
    }

    /// <summary>0: the record names none.</summary>
    private ulong VisitorOf(ReadOnlySpan<byte> app, ReadOnlySpan<byte> visitor) => visitor.IsEmpty ? 0 : Math.Max(1, (ulong)HashOf(app, visitor));

    private UInt128 HashOf(ReadOnlySpan<byte> app, ReadOnlySpan<byte> text)
    {
        app.CopyTo(_identity);
        _identity[app.Length] = 0;
        text.CopyTo(_identity.AsSpan(app.Length + 1));
        var hash = _hash.Hash(_identity.AsSpan(0, app.Length + 1 + text.Length));
        return hash == UInt128.Zero ? UInt128.One : hash;
    }

    private AppCount FindApp(ReadOnlySpan<byte> name)
    {
        // Mostly the app of the record before.
        if (_app is not null && name.SequenceEqual(_app.Utf8Name))
        {
            return _app;
        }

        return _app = _apps.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var app)
            ? app
            : GetApp(_apps.Count < MaxApps ? Encoding.UTF8.GetString(name) : SeriesKey.Other);
    }

    private AppCount GetApp(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        if (!_apps.TryGetValue(utf8, out var app))
        {
            _apps.Add(utf8, app = new AppCount(name, utf8, [.. _funnelsOfApp[name].Select(funnel => new CountedFunnel(funnel.Number, funnel.Funnel))]));
        }

        return app;
    }

    private void Restore(Total total)
    {
        var key = SeriesKey.Parse(total.Series);
        switch (key?.Kind)
        {
            case TotalKind.Interactions or TotalKind.Value:
                GetApp(key.App);
                _series.Restore(key, total.Value);
                break;
            case TotalKind.Duplicates:
                GetApp(key.App).Duplicates.Restore(total.Value);
                break;
            case TotalKind.Late:
                GetApp(key.App).Late.Restore(total.Value);
                break;
            case TotalKind.Unseen:
                GetApp(key.App).Unseen.Restore(total.Value);
                break;
            case TotalKind.Overflowed:
                GetApp(key.App).Overflowed.Restore(total.Value);
                break;
            case TotalKind.Funnel:
                // One that is not configured any more stays as it is in the log.
                GetApp(key.App).CounterOf(key)?.Restore(total.Value);
                break;
            case TotalKind.Unreadable:
                _unreadable = (long)total.Value;
                break;
            case TotalKind.Missed:
                _missed = (long)total.Value;
                break;
            default:
                // Announcements are Expose's, and a later version's kinds stay as they are in the log.
                break;
        }
    }

    private CountState State()
    {
        var (viewsNeed, viewsAfter) = _views.Rebuild(_second);
        var from = (Position: Position - _window.Count, Second: _window.Count == 0 ? _second : _window.OldestSecond);
        from = _firsts.After(Math.Min(_second - (long)VisitorWindow.Seconds, viewsNeed)) is { } first && first.Position < from.Position
            ? (first.Position, first.Second)
            : from;
        var (funnelsFrom, window) = FunnelsNeed();
        var start = window.Position < from.Position ? window : from;
        return new CountState(
            start.Position, start.Second, _window.Horizon, _gap, viewsAfter, new FunnelState(from.Position, funnelsFrom, _fingerprint));
    }

    /// <summary>The first record that progress in funnels is made of, and the window that tells which since are repeats.</summary>
    private (long From, (long Position, uint Second) Window) FunnelsNeed()
    {
        if (_funnels.Known(_second) == 0)
        {
            return (Position, (Position, _second));
        }

        return _firsts.After(_funnels.NeedsAfter(_second)) is { } first && first.Position > _funnels.From
            ? (first.Position, first.Window)
            : (_funnels.From, _funnelsWindow);
    }

    /// <summary>What is known of a record before it is its turn.</summary>
    private struct Ahead
    {
        public LoggedRecord Record;
        public bool IsRead; // the rest is of it
        public CollectorForm Form;
        public UInt128 Id;
        public ulong Visitor;
    }

    private sealed class CountedFunnel(int number, Funnel funnel)
    {
        public int Number { get; } = number;

        public Counter[] Reached { get; } = [.. funnel.Steps.Select(step => new Counter(SeriesKey.OfFunnel(funnel.App, funnel.Name, step.Name)))];

        public uint Matches(in LoggedInteraction interaction) => funnel.Matches(interaction);
    }

    private sealed class AppCount(string name, byte[] utf8Name, CountedFunnel[] funnels)
    {
        private readonly Dictionary<SeriesKey, Counter> _steps = funnels.SelectMany(funnel => funnel.Reached).ToDictionary(counter => counter.Key);

        public string Name { get; } = name;

        public byte[] Utf8Name { get; } = utf8Name;

        public CountedFunnel[] Funnels { get; } = funnels;

        public Counter Duplicates { get; } = new(new SeriesKey(TotalKind.Duplicates, name));

        public Counter Late { get; } = new(new SeriesKey(TotalKind.Late, name));

        public Counter Unseen { get; } = new(new SeriesKey(TotalKind.Unseen, name));

        public Counter Overflowed { get; } = new(new SeriesKey(TotalKind.Overflowed, name));

        public InteractionSamples? Samples { get; set; }

        public void TakeChanges(List<Total> changes)
        {
            Duplicates.TakeChange(changes);
            Late.TakeChange(changes);
            Unseen.TakeChange(changes);
            Overflowed.TakeChange(changes);
            foreach (var counter in _steps.Values)
            {
                counter.TakeChange(changes);
            }
        }

        public Counter? CounterOf(SeriesKey key) => _steps.GetValueOrDefault(key);
    }

    private sealed class Counter(SeriesKey key)
    {
        private readonly string _text = key.ToText();
        private long _count;
        private bool _changed;

        public SeriesKey Key { get; } = key;

        public void Restore(decimal value) => _count = (long)value;

        public void Add(long more)
        {
            _count += more;
            _changed = true;
        }

        public void TakeChange(List<Total> changes)
        {
            if (_changed)
            {
                _changed = false;
                changes.Add(new Total(_text, _count));
            }
        }
    }
}
