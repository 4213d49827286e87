using CsCheck;
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
    public void Steps_of_a_configured_funnel_stand_at_0_from_the_start_in_their_order_and_are_announced()
    {
        var funnels = new[] { Funnel.Enroll("shop"), new Funnel("blog", "read", ["view", "page:/end"], TimeSpan.FromMinutes(5)) };
        var exposure = Exposure(funnels: funnels);
        var enroll = SeriesKey.OfFunnel("shop", "enroll", "Enroll Now");
        exposure.Publish([], [], 0, 0);
        Assert.Equal([0m, 0, 0], FunnelVisitors.Of(exposure.Current, funnels)[0].Visitors);
        Apply(exposure, 0, enroll, 2);
        Apply(exposure, 1, enroll, 3);
        exposure.Publish([], [], 0, 0);
        Assert.Equal([0m, 5, 0], FunnelVisitors.Of(exposure.Current, funnels)[0].Visitors);
        Assert.Equal(0, Find(exposure, enroll).Shown);
        exposure.Served(exposure.Current);
        _time.Advance(TimeSpan.FromSeconds(1));
        var due = exposure.DueAnnouncements().ToList();
        Assert.Contains(new Total("""["announcedFunnel","shop","enroll","Enroll Now"]""", 1), due);
        Assert.Equal(5, due.Count);
        due.ForEach(total => exposure.Totals.Apply(0, total));
        exposure.Publish([], [], 0, 0);
        Assert.Equal(5, Find(exposure, enroll).Shown);
        Assert.Empty(exposure.DueAnnouncements());
    }

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
    [InlineData(TotalKind.Funnel, TotalKind.AnnouncedFunnel)]
    public void New_series_stands_at_0_until_that_was_seen_for_long_enough_and_is_committed(TotalKind kind, TotalKind announced)
    {
        var key = kind == TotalKind.Funnel ? SeriesKey.OfFunnel("shop", "enroll", "Buy Now") : BuyNow with { Kind = kind };
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

    [Fact]
    public void Publication_shares_with_the_one_before_what_did_not_change()
    {
        var totals = new CommittedTotals([], []);
        for (var number = 0; number < 4 * SeriesTotals.PieceLength; number++)
        {
            totals.Apply(0, Target(2 * number, 1));
        }

        var first = Publish(totals);
        totals.Apply(0, Target(2 * SeriesTotals.PieceLength, 5)); // the first of the second piece
        totals.Apply(1, Target((4 * SeriesTotals.PieceLength) - 2, 7)); // and the last
        totals.Apply(1, Target(0, 0));
        var second = Publish(totals);
        Assert.Equal([true, false, true, true], Shared(first, second));
        Assert.Equal((1, 5), (first[SeriesTotals.PieceLength].Value, second[SeriesTotals.PieceLength].Value));
        Assert.Equal((1, 8), (first[(2 * SeriesTotals.PieceLength) - 1].Value, second[(2 * SeriesTotals.PieceLength) - 1].Value));

        totals.Apply(0, new Total("""["announced","shop","click","0000","/"]""", 1));
        var third = Publish(totals);
        Assert.Equal([false, true, true, true], Shared(second, third));
        Assert.Equal((false, true), (second[0].Announced, third[0].Announced));

        totals.Apply(0, Target((4 * SeriesTotals.PieceLength) + 1, 1)); // a new one, in the midst of the third piece
        var fourth = Publish(totals);
        Assert.Equal([true, true, false, false], Shared(third, fourth));
        Assert.Equal((4 * SeriesTotals.PieceLength) + 1, fourth.Count);
        Assert.Equal(4 * SeriesTotals.PieceLength, third.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => third[third.Count]);
    }

    [Fact]
    public void Publication_of_what_did_not_change_is_the_one_before()
    {
        var totals = new CommittedTotals(["shop"], []);
        totals.Apply(0, Target(1, 5));
        totals.Apply(0, new Total("""["announced","shop","click","0001","/"]""", 1));
        var first = Publish(totals);
        totals.Apply(0, Target(1, 4));
        totals.Apply(0, Target(1, 5));
        totals.Apply(0, new Total("""["announced","shop","click","0001","/"]""", 1));
        Assert.Same(first, Publish(totals));
        totals.Apply(1, Target(1, 1));
        var second = Publish(totals);
        Assert.NotSame(first, second);
        Assert.Same(second, Publish(totals));
    }

    [Fact]
    public void Every_publication_is_what_one_from_scratch_would_be_and_stays_it()
    {
        const int Partitions = 3;
        var one = Gen.Select(Gen.Int[0, Partitions - 1], Gen.Int[0, 399], Gen.Int[0, 5], Gen.Bool); // partition, target, more, whether it is announced
        var burst = Gen.Select(Gen.Int[0, Partitions - 1], Gen.Int[0, 399], Gen.Int[1, 3], Gen.Int[1, 150]); // that many targets next to one another
        Gen.Select(one.Array[0, 20], burst.Array[0, 1]).Array[1, 12].Sample(
            rounds =>
            {
                var totals = new CommittedTotals(["shop"], []);
                var applied = new Dictionary<(int Partition, int Target), int>();
                var announced = new HashSet<int>();
                var published = new List<(SeriesTotals Totals, List<(SeriesKey, decimal, bool)> Expected)>();
                void Raise(int partition, int target, int more)
                {
                    var value = applied[(partition, target)] = applied.GetValueOrDefault((partition, target)) + more;
                    totals.Apply(partition, Target(target, value));
                }

                foreach (var (ones, bursts) in rounds)
                {
                    foreach (var (partition, target, more, isAnnouncement) in ones)
                    {
                        if (isAnnouncement)
                        {
                            announced.Add(target);
                            totals.Apply(partition, new Total(new SeriesKey(TotalKind.Announced, "shop", "click", $"{target:d4}", "/").ToText(), 1));
                        }
                        else
                        {
                            Raise(partition, target, more);
                        }
                    }

                    foreach (var (partition, target, more, count) in bursts)
                    {
                        for (var next = target; next < target + count; next++)
                        {
                            Raise(partition, next, more);
                        }
                    }

                    published.Add((Publish(totals), Expected()));
                }

                foreach (var (then, expected) in published)
                {
                    Assert.Equal(expected, then.Select(total => (total.Series.Key, total.Value, total.Announced)));
                    Assert.Equal(then, Enumerable.Range(0, then.Count).Select(place => then[place]));
                }

                List<(SeriesKey, decimal, bool)> Expected() =>
                [
                    .. applied.Keys.Select(key => key.Target).Union(announced).Order().Select(target => (
                        new SeriesKey(TotalKind.Interactions, "shop", "click", $"{target:d4}", "/"),
                        (decimal)Enumerable.Range(0, Partitions).Sum(partition => applied.GetValueOrDefault((partition, target))),
                        announced.Contains(target))),
                    .. ((TotalKind[])[TotalKind.Duplicates, TotalKind.Late, TotalKind.Overflowed, TotalKind.Unseen]).Select(kind => (new SeriesKey(kind, "shop"), 0m, true)),
                ];
            },
            iter: 100);
    }

    [Fact]
    public void What_has_stood_at_0_for_longest_is_known_from_the_last_publication()
    {
        var totals = new CommittedTotals([], []);
        totals.Apply(0, Target(1, 1));
        Assert.Null(totals.OldestUnannounced);
        totals.Publish(1, 100);
        totals.Apply(0, Target(0, 1));
        totals.Publish(2, 200);
        Assert.Equal(100, totals.OldestUnannounced);
        totals.Apply(0, new Total("""["announced","shop","click","0001","/"]""", 1));
        totals.Publish(3, 300);
        Assert.Equal(200, totals.OldestUnannounced);
        totals.Publish(4, null); // this instance shows no totals any more: what stands at 0 begins anew
        Assert.Null(totals.OldestUnannounced);
        Assert.Empty(totals.DueAnnouncements(4, 1000));
        totals.Publish(5, 500);
        Assert.Equal(500, totals.OldestUnannounced);
        Assert.Empty(totals.DueAnnouncements(4, 1000));
        Assert.Empty(totals.DueAnnouncements(5, 499));
        Assert.Single(totals.DueAnnouncements(5, 500));
    }

    private static Total Target(int number, decimal value) =>
        new(new SeriesKey(TotalKind.Interactions, "shop", "click", $"{number:d4}", "/").ToText(), value);

    private static SeriesTotals Publish(CommittedTotals totals) => (SeriesTotals)totals.Publish(1, null);

    private static bool[] Shared(SeriesTotals before, SeriesTotals after) =>
        [.. Enumerable.Range(0, before.Count / SeriesTotals.PieceLength).Select(piece => after.Shares(before, piece * SeriesTotals.PieceLength))];

    private static void Apply(Exposure exposure, int partition, SeriesKey key, decimal value) =>
        exposure.Totals.Apply(partition, new Total(key.ToText(), value));

    private static SeriesTotal Find(Exposure exposure, SeriesKey key) =>
        exposure.Current.Series.Single(total => total.Series.Key == key);

    private Exposure Exposure(IReadOnlyList<PinnedTarget>? pinned = null, IReadOnlyList<Funnel>? funnels = null)
    {
        var lease = new TotalsLease(null, _time);
        lease.Assigned(seen: null);
        return new Exposure(new CommittedTotals(["shop"], pinned ?? [], funnels), lease, new ExposeOptions(), _time);
    }
}
