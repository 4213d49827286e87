using Footfall.Count;
using Footfall.Log;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Expose;

/// <summary>What is committed, and how a new series is shown.</summary>
public sealed class CommittedTotalsTests
{
    [Fact]
    public void Series_stand_in_the_same_order_whenever_they_came()
    {
        string[] targets = ["b", "e", "a", "d", "c", "f"];
        var totals = new CommittedTotals(["shop"], []);
        var version = 0;
        foreach (var target in targets)
        {
            totals.Apply(0, new Total(new SeriesKey(TotalKind.Interactions, "shop", "click", target, "/").ToText(), 1));
            totals.Publish(++version, 0);
        }

        var restarted = new CommittedTotals(["shop"], []);
        foreach (var target in targets.Order())
        {
            restarted.Apply(0, new Total(new SeriesKey(TotalKind.Interactions, "shop", "click", target, "/").ToText(), 1));
        }

        var names = totals.Publish(++version, 0).Select(total => total.Series.Key).ToList();
        Assert.Equal(restarted.Publish(1, 0).Select(total => total.Series.Key), names);
        Assert.Equal("abcdef", string.Concat(names.Select(name => name.Target)));
    }

    private static readonly SeriesKey BuyNow = new(TotalKind.Interactions, "shop", "click", "Buy Now", "/");

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Older_values_change_nothing_and_partitions_are_summed()
    {
        var exposure = Exposure();
        Apply(exposure, 0, BuyNow, 5);
        Apply(exposure, 2, BuyNow, 7);
        Apply(exposure, 0, BuyNow, 3);
        Apply(exposure, 2, BuyNow, 7);
        exposure.Publish([], [], 0, 0);
        Assert.Equal(12, Find(exposure, BuyNow).Value);
        Assert.Equal(5, exposure.Totals.Of(0, TotalKind.Interactions));
        Assert.Equal(0, exposure.Totals.Of(1, TotalKind.Interactions));
        Assert.Equal(7, exposure.Totals.Of(2, TotalKind.Interactions));
    }

    [Fact]
    public void Kinds_are_summed_apart_for_each_partition()
    {
        var exposure = Exposure();
        Apply(exposure, 1, BuyNow, 5);
        Apply(exposure, 1, BuyNow with { Target = "Enroll Now" }, 2);
        Apply(exposure, 1, BuyNow with { Kind = TotalKind.Value }, 9.5m);
        Apply(exposure, 1, new SeriesKey(TotalKind.Missed), 4);
        Assert.Equal(7, exposure.Totals.Of(1, TotalKind.Interactions));
        Assert.Equal(9.5m, exposure.Totals.Of(1, TotalKind.Value));
        Assert.Equal(4, exposure.Totals.Of(1, TotalKind.Missed));
    }

    [Theory]
    [InlineData(TotalKind.Interactions, TotalKind.Announced)]
    [InlineData(TotalKind.Value, TotalKind.AnnouncedValue)]
    public void New_series_stands_at_0_until_that_was_seen_for_long_enough_and_is_committed(TotalKind kind, TotalKind announced)
    {
        var key = BuyNow with { Kind = kind };
        var exposure = Exposure();
        Apply(exposure, 0, key, 5);
        exposure.Publish([], [], 0, 0);
        Assert.Equal(0, Find(exposure, key).Shown);

        // Old enough, but nobody was served.
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(exposure.DueAnnouncements());

        exposure.Served(exposure.Current);
        var due = Assert.Single(exposure.DueAnnouncements());
        Assert.Equal(new Total((key with { Kind = announced }).ToText(), 1), due);

        // Due is not committed.
        exposure.Publish([], [], 0, 0);
        Assert.Equal(0, Find(exposure, key).Shown);
        exposure.Totals.Apply(0, due);
        exposure.Publish([], [], 0, 0);
        Assert.Equal(5, Find(exposure, key).Shown);
        Assert.Empty(exposure.DueAnnouncements());
    }

    [Fact]
    public void Who_is_served_early_does_not_shorten_the_time_at_0()
    {
        var exposure = Exposure();
        Apply(exposure, 0, BuyNow, 5);
        exposure.Publish([], [], 0, 0);
        exposure.Served(exposure.Current);
        _time.Advance(TimeSpan.FromSeconds(0.999));
        Assert.Empty(exposure.DueAnnouncements());
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Single(exposure.DueAnnouncements());
    }

