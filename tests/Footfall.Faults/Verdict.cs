using System.Globalization;
using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>A record as it is in the log.</summary>
internal readonly record struct Logged(Guid Id, Series Series, decimal? Value, string Visitor, int Partition);

/// <summary>The clients' account against the log, and the log against the totals.</summary>
internal sealed class Verdict
{
    private const int MostExamples = 20;
    private readonly List<string> _violations = [];

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Accepted, and not in the log or not in the totals.</summary>
    public int Lost { get; private set; }

    /// <summary>In the totals more often than once.</summary>
    public int Double { get; private set; }

    /// <summary>Records of the log that repeat another.</summary>
    public int Repeats { get; private set; }

    /// <summary>Sent, never answered with 202, and in the log.</summary>
    public int TakenWithoutAnswer { get; private set; }

    /// <summary>The truth of each series: different interactions in the log, and the sum of their values.</summary>
    public Dictionary<Series, (int Count, decimal Value)> Truth { get; } = [];

    public static Verdict Of(IReadOnlyDictionary<Guid, Sent> sent, IEnumerable<Logged> log, IReadOnlyList<Sample> page)
    {
        var verdict = new Verdict();
        verdict.ReadLog(sent, log);
        verdict.Compare(page);
        return verdict;
    }

    private void ReadLog(IReadOnlyDictionary<Guid, Sent> sent, IEnumerable<Logged> log)
    {
        var seen = new HashSet<Guid>();
        foreach (var record in log)
        {
            if (!seen.Add(record.Id))
            {
                Repeats++;
                continue;
            }

            var (count, value) = Truth.GetValueOrDefault(record.Series);
            Truth[record.Series] = (count + 1, value + (record.Value ?? 0));
            if (!sent.TryGetValue(record.Id, out var one))
            {
                Violate($"{record.Id} is in the log and was never sent");
            }
            else if (one.Series != record.Series || one.Value != record.Value || one.Visitor != record.Visitor)
            {
                Violate($"{record.Id} was sent as {one.Series} {one.Value} of {one.Visitor} and is in the log as {record.Series} {record.Value} of {record.Visitor}");
            }
            else if (!one.IsAccepted)
            {
                TakenWithoutAnswer++;
            }
        }

        foreach (var one in sent.Values.Where(one => one.IsAccepted && !seen.Contains(one.Id)))
        {
            Lost++;
            Violate($"{one.Id} was accepted and is not in the log: {one.Series}");
        }
    }

    private void Compare(IReadOnlyList<Sample> page)
    {
        var shown = page.Where(sample => sample.Name == "footfall_interactions_total").ToDictionary(SeriesOf, sample => sample.Value);
        var values = page.Where(sample => sample.Name == "footfall_interaction_value_total").ToDictionary(SeriesOf, sample => sample.Value);
        foreach (var series in Truth.Keys.Union(shown.Keys))
        {
            var (truth, value) = Truth.GetValueOrDefault(series);
            var total = shown.GetValueOrDefault(series);
            if (total != truth)
            {
                Lost += (int)Math.Max(0, truth - total);
                Double += (int)Math.Max(0, total - truth);
                Violate($"{series}: {truth} different ids in the log, and a total of {total}");
            }

            if (values.GetValueOrDefault(series) != value)
            {
                Violate(string.Create(CultureInfo.InvariantCulture, $"{series}: values of {value} in the log, and a total of {values.GetValueOrDefault(series)}"));
            }
        }

        var repeats = page.Where(sample => sample.Name == "footfall_duplicates_total").Sum(sample => sample.Value);
        if (repeats != Repeats)
        {
            Violate($"{Repeats} repeats in the log, and {repeats} duplicates in the totals");
        }

        if (page.Where(sample => sample.Name == "footfall_late_total").Sum(sample => sample.Value) is > 0 and var late)
        {
            Violate($"{late} were late, and nothing here is older than the window");
        }
    }

    public static Series SeriesOf(Sample sample) => new(sample.Label("app"), sample.Label("type"), sample.Label("target"), sample.Label("page"));

    private void Violate(string what)
    {
        if (_violations.Count < MostExamples)
        {
            _violations.Add(what);
        }
    }
}
