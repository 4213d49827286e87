using CsCheck;
using Footfall.Count;
using Footfall.Log;

namespace Footfall.Expose;

[Collection(Alone.Name)] // one of them measures what the process holds
public sealed class SecondRingTests
{
    private const long Now = 1_795_478_437;

    private readonly CommittedTotals _totals = new(["shop"], [new PinnedTarget("shop", "Buy Now")]);
    private readonly SecondRing _ring = new(["shop"], Now);

    [Fact]
    public void What_is_read_is_what_was_added_within_the_range_whatever_the_steps() =>
        Gen.Select(Gen.Select(Gen.Int[0, 7_199], Gen.Int[0, 14], Gen.Int[1, 70_000]).Array[1, 60], Gen.Int[1, 7_200], Gen.Int[1, 900]).Sample((added, range, step) =>
        {
            var totals = new CommittedTotals(["shop"], []); // rows are of one ring
            var ring = new SecondRing(["shop"], Now);
            foreach (var (ago, target, count) in added.OrderByDescending(one => one.Item1))
            {
                ring.Add([(Series(totals, $"t{target}"), Now - ago, count)], Now - ago);
            }

            step = Math.Min(step, range);
            var numbers = (range + step - 1) / step;
            var from = Now + 1 - ((long)numbers * step);
            var read = ring.Read("shop", default, from, step, numbers);
            var expected = new long[read.Total.Length];
            foreach (var (ago, _, count) in added.Where(one => Now - one.Item1 >= from))
            {
                expected[(Now - ago - from) / step] += count;
            }

            Assert.Equal(expected, read.Total);
            for (var i = 0; i < expected.Length; i++)
            {
                Assert.Equal(read.Total[i], (read.Rest?[i] ?? 0) + read.Rows.Sum(row => row.Counts[i]));
                Assert.True(read.Rest is null || read.Rest[i] >= 0);
            }

            Assert.NotEqual(0, read.Rest?.Sum() ?? 1);
            Assert.True(read.Rows.Count <= SecondRing.Named);
        });

    [Fact]
    public void Targets_beyond_the_bound_are_in_the_rest_and_counted_and_pinned_ones_have_their_own()
    {
        for (var i = 0; i < SecondRing.MaxTargets + 3; i++)
        {
            _ring.Add([(Series($"t{i}", page: "/"), Now, 2)], Now);
        }

        _ring.Add([(Series("Buy Now"), Now, 5)], Now);

        Assert.Equal(6, _ring.Overflowed);
        Assert.Equal([5L], Only("Buy Now"));
        Assert.Equal([2L], Only("t499"));
        Assert.Equal([0L], Only("t500"));
        var all = _ring.Read("shop", default, Now, 1, 1);
        Assert.Equal((2 * SecondRing.MaxTargets) + 6 + 5, all.Total[0]);
        Assert.Equal(all.Total[0] - 5 - (2 * (SecondRing.Named - 1)), all.Rest![0]);
        Assert.Equal([(2L * SecondRing.MaxTargets) + 6], _ring.Read("shop", new SecondQuery(Page: "/"), Now, 1, 1).Total);
    }

    [Fact]
    public void A_row_that_had_nothing_for_two_hours_makes_room()
    {
        for (var i = 0; i < SecondRing.MaxTargets; i++)
        {
            _ring.Add([(Series($"t{i}"), Now, 1)], Now);
        }

        var later = Now + SecondRing.Seconds + 300;
        _ring.Add([(Series("another"), later, 1)], later);
        Assert.Equal(0, _ring.Overflowed);
        Assert.Equal([1L], _ring.Read("shop", new SecondQuery(Target: "another"), later, 1, 1).Total);
    }

    [Fact]
    public void A_clock_that_is_far_ahead_loses_nothing()
    {
        _ring.Add([(Series("a"), Now - 7_000, 1)], Now);
        _ring.Add([(Series("a"), Now + 86_400, 1), (Series("a"), Now + 50, 1)], Now);
        var read = _ring.Read("shop", default, Now - 7_199, 1, 7_200);
        Assert.Equal((1, 1, 2), (read.Total[199], read.Total[^1], read.Total.Sum()));
    }

    [Fact]
    public void Strangers_apps_beyond_the_bound_are_together()
    {
        for (var i = 0; i < SecondRing.MaxApps + 10; i++)
        {
            _ring.Add([(Series("x", app: $"app{i}"), Now, 1)], Now);
        }

        Assert.Equal([1L], _ring.Read("app0", default, Now, 1, 1).Total);
        Assert.Equal([10L], _ring.Read("(other)", default, Now, 1, 1).Total);
    }

