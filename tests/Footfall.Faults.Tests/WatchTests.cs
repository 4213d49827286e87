using Footfall.Testing;

namespace Footfall.Faults.Tests;

/// <summary>That the judge of scrapes would see what must not be.</summary>
public sealed class WatchTests
{
    private const string Buy = """footfall_interactions_total{app="shop",type="click",target="Buy Now"}""";
    private const string Enroll = """footfall_interactions_total{app="shop",type="click",target="Enroll Now"}""";
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);
    private readonly Watch _watch = new(name => name.EndsWith("interactions_total", StringComparison.Ordinal), Lease);

    [Fact]
    public void Totals_that_grow_are_fine_on_whatever_instance()
    {
        Scrape("a", 0.0, $"{Buy} 1", $"{Enroll} 0");
        Scrape("a", 0.1, $"{Buy} 2", $"{Enroll} 0");
        Scrape("b", 5.0, $"{Buy} 2", $"{Enroll} 1");

        Assert.Empty(_watch.Violations);
        Assert.Equal(3, _watch.SumSince(TimeSpan.FromSeconds(1)));
        Assert.Equal("b", _watch.Shower);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public void A_total_that_falls_is_told_on_whatever_instance(string later)
    {
        Scrape("a", 0.0, $"{Buy} 2");
        Scrape(later, 9.0, $"{Buy} 1");

        Assert.Contains("Buy Now\"} went back from 2 to 1", Assert.Single(_watch.Violations), StringComparison.Ordinal);
        Assert.Equal(1, _watch.Falls);
    }

    [Fact]
    public void A_series_that_is_gone_is_told()
    {
        Scrape("a", 0.0, $"{Buy} 2", $"{Enroll} 1");
        Scrape("a", 0.1, $"{Buy} 2");

        Assert.Contains("Enroll Now\"} is gone", Assert.Single(_watch.Violations), StringComparison.Ordinal);
    }

    [Fact]
    public void A_scrape_that_was_under_way_may_show_less_than_one_that_was_faster()
    {
        var floor = _watch.Begin();
        Scrape("a", 0.1, $"{Buy} 2");
        _watch.End("a", floor, TimeSpan.Zero, TimeSpan.FromSeconds(0.3), sent: 9, Page($"{Buy} 1"));

        Assert.Empty(_watch.Violations);
    }

    [Fact]
    public void More_than_was_sent_is_told()
    {
        Scrape("a", 0.0, $"{Buy} 9", $"{Enroll} 1");

        Assert.Contains("10 interactions are shown and 9 were sent", Assert.Single(_watch.Violations), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_instances_that_show_at_once_are_told()
    {
        Scrape("a", 0.0, $"{Buy} 1");
        Scrape("b", 0.1, $"{Buy} 1");
        Assert.Empty(_watch.Violations);  // it may have moved

        Scrape("a", 0.2, $"{Buy} 1");
        Assert.Contains("a at", Assert.Single(_watch.Violations), StringComparison.Ordinal);
    }

    [Fact]
    public void Totals_may_move_there_and_back_within_the_leases()
    {
        Scrape("a", 0.0, $"{Buy} 1");
        Scrape("b", 2.5, $"{Buy} 1");
        Scrape("a", 5.0, $"{Buy} 1");

        Assert.Empty(_watch.Violations);
    }

    [Fact]
    public void Totals_on_a_page_that_says_it_shows_none_are_told()
    {
        _watch.End("a", _watch.Begin(), TimeSpan.Zero, TimeSpan.FromSeconds(1), sent: 9, Exposition.Read($"footfall_totals_shown 0\n{Buy} 1\n"));

        Assert.Single(_watch.Violations);
    }

    [Theory]
    [InlineData(10, 7, 1, 0, 0, 2, null)]
    [InlineData(10, 7, 1, 0, 0, 1, "10 written, 9 accounted for")]
    [InlineData(10, 7, 1, 0, 0, 3, "10 written, 11 accounted for")]
    [InlineData(10, 7, 1, 1, 0, 1, "1 unreadable or missed")]
    [InlineData(10, 7, 1, 0, 1, 1, "1 unreadable or missed")]
    public void A_partition_whose_records_are_not_all_accounted_for_is_told(int written, int counted, int duplicates, int unreadable, int missed, int lag, string? told)
    {
        var page = Partition(3, written, counted, duplicates, unreadable, missed, lag);
        _watch.End("a", _watch.Begin(), TimeSpan.Zero, TimeSpan.FromSeconds(1), sent: 9, Exposition.Read(page));

        Assert.Equal(told is null ? 0 : 1, _watch.Violations.Count);
        Assert.Contains(told ?? "", _watch.Violations.SingleOrDefault() ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, 8, 0, true)]
    [InlineData(8, 7, 0, false)]  // a new series is still shown as 0
    [InlineData(7, 7, 1, false)]
    public void At_rest_all_that_is_written_is_counted_and_shown(int counted, int shown, int lag, bool isAtRest)
    {
        var page = Partition(0, counted + 2 + lag, counted, 2, 0, 0, lag);
        Look(1);
        Assert.False(_watch.IsAtRest(TimeSpan.Zero, partitions: 1));            // it has moved just now
        Look(9);

        Assert.Equal(isAtRest, _watch.IsAtRest(TimeSpan.Zero, partitions: 1));
        Assert.False(_watch.IsAtRest(TimeSpan.FromSeconds(9), partitions: 1));  // seen before then
        Assert.False(_watch.IsAtRest(TimeSpan.Zero, partitions: 2));            // one is nobody's

        void Look(int second) => _watch.End(
            "a", _watch.Begin(), TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(second), sent: 9,
            Exposition.Read($"footfall_totals_shown 1\n{Buy} {shown}\n{page}"));
    }

    [Fact]
    public void The_last_page_is_of_one_instance_and_of_after_a_time()
    {
        Scrape("a", 1, $"{Buy} 1");
        Assert.NotEmpty(_watch.LastOf("a", TimeSpan.FromSeconds(0.9)));
        Assert.Empty(_watch.LastOf("a", TimeSpan.FromSeconds(1)));
        Assert.Empty(_watch.LastOf("b", TimeSpan.Zero));

        Scrape("b", 9, $"{Buy} 1");
        Assert.Empty(_watch.LastOf("a", TimeSpan.Zero));
        Assert.NotEmpty(_watch.LastOf("b", TimeSpan.Zero));
    }

    [Theory]
    [InlineData(3, -1, 2, true)]
    [InlineData(3, 15, 2, false)]  // of one visitor, nothing since
    [InlineData(3, -1, 3, false)]
    public void What_was_sent_since_is_shown_when_more_is_shown_than_was_sent_before(int shown, int less, int sent, bool isShown)
    {
        var page = Exposition.Read(string.Join('\n', Enumerable.Range(0, Load.Probes).Select(visitor =>
            $$"""footfall_interactions_total{app="shop",type="click",target="Probe {{visitor}}",page="/"} {{(visitor == less ? shown - 1 : shown)}}""")));

        Assert.Equal(isShown, Load.ShowsMore(page, sent));
    }

    [Fact]
    public void Pages_that_differ_are_told_apart_and_a_series_at_0_is_as_good_as_none()
    {
        Assert.Equal(
            [(Buy, 2m, 3m)],
            _watch.Differences(Page($"{Buy} 2", $"{Enroll} 0"), Page($"{Buy} 3")));
    }

    [Fact]
    public void Labels_are_read_with_their_escapes()
    {
        var sample = Assert.Single(Exposition.Read("# HELP x\nx{app=\"shop\",target=\"a \\\"b\\\" c\\\\n\",page=\"/\"} 1e3\n"));

        Assert.Equal(("a \"b\" c\\n", "/", "", 1000m), (sample.Label("target"), sample.Label("page"), sample.Label("type"), sample.Value));
    }

    private static List<Sample> Page(params string[] lines) => Exposition.Read($"footfall_totals_shown 1\n{string.Join('\n', lines)}\n");

    private static string Partition(int partition, int written, int counted, int duplicates, int unreadable, int missed, int lag) => $$"""
        footfall_log_written_total{partition="{{partition}}"} {{written}}
        footfall_log_counted_total{partition="{{partition}}"} {{counted}}
        footfall_log_duplicates_total{partition="{{partition}}"} {{duplicates}}
        footfall_log_unreadable_total{partition="{{partition}}"} {{unreadable}}
        footfall_log_missed_total{partition="{{partition}}"} {{missed}}
        footfall_log_lag{partition="{{partition}}"} {{lag}}

        """;

    private void Scrape(string instance, double at, params string[] lines) =>
        _watch.End(instance, _watch.Begin(), TimeSpan.FromSeconds(at), TimeSpan.FromSeconds(at + 0.05), sent: 9, Page(lines));
}
