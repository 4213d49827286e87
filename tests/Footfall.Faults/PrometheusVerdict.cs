namespace Footfall.Faults;

/// <summary>What Prometheus says of the whole run, against the truth.</summary>
internal static class PrometheusVerdict
{
    private const int MostExamples = 20;

    /// <param name="counts">Every sample of <c>footfall_interactions_total</c>; a series comes once for each instance label.</param>
    /// <param name="sums">Its sum, second by second.</param>
    /// <param name="truth">Different interactions in the log, by series.</param>
    /// <param name="sentBy">How many had been sent by a time in Unix milliseconds.</param>
    public static List<string> Of(
        IReadOnlyList<(Series Series, List<(long At, decimal Value)> Samples)> counts,
        IReadOnlyList<(long At, decimal Value)> sums,
        IReadOnlyDictionary<Series, (int Count, decimal Value)> truth,
        Func<long, int> sentBy)
    {
        var violations = new List<string>();
        if (sums.Count == 0)
        {
            violations.Add("Prometheus has no sum of interactions at all");
        }

        for (var i = 0; i < sums.Count; i++)
        {
            if (i > 0 && sums[i].Value < sums[i - 1].Value)
            {
                violations.Add($"sum(footfall_interactions_total) went back from {sums[i - 1].Value} to {sums[i].Value} at {sums[i].At}");
            }

            // A sample's time is when its scrape began; what came within the scrape's second may be in it.
            if (sentBy(sums[i].At + 1_000) is var sent && sums[i].Value > sent)
            {
                violations.Add($"sum(footfall_interactions_total) is {sums[i].Value} at {sums[i].At}, and {sent} were sent by then");
            }
        }

        var grown = new Dictionary<Series, decimal>();
        foreach (var (series, samples) in counts)
        {
            if (!grown.TryAdd(series, samples[^1].Value - samples[0].Value))
            {
                violations.Add($"{series} is there with two instances: its totals do not go on in one series");
            }

            for (var i = 1; i < samples.Count; i++)
            {
                if (samples[i].Value < samples[i - 1].Value)
                {
                    violations.Add($"{series} went back from {samples[i - 1].Value} to {samples[i].Value} at {samples[i].At}");
                }
            }
        }

        foreach (var (series, (count, _)) in truth)
        {
            if (grown.GetValueOrDefault(series) is var growth && growth != count)
            {
                var samples = counts.FirstOrDefault(one => one.Series == series).Samples;
                violations.Add($"{series}: last sample minus first is {growth}, the truth {count} (first sample: {samples?[0].Value} at {samples?[0].At})");
            }
        }

        return violations.Count <= MostExamples ? violations : [.. violations[..MostExamples], $"... and {violations.Count - MostExamples} more"];
    }
}
