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

    private readonly int _partition;
    private readonly SipHash _hash;
    private readonly SeriesTable _series;
    private readonly DuplicateWindow _window;
    private readonly VisitorWindow _visitors;
    private readonly ViewMeter _views;
    private readonly FirstPositions _firsts = new();
    private readonly Dictionary<byte[], AppCount> _apps = new(BytesComparer.Instance);
    private readonly byte[] _scratch = new byte[LoggedInteraction.ScratchBytes];
    private readonly byte[] _identity = new byte[(2 * LoggedInteraction.MaxFieldBytes) + 1];
    private readonly CountState _loaded;
    private CountState _taken;
    private readonly long _countFrom;
    private long _unreadable;
    private long _missed;
    private List<Total> _uncommitted = []; // taken for a commit that is not done, or never was
    private bool _partitionTotalsChanged;
    private uint _second;
    private bool _gap;

    /// <param name="partition">Which.</param>
    /// <param name="checkpoint">Where it stands.</param>
    /// <param name="options">Windows and caps.</param>
    /// <param name="hash">Keyed for this process.</param>
    /// <exception cref="FormatException">The checkpoint was not written by Footfall, or by a later version.</exception>
    public PartitionCount(int partition, Checkpoint checkpoint, CountOptions options, SipHash hash)
    {
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

    /// <summary>Who is here.</summary>
    public VisitorWindow Visitors => _visitors;

    /// <summary>Interactions of page views that a bound, or a gap of the log, left unmeasured.</summary>
    public long Unmeasured { get; private set; }

    /// <summary>Takes the next record; one that it has had already is passed over.</summary>
    public void Apply(in LoggedRecord record)
    {
        if (record.Position < Position)
        {
            return;
        }

        if (record.Position > Position)
        {
            SkipTo(record.Position);
        }

        var counting = !Rebuilding;
        Position++;
        if (!LoggedInteraction.TryRead(record.Value.Span, _scratch, out var interaction))
        {
            _window.Add(UInt128.Zero, _second);
            _unreadable += counting ? 1 : 0;
            _partitionTotalsChanged |= counting;
            return;
        }

        _second = Math.Max(_second, (uint)(interaction.Received / 1000));
        if (_gap)
        {
            // What was lost in between may be as new as this.
            _gap = false;
            _window.Horizon = Math.Max(_window.Horizon, _second);
            _views.Forget(_second);
        }

        var app = FindApp(interaction.App);
        var duplicate = _window.Add(HashOf(interaction.App, interaction.Id), _second);
        // After the window has moved to this record's time, and the horizon's own second included: a first of it may have left.
        var late = _window.Horizon > 0 && interaction.OwnTime >= 0 && interaction.OwnTime / 1000 <= _window.Horizon;
        var visitor = interaction.Visitor.IsEmpty ? 0 : Math.Max(1, (ulong)HashOf(interaction.App, interaction.Visitor));
        _visitors.Add(app.Name, visitor, _second);
        _firsts.Add(_second, record.Position);
        Measure(interaction, app, counting);
        if (counting)
        {
            Count(interaction, app, duplicate, late);
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
        var firstLost = Math.Max(Position, _countFrom);
        if (position > firstLost)
        {
            _missed += position - firstLost;
            _partitionTotalsChanged = true;
        }

        _window.Clear(_second);
        var left = _views.Forget(_second);
        Unmeasured += Rebuilding ? 0 : left;
        _gap = true;
        Position = position;
    }

    private UInt128 HashOf(ReadOnlySpan<byte> app, ReadOnlySpan<byte> text)
    {
        app.CopyTo(_identity);
        _identity[app.Length] = 0;
        text.CopyTo(_identity.AsSpan(app.Length + 1));
        var hash = _hash.Hash(_identity.AsSpan(0, app.Length + 1 + text.Length));
        return hash == UInt128.Zero ? UInt128.One : hash;
    }

    private AppCount FindApp(ReadOnlySpan<byte> name) =>
        _apps.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var app)
            ? app
            : GetApp(_apps.Count < MaxApps ? Encoding.UTF8.GetString(name) : SeriesKey.Other);

    private AppCount GetApp(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        if (!_apps.TryGetValue(utf8, out var app))
        {
            _apps.Add(utf8, app = new AppCount(name));
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
        var fromWindow = Position - _window.Count;
        var (viewsNeed, viewsAfter) = _views.Rebuild(_second);
        return _firsts.After(Math.Min(_second - (long)VisitorWindow.Seconds, viewsNeed)) is { } first && first.Position < fromWindow
            ? new CountState(first.Position, first.Second, _window.Horizon, _gap, viewsAfter)
            : new CountState(fromWindow, _window.Count == 0 ? _second : _window.OldestSecond, _window.Horizon, _gap, viewsAfter);
    }

    private sealed class AppCount(string name)
    {
        public string Name { get; } = name;

        public Counter Duplicates { get; } = new(new SeriesKey(TotalKind.Duplicates, name));

        public Counter Late { get; } = new(new SeriesKey(TotalKind.Late, name));

        public Counter Unseen { get; } = new(new SeriesKey(TotalKind.Unseen, name));

        public Counter Overflowed { get; } = new(new SeriesKey(TotalKind.Overflowed, name));

        public void TakeChanges(List<Total> changes)
        {
            Duplicates.TakeChange(changes);
            Late.TakeChange(changes);
            Unseen.TakeChange(changes);
            Overflowed.TakeChange(changes);
        }
    }

    private sealed class Counter(SeriesKey key)
    {
        private readonly string _text = key.ToText();
        private long _count;
        private bool _changed;

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