    [Fact]
    public void Who_listens_gets_each_increment_once_and_reads_a_chart_that_it_goes_on_from()
    {
        var increments = new List<SecondIncrement>();
        _ring.Add([(Series("a"), Now, 1)], Now);
        _ring.Listen(isHeard: true);
        _ring.Add([(Series("a"), Now, 2)], Now);
        Assert.Equal([1L], _ring.Read("shop", default, Now, 1, 1).Total);
        Assert.Equal([1L], Only("a"));

        Assert.True(_ring.TakeIncrements(increments));
        Assert.Equal(2, Assert.Single(increments).Count);
        Assert.Equal([3L], Only("a"));
        for (var i = 0; i <= SecondRing.MaxIncrements; i++)
        {
            _ring.Add([(Series("a"), Now, 1)], Now);
        }

        increments.Clear();
        Assert.False(_ring.TakeIncrements(increments));
        Assert.Empty(increments);
        Assert.True(_ring.TakeIncrements(increments));
    }

    [Fact]
    public void There_is_a_rest_only_where_it_has_anything()
    {
        Assert.Null(_ring.Read("shop", default, Now, 1, 1).Rest);
        for (var i = 0; i < SecondRing.Named; i++)
        {
            _ring.Add([(Series($"t{i}"), Now, 1)], Now);
        }

        Assert.Null(_ring.Read("shop", default, Now, 1, 1).Rest);
        _ring.Add([(Series("another"), Now, 2)], Now);
        Assert.Equal([1L], _ring.Read("shop", default, Now, 1, 1).Rest!); // one that is no longer among the ten
    }

    [Fact]
    public void What_waits_for_who_listens_is_taken_from_where_it_was_added()
    {
        for (var i = 0; i < SecondRing.MaxApps; i++)
        {
            _ring.Add([(Series("x", app: $"app{i}"), Now, 1)], Now);
        }

        _ring.Add([(Series("x", app: "beyond"), Now, 1), (Series("x", app: "(other)"), Now, 1)], Now);
        _ring.Listen(isHeard: true);
        _ring.Add([(Series("x", app: "beyond"), Now, 4), (Series("x", app: "(other)"), Now, 2)], Now);

        Assert.Equal([0L], _ring.Read("beyond", default, Now, 1, 1).Total); // it has no seconds of its own
        Assert.Equal([1L + 1 + 4], _ring.Read("(other)", default, Now, 1, 1).Total); // whose tick brings only its own
        _ring.TakeIncrements([]);
        Assert.Equal([0L], _ring.Read("beyond", default, Now, 1, 1).Total);
        Assert.Equal([8L], _ring.Read("(other)", default, Now, 1, 1).Total);
    }

    [Fact]
    public void What_waits_and_had_no_row_is_not_taken_from_the_one_that_came_later()
    {
        for (var i = 0; i < SecondRing.MaxTargets; i++)
        {
            _ring.Add([(Series($"t{i}"), Now, 1)], Now);
        }

        _ring.Listen(isHeard: true);
        _ring.Add([(Series("late"), Now, 5)], Now); // no room
        var later = Now + SecondRing.Seconds + 300;
        _ring.Add([(Series("late"), later, 1)], later); // there is now
        var read = _ring.Read("shop", new SecondQuery(Target: "late"), Now, SecondRing.Seconds + 301, 1);
        Assert.Equal([0L], read.Total); // the one that waits
    }

    [Fact]
    public void It_says_since_when_it_has_everything_also_where_it_keeps_no_more()
    {
        Assert.Equal(Now, _ring.Read("shop", default, Now, 1, 1).Since);
        _ring.Replaced(0);
        _ring.Add([(Series("a"), Now, 1)], Now);
        Assert.InRange(_ring.Read("shop", default, Now, 1, 1).Since, Now - SecondRing.Seconds - 180, Now - SecondRing.Seconds);
    }

    [Fact]
    public void Full_it_takes_less_than_16_MB()
    {
        var targets = Enumerable.Range(0, SecondRing.MaxTargets).Select(i => Series($"t{i}", page: $"/{i % SecondRing.MaxPages}")).ToArray();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var minute = 0; minute < SecondRing.Seconds / 60; minute++)
        {
            foreach (var series in targets)
            {
                _ring.Add([(series, Now + (60 * minute), 1)], Now + (60 * minute));
            }
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 1_000_000, 16_000_000);
        Assert.Equal(0, _ring.Overflowed);
    }

    private long[] Only(string target) => _ring.Read("shop", new SecondQuery(Target: target), Now, 1, 1).Total;

    private ExposedSeries Series(string target, string page = "", string app = "shop") => Series(_totals, target, page, app);

    private static ExposedSeries Series(CommittedTotals totals, string target, string page = "", string app = "shop")
    {
        var name = new SeriesKey(TotalKind.Interactions, app, "click", target, page).ToText();
        totals.Apply(0, new Total(name, 1));
        return totals.Find(name, TotalKind.Interactions)!;
    }
}
