using System.Globalization;
using System.Text;
using Footfall.Count;
using Footfall.Expose;

namespace Footfall.Simulation;

/// <summary>
/// What Prometheus stores of the totals when it scrapes every slot each second and gives them one instance: samples in
/// the order of their scrapes' beginnings; what comes out of order is dropped.
/// </summary>
internal sealed class Prometheus
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<TotalKind, string> Names = new()
    {
        [TotalKind.Interactions] = "footfall_interactions_total",
        [TotalKind.Value] = "footfall_interaction_value_total",
        [TotalKind.Funnel] = "footfall_funnel_visitors_total",
        [TotalKind.Duplicates] = "footfall_duplicates_total",
        [TotalKind.Late] = "footfall_late_total",
        [TotalKind.Unseen] = "footfall_unseen_total",
        [TotalKind.Overflowed] = "footfall_series_overflowed_total",
    };

    private readonly World _world;
    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly TimeSpan[] _unscraped;
    private readonly (byte[] Document, TimeSpan Started)?[] _arriving;

    public Prometheus(World world, int slots)
    {
        _world = world;
        _unscraped = new TimeSpan[slots];
        _arriving = new (byte[], TimeSpan)?[slots];
        for (var slot = 0; slot < slots; slot++)
        {
            var number = slot;
            world.Later(TimeSpan.FromMilliseconds(world.Dice.Below(1_000)), () => Scrape(number));
        }
    }

    /// <summary>Each series by name and labels: its first and its last sample.</summary>
    public IReadOnlyDictionary<string, Series> Stored => _series;

    public void Unscraped(int slot, TimeSpan length) => _unscraped[slot] = _world.Scheduler.Now + length;

    /// <summary>The name that it stores a total by; null: it is not told of this kind.</summary>
    public static string? NameOf(SeriesKey key) =>
        Names.TryGetValue(key.Kind, out var name) ? name + Encoding.UTF8.GetString(new ExposedSeries(key).Labels.Span) : null;

    private void Scrape(int slot)
    {
        _world.Later(Interval, () => Scrape(slot));
        Arrive(slot);
        var started = _world.Scheduler.Now;
        if (_unscraped[slot] > started)
        {
            return;
        }

        _world.Later(_world.ScrapeDelay(), () => _world.Metrics[slot]?.Serve(
            aborted: () => _world.Scheduler.Now - started >= Timeout,
            answer: document =>
            {
                _arriving[slot] = (document, started);
                _world.Later(_world.ScrapeDelay(), () => Arrive(slot));
            }));
    }

    /// <summary>
    /// What was written before the scrape was given up is stored before the target's next one, if maybe late: what is not
    /// is a lost scrape, see <see cref="Plan"/>.
    /// </summary>
    private void Arrive(int slot)
    {
        if (_arriving[slot] is { } arrived)
        {
            _arriving[slot] = null;
            if (!_world.LosesScrapes)
            {
                Store(arrived.Document, arrived.Started);
            }
        }
    }

    private void Store(byte[] document, TimeSpan started)
    {
        foreach (var (name, labels, value) in Exposition.Samples(document))
        {
            if (!Names.ContainsValue(name))
            {
                continue;
            }

            if (!_series.TryGetValue(name + labels, out var series))
            {
                _series.Add(name + labels, new Series(value, value, started));
            }
            else if (started > series.Started)
            {
                if (value < series.Last)
                {
                    throw new BrokenPromiseException(
                        Promise.NeverBack,
                        string.Create(CultureInfo.InvariantCulture, $"Prometheus stores {name}{labels} {value} of a scrape at {started}, after {series.Last} of one at {series.Started}"));
                }

                _series[name + labels] = series with { Last = value, Started = started };
            }
        }
    }

    internal readonly record struct Series(decimal First, decimal Last, TimeSpan Started);
}
