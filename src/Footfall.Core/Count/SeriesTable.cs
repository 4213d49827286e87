using System.Diagnostics.CodeAnalysis;
using System.Text;
using Footfall.Log;

namespace Footfall.Count;

/// <summary>
/// The series of a partition, found by the bytes of their labels. Beyond the cap an interaction counts in a series
/// whose labels are <c>(other)</c>; a pinned target keeps its name even then.
/// </summary>
internal sealed class SeriesTable(int maxSeries, IReadOnlyList<PinnedTarget> pinned)
{
    /// <summary>
    /// Seconds of series that wait for a commit besides the last of each: 2 MB and a half. While commits fail, what is beyond
    /// is told to be of an earlier second, and none is forgotten.
    /// </summary>
    public const int MaxSeconds = 100_000;

    private const byte Separator = 0; // no label can hold it: control characters do not pass the collector

    private readonly Dictionary<byte[], CountedSeries>.AlternateLookup<ReadOnlySpan<byte>> _series =
        new Dictionary<byte[], CountedSeries>(BytesComparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
    private readonly Dictionary<SeriesKey, CountedSeries> _byKey = [];
    private readonly HashSet<PinnedTarget> _pinned = [.. pinned];
    private readonly List<CountedSeries> _changed = [];
    private readonly List<CountedSeries> _recent = []; // those with a second's count
    private readonly List<SeriesSecond> _seconds = []; // earlier ones of them
    private readonly byte[] _labels = new byte[5 * LoggedInteraction.MaxFieldBytes];

    /// <summary>Takes over a total of a checkpoint.</summary>
    public void Restore(SeriesKey key, decimal value)
    {
        var series = Get(key with { Kind = TotalKind.Interactions });
        if (key.Kind == TotalKind.Value)
        {
            series.Value = value;
        }
        else
        {
            series.Count = (long)value;
        }
    }

    /// <summary>Counts one interaction.</summary>
    /// <returns>False when it went to <c>(other)</c>.</returns>
    public bool Count(in LoggedInteraction interaction, string app)
    {
        var series = Of(interaction, app, out var overflowed);
        Note(series, interaction.Received);
        series.Count++;
        if (interaction.Value is { } value)
        {
            series.Value = (series.Value ?? 0) + value;
        }

        if (!series.Changed)
        {
            series.Changed = true;
            _changed.Add(series);
        }

        return !overflowed;
    }

    /// <summary>Notes when one was received that an earlier owner has counted.</summary>
    public void Note(in LoggedInteraction interaction, string app) => Note(Of(interaction, app, out _), interaction.Received);

    /// <summary>Adds when those were received that were counted or noted since the last call.</summary>
    public void TakeSeconds(List<SeriesSecond> seconds)
    {
        seconds.AddRange(_seconds);
        _seconds.Clear();
        foreach (var series in _recent)
        {
            seconds.Add(new SeriesSecond(series.Text, series.Second, series.InSecond));
            series.InSecond = 0;
        }

        _recent.Clear();
    }

    /// <summary>Adds the totals that changed since the last call.</summary>
    public void TakeChanges(List<Total> changes)
    {
        foreach (var series in _changed)
        {
            series.Changed = false;
            changes.Add(new Total(series.Text, series.Count));
            if (series.Value is { } value)
            {
                changes.Add(new Total(series.ValueText, value));
            }
        }

        _changed.Clear();
    }

    private CountedSeries Of(in LoggedInteraction interaction, string app, out bool overflowed)
    {
        // As the record spells them, or without escapes: two keys a series at most. Apps beyond their cap have one name, and any number of spellings.
        var labels = interaction.Labels.IsEmpty || app == SeriesKey.Other ? Labels(interaction, app, _labels) : interaction.Labels;
        overflowed = false;
        return _series.TryGetValue(labels, out var series) ? series : Find(interaction, app, labels, out overflowed);
    }

    private void Note(CountedSeries series, long received)
    {
        var second = (uint)(received / 1000);
        if (series.InSecond == 0)
        {
            series.Second = second;
            _recent.Add(series);
        }
        else if (series.Second != second && _seconds.Count < MaxSeconds)
        {
            _seconds.Add(new SeriesSecond(series.Text, series.Second, series.InSecond));
            (series.Second, series.InSecond) = (second, 0);
        }

        series.InSecond++;
    }

    private static ReadOnlySpan<byte> Labels(in LoggedInteraction interaction, string app, Span<byte> buffer)
    {
        var length = Encoding.UTF8.GetBytes(app, buffer);
        buffer[length++] = Separator;
        interaction.Type.CopyTo(buffer[length..]);
        length += interaction.Type.Length;
        buffer[length++] = Separator;
        interaction.Target.CopyTo(buffer[length..]);
        length += interaction.Target.Length;
        buffer[length++] = Separator;
        interaction.Page.CopyTo(buffer[length..]);
        return buffer[..(length + interaction.Page.Length)];
    }

    private CountedSeries Find(in LoggedInteraction interaction, string app, ReadOnlySpan<byte> labels, out bool overflowed)
    {
        var key = new SeriesKey(
            TotalKind.Interactions,
            app,
            Encoding.UTF8.GetString(interaction.Type),
            Encoding.UTF8.GetString(interaction.Target),
            Encoding.UTF8.GetString(interaction.Page));
        overflowed = _byKey.Count >= maxSeries && !_byKey.ContainsKey(key);
        if (overflowed)
        {
            return Get(Overflow(key));
        }

        var series = Get(key);
        _series[labels] = series;
        return series;
    }

    /// <summary>A pinned target keeps its name, and its type where that is a common one: a stranger could send any.</summary>
    private SeriesKey Overflow(SeriesKey key) => _pinned.Contains(new PinnedTarget(key.App, key.Target))
        ? key with { Type = key.Type is "click" or "view" or "submit" or "change" ? key.Type : SeriesKey.Other, Page = SeriesKey.Other }
        : new SeriesKey(TotalKind.Interactions, key.App, SeriesKey.Other, SeriesKey.Other, SeriesKey.Other);

    private CountedSeries Get(SeriesKey key)
    {
        if (!_byKey.TryGetValue(key, out var series))
        {
            _byKey.Add(key, series = new CountedSeries(key));
        }

        return series;
    }

    private sealed class CountedSeries(SeriesKey key)
    {
        public SeriesKey Key { get; } = key;

        public string Text { get; } = key.ToText();

        [field: MaybeNull]
        public string ValueText => field ??= (Key with { Kind = TotalKind.Value }).ToText();

        public long Count { get; set; }

        public decimal? Value { get; set; }

        public bool Changed { get; set; }

        public uint Second { get; set; }

        public int InSecond { get; set; }
    }
}
