using System.Text.Json;
using Footfall.Count;

namespace Footfall.Simulation;

/// <summary>
/// What one partition's records come to, by docs/count.md and the simplest code there is: nothing of Count is used but
/// the names of totals.
/// </summary>
internal sealed class Recount(Plan plan)
{
    private readonly List<Seen> _records = [];
    private readonly HashSet<SeriesKey> _series = [];
    private readonly ViewRecount _views = new(plan);
    private readonly FunnelRecount _funnels = new(plan);
    private int _oldest; // the first that has not left the window
    private long _second;
    private long _horizon;

    /// <summary>Its totals so far.</summary>
    public Dictionary<SeriesKey, decimal> Totals { get; } = [];

    /// <summary>How often each identity was counted.</summary>
    public Dictionary<string, int> Counted { get; } = new(StringComparer.Ordinal);

    /// <summary>Of each identity, its first records, in the order of the log.</summary>
    public List<string> Firsts { get; } = [];

    /// <summary>Views all of whose records were measured, and how many of each were not seen so far.</summary>
    public IEnumerable<(string View, int Unseen)> WholeViews => _views.Whole;

    /// <summary>How often the last step of a funnel was reached.</summary>
    public int Completed => _funnels.Completed;

    public int Records => _records.Count;

    public long Duplicates { get; private set; }

    public void Add(ReadOnlySpan<byte> json)
    {
        if (!json.StartsWith("{"u8))
        {
            LeaveOld();
            _records.Add(new Seen("", _second));
            Add(new SeriesKey(TotalKind.Unreadable), 1);
            return;
        }

        var reader = new Utf8JsonReader(json);
        var record = JsonElement.ParseValue(ref reader);
        var id = record.GetProperty("id").GetString()!;
        var app = record.GetProperty("app").GetString()!;
        _second = Math.Max(_second, Time(record.GetProperty("received")) / 1000);
        LeaveOld();
        foreach (var unseen in _views.End(_second))
        {
            Add(new SeriesKey(TotalKind.Unseen, app), unseen);
        }

        if (record.TryGetProperty("view", out var view))
        {
            _views.Add(view.GetString()!, OwnTime(id, record) / 1000, record.GetProperty("n").GetInt32(), _second);
        }

        var duplicate = Enumerable.Range(_oldest, _records.Count - _oldest).Any(index => _records[index].Id == id);
        _records.Add(new Seen(id, _second));
        if (duplicate)
        {
            Duplicates++;
            Add(new SeriesKey(TotalKind.Duplicates, app), 1);
            return;
        }

        if (_horizon > 0 && OwnTime(id, record) / 1000 <= _horizon)
        {
            Add(new SeriesKey(TotalKind.Late, app), 1);
        }

        Count(id, app, record);
        foreach (var (funnel, step) in _funnels.Add(Text(record, "visitor"), Text(record, "type"), Text(record, "target"), _second))
        {
            Add(SeriesKey.OfFunnel(app, funnel, step), 1);
        }
    }

    private void LeaveOld()
    {
        while (_oldest < _records.Count
            && (_records.Count - _oldest >= (plan.WindowIds ?? int.MaxValue) || _records[_oldest].Second + (plan.WindowSeconds ?? int.MaxValue) < _second))
        {
            _horizon = _records[_oldest++].Second;
        }
    }

    private void Count(string id, string app, JsonElement record)
    {
        if (Counted.TryAdd(id, 0))
        {
            Firsts.Add(id);
        }

        Counted[id]++;
        var key = new SeriesKey(TotalKind.Interactions, app, Text(record, "type"), Text(record, "target"), Text(record, "page"));
        if (!_series.Contains(key) && _series.Count >= plan.MaxSeries)
        {
            Add(new SeriesKey(TotalKind.Overflowed, app), 1);
            key = plan.Pinned && key.Target == Interaction.TargetOf(0)
                ? key with { Page = SeriesKey.Other }
                : key with { Type = SeriesKey.Other, Target = SeriesKey.Other, Page = SeriesKey.Other };
        }

        _series.Add(key);
        Add(key, 1);
        if (record.TryGetProperty("value", out var value))
        {
            Add(key with { Kind = TotalKind.Value }, value.GetDecimal());
        }
    }

    private void Add(SeriesKey key, decimal more) => Totals[key] = Totals.GetValueOrDefault(key) + more;

    private static long OwnTime(string id, JsonElement record) => Guid.TryParse(id, out _) ? Interaction.TimeOf(id) : Time(record.GetProperty("at"));

    private static string Text(JsonElement record, string name) => record.TryGetProperty(name, out var text) ? text.GetString()! : "";

    private static long Time(JsonElement time) => time.GetDateTimeOffset().ToUnixTimeMilliseconds();

    private readonly record struct Seen(string Id, long Second);
}
