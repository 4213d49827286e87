namespace Footfall.Faults.Tests;

/// <summary>That Prometheus' samples are judged as they must be.</summary>
public sealed class PrometheusVerdictTests
{
    private static readonly Series Buy = new("shop", "click", "Buy Now", "/");
    private static readonly Dictionary<Series, (int Count, decimal Value)> Truth = new() { [Buy] = (5, 0) };

    [Fact]
    public void A_series_that_grows_from_0_to_its_truth_is_fine() => Assert.Empty(Judge([0, 2, 2, 5], [0, 2, 2, 5]));

    [Fact]
    public void A_series_that_falls_is_told() =>
        Assert.Contains(Judge([0, 3, 2, 5], [0, 3, 3, 5]), violation => violation.Contains("went back from 3 to 2", StringComparison.Ordinal));

    [Fact]
    public void A_sum_that_falls_is_told() =>
        Assert.Contains(Judge([0, 3, 3, 5], [0, 3, 2, 5]), violation => violation.StartsWith("sum(footfall_interactions_total) went back from 3 to 2", StringComparison.Ordinal));

    [Fact]
    public void A_sum_above_what_was_sent_by_then_is_told() =>
        Assert.Contains(Judge([0, 5], [0, 6]), violation => violation.Contains("is 6 at 1000, and 5 were sent by then", StringComparison.Ordinal));

    [Fact]
    public void A_first_click_that_is_the_first_sample_is_told() =>
        Assert.Contains(Judge([1, 2, 5], [1, 2, 5]), violation => violation.Contains("is 4, the truth 5 (first sample: 1", StringComparison.Ordinal));

    [Fact]
    public void A_series_that_Prometheus_never_saw_is_told() =>
        Assert.Contains(PrometheusVerdict.Of([], [(0, 5)], Truth, _ => 5), violation => violation.Contains("the truth 5", StringComparison.Ordinal));

    [Fact]
    public void A_series_of_two_instances_is_told() =>
        Assert.Contains(
            PrometheusVerdict.Of([(Buy, Points([0, 5])), (Buy, Points([0]))], Points([0, 5]), Truth, _ => 5),
            violation => violation.Contains("two instances", StringComparison.Ordinal));

    [Fact]
    public void No_sum_at_all_is_told() => Assert.NotEmpty(PrometheusVerdict.Of([(Buy, Points([0, 5]))], [], Truth, _ => 5));

    [Fact]
    public void Our_configuration_names_the_totals()
    {
        var totals = PrometheusJudge.Totals();

        Assert.True(totals("footfall_interactions_total") && totals("footfall_duplicates_total"));
        Assert.False(totals("footfall_log_written_total") || totals("footfall_interactions_total_of_others"));
    }

    private static List<string> Judge(decimal[] samples, decimal[] sums) => PrometheusVerdict.Of([(Buy, Points(samples))], Points(sums), Truth, _ => 5);

    private static List<(long At, decimal Value)> Points(decimal[] values) => [.. values.Select((value, index) => (index * 1_000L, value))];
}