    [Fact]
    public void Who_was_served_before_the_series_was_there_has_not_seen_it()
    {
        var exposure = Exposure();
        exposure.Publish([], [], 0, 0);
        var before = exposure.Current;
        Apply(exposure, 0, BuyNow, 5);
        exposure.Publish([], [], 0, 0);
        exposure.Served(before);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(exposure.DueAnnouncements());
        exposure.Served(exposure.Current);
        exposure.Served(before);
        Assert.Single(exposure.DueAnnouncements());
    }

    [Fact]
    public void Restart_never_shows_0_again()
    {
        var exposure = Exposure();
        exposure.Totals.Apply(0, new Total((BuyNow with { Kind = TotalKind.Announced }).ToText(), 1));
        Apply(exposure, 1, BuyNow, 5);
        exposure.Publish([], [], 0, 0);
        Assert.Equal(5, Find(exposure, BuyNow).Shown);
    }

    [Fact]
    public void Pinned_targets_and_the_totals_of_apps_stand_at_0_from_the_start()
    {
        var pinned = new SeriesKey(TotalKind.Interactions, "shop", "click", "Enroll Now");
        var exposure = Exposure([new PinnedTarget("shop", "Enroll Now")]);
        exposure.Publish([], [], 0, 0);
        Assert.Equal(
            [pinned, new(TotalKind.Duplicates, "shop"), new(TotalKind.Late, "shop"), new(TotalKind.Overflowed, "shop"), new(TotalKind.Unseen, "shop")],
            exposure.Current.Series.Select(total => total.Series.Key));
        Assert.All(exposure.Current.Series, total => Assert.Equal(0, total.Shown));
    }

    [Fact]
    public void Pinned_target_that_is_counted_before_anybody_was_served_stands_at_0_all_the_same()
    {
        var pinned = new SeriesKey(TotalKind.Interactions, "shop", "click", "Enroll Now");
        var exposure = Exposure([new PinnedTarget("shop", "Enroll Now")]);
        Apply(exposure, 0, pinned, 1);
        exposure.Publish([], [], 0, 0);
        Assert.Equal(0, Find(exposure, pinned).Shown);

        exposure.Served(exposure.Current);
        _time.Advance(TimeSpan.FromSeconds(1));
        exposure.Totals.Apply(0, Assert.Single(exposure.DueAnnouncements()));
        exposure.Publish([], [], 0, 0);
        Assert.Equal(1, Find(exposure, pinned).Shown);
    }

    [Fact]
    public void Total_of_a_later_version_is_passed_over()
    {
        var exposure = Exposure();
        exposure.Totals.Apply(0, new Total("""["of a later version","x"]""", 5));
        exposure.Totals.Apply(0, new Total("""["of a later version","x"]""", 6));
        exposure.Publish([], [], 0, 0);
        Assert.Equal(4, exposure.Current.Series.Count);
    }

    [Fact]
    public void Snapshot_does_not_change_after_it_was_published()
    {
        var exposure = Exposure();
        Apply(exposure, 0, new SeriesKey(TotalKind.Late, "shop"), 1);
        exposure.Publish([], [], 0, 0);
        var first = exposure.Current;
        Apply(exposure, 0, new SeriesKey(TotalKind.Late, "shop"), 2);
        exposure.Publish([], [], 0, 0);
        Assert.Equal(1, first.Series.Single(total => total.Series.Key.Kind == TotalKind.Late).Shown);
        Assert.Equal(2, exposure.Current.Series.Single(total => total.Series.Key.Kind == TotalKind.Late).Shown);
        Assert.Equal(first.Version + 1, exposure.Current.Version);
    }

    private static void Apply(Exposure exposure, int partition, SeriesKey key, decimal value) =>
        exposure.Totals.Apply(partition, new Total(key.ToText(), value));

    private static SeriesTotal Find(Exposure exposure, SeriesKey key) =>
        exposure.Current.Series.Single(total => total.Series.Key == key);

    private Exposure Exposure(IReadOnlyList<PinnedTarget>? pinned = null)
    {
        var lease = new TotalsLease(null, _time);
        lease.Assigned(seen: null);
        return new Exposure(new CommittedTotals(["shop"], pinned ?? []), lease, new ExposeOptions(), _time);
    }
}
