using CsCheck;

namespace Footfall.Count;

public sealed class FunnelMeterTests
{
    private const uint Start = 1_000_000_020; // a window of the clock begins

    private static readonly Funnel[] Funnels =
    [
        new("shop", "enroll", ["view", "Enroll Now", "Buy Now"], TimeSpan.FromSeconds(6)),
        new("shop", "short", ["view", "click"], TimeSpan.FromSeconds(2)),
        new("blog", "long", ["view", "page:/a", "page:/b", "end"], TimeSpan.FromSeconds(20)),
    ];

    /// <summary>Seconds between records, funnels, visitors, and steps: most are first ones, and some are several.</summary>
    private static readonly Gen<Step[]> Steps = Gen.OneOf(
        Of(Gen.OneOf<uint>(0, 0, 0, 1, 1, 1, 2, 3, 5, 6, 7, 19, 21, 70), Gen.Int[0, 2], Gen.ULong[1, 3]),
        // One who goes on and on, with hardly a pause of six seconds.
        Of(Gen.OneOf<uint>(0, 1, 1, 2, 2, 3), Gen.Const(0), Gen.Const(1UL)),
        Of(Gen.OneOf<uint>(1, 2, 3, 4, 6), Gen.Const(0), Gen.Const(1UL)));

    [Fact]
    public void Visitor_reaches_each_step_in_order_and_once()
    {
        var meter = new FunnelMeter(Funnels, 10);
        Assert.Equal(-1, meter.Add(0, 1, 0b010, Start, 0));
        Assert.Equal(0, meter.Add(0, 1, 0b001, Start, 1));
        Assert.Equal(-1, meter.Add(0, 1, 0b100, Start, 2));
        Assert.Equal(-1, meter.Add(0, 1, 0b001, Start + 1, 3));
        Assert.Equal(1, meter.Add(0, 1, 0b010, Start + 2, 4));
        Assert.Equal(-1, meter.Add(0, 1, 0b010, Start + 2, 5));
        Assert.Equal(0, meter.Add(0, 2, 0b001, Start + 2, 6));
        Assert.Equal(2, meter.Add(0, 1, 0b100, Start + 6, 7));
        Assert.Equal(2, meter.Known(Start + 6));
    }

    [Fact]
    public void New_attempt_begins_after_the_last_step()
    {
        var meter = new FunnelMeter(Funnels, 10);
        Assert.Equal(0, meter.Add(1, 1, 0b01, Start, 0));
        Assert.Equal(1, meter.Add(1, 1, 0b10, Start, 1));
        Assert.Equal(-1, meter.Add(1, 1, 0b10, Start, 2));
        Assert.Equal(0, meter.Add(1, 1, 0b01, Start, 3));
        Assert.Equal(1, meter.Add(1, 1, 0b10, Start, 4));
    }

    [Fact]
    public void New_attempt_begins_when_the_window_is_over()
    {
        var meter = new FunnelMeter(Funnels, 10);
        Assert.Equal(0, meter.Add(0, 1, 0b001, Start + 1, 0));
        Assert.Equal(1, meter.Add(0, 1, 0b010, Start + 7, 1));
        Assert.Equal(-1, meter.Add(0, 1, 0b001, Start + 7, 2));
        Assert.Equal(-1, meter.Add(0, 1, 0b100, Start + 8, 3));
        Assert.Equal(0, meter.Add(0, 1, 0b001, Start + 8, 4));
    }

    [Fact]
    public void Visitor_who_goes_on_and_on_begins_with_each_window_of_the_clock()
    {
        var meter = new FunnelMeter(Funnels, 10);
        var begun = new List<uint>();
        for (var second = 4u; second < 40; second += 2)
        {
            if (meter.Add(0, 1, 0b001, Start + second, second) == 0)
            {
                begun.Add(second);
            }
        }

        // Windows of the clock begin at 0, 6, 12: the one from 6 is the first that was gone through as a whole.
        Assert.Equal([4, 12, 18, 24, 30, 36], begun);
    }

    [Fact]
    public void One_record_is_at_most_one_step_and_the_first_goes_before()
    {
        var meter = new FunnelMeter(Funnels, 10);
        Assert.Equal(0, meter.Add(0, 1, 0b111, Start, 0));
        Assert.Equal(1, meter.Add(0, 1, 0b111, Start, 1));
        Assert.Equal(2, meter.Add(0, 1, 0b111, Start, 2));
        Assert.Equal(0, meter.Add(0, 1, 0b111, Start, 3));
    }

    [Fact]
    public void Beyond_the_bound_all_are_forgotten_and_counted()
    {
        var meter = new FunnelMeter(Funnels, 2);
        Assert.Equal(0, meter.Add(0, 1, 1, Start, 0));
        Assert.Equal(0, meter.Add(0, 2, 1, Start + 3, 1));
        Assert.Equal(0, meter.Add(0, 3, 1, Start + 7, 2));
        Assert.Equal(2, meter.Known(Start + 7));
        Assert.Equal(-1, meter.Add(0, 4, 1, Start + 8, 3));
        Assert.Equal((3, 4, 0), (meter.Forgotten, meter.From, meter.Known(Start + 8)));
        Assert.Equal(-1, meter.Add(0, 2, 2, Start + 8, 4));
        Assert.Equal(0, meter.Add(0, 2, 1, Start + 8, 5));
    }

    [Fact]
    public void What_is_kept_is_bounded_by_those_who_are_known()
    {
        var meter = new FunnelMeter(Funnels, 1_000);
        for (var i = 0u; i < 200_000; i++)
        {
            Assert.Equal(0, meter.Add(1, 1 + ((ulong)i * 0x9E3779B97F4A7C15), 1, Start + (i / 300), i));
        }

        Assert.Equal(0, meter.Forgotten);
        Assert.InRange(meter.Slots, 1_000, 4_096);
    }

    [Fact]
    public void Steps_reached_are_those_of_a_plain_list() =>
        Steps.Sample(steps =>
        {
            var meter = new FunnelMeter(Funnels, 100);
            var model = new Model();
            foreach (var step in steps)
            {
                Assert.Equal(model.Add(step), Apply(meter, step));
            }
        }, iter: 20_000);

    [Fact]
    public void No_step_is_reached_more_often_than_the_one_before_it() =>
        Steps.Sample(steps =>
        {
            var meter = new FunnelMeter(Funnels, 100);
            var reached = new int[Funnels.Length, 4];
            foreach (var step in steps)
            {
                if (Apply(meter, step) is >= 0 and var place)
                {
                    reached[step.Funnel, place]++;
                    Assert.True(place == 0 || reached[step.Funnel, place] <= reached[step.Funnel, place - 1]);
                }
            }
        }, iter: 5_000);

    [Fact]
    public void Of_a_visitor_who_goes_on_and_on_it_needs_three_windows_of_the_clock_before_this_one()
    {
        Step[] steps = [.. new uint[] { 2, 7, 11, 17, 23, 29, 30 }.Select((second, position) => new Step(0, second == 30 ? 2UL : 1, 1, Start + second, position))];
        var meter = new FunnelMeter(Funnels[..1], 10);
        Array.ForEach(steps, step => Apply(meter, step));
        // With two windows, those from 18 on, the attempt that began at 29 would be one that began at 23.
        Assert.Equal(Start + 12 - 1, meter.NeedsAfter(Start + 30));
        Assert.Equal(1, meter.Add(0, 1, 0b010, Start + 35, 8));

        foreach (var (after, reached) in new[] { (Start + 11, 1), (Start + 17, -1) })
        {
            var rebuilt = new FunnelMeter(Funnels[..1], 10);
            Array.ForEach(steps, step => _ = step.Second > after ? Apply(rebuilt, step) : 0);
            Assert.Equal(reached, rebuilt.Add(0, 1, 0b010, Start + 35, 8));
        }
    }

    [Fact]
    public void Rebuilt_from_the_records_that_it_needs_it_goes_on_in_the_same_way() =>
        Gen.Select(Steps, Gen.Int[0, 60], Gen.Int[1, 8]).Sample((steps, at, maxVisitors) =>
        {
            var original = new FunnelMeter(Funnels, maxVisitors);
            at = Math.Min(at, steps.Length - 1);
            foreach (var step in steps.Take(at + 1))
            {
                Apply(original, step);
            }

            var after = original.NeedsAfter(steps[at].Second);
            var rebuilt = new FunnelMeter(Funnels, maxVisitors);
            rebuilt.Begin(original.From);
            foreach (var step in steps.Take(at + 1).Where(step => step.Second > after && step.Position >= original.From))
            {
                Apply(rebuilt, step);
            }

            Assert.Equal(original.From, rebuilt.From);
            Assert.Equal(original.Known(steps[at].Second), rebuilt.Known(steps[at].Second));
            foreach (var step in steps.Skip(at + 1))
            {
                Assert.Equal(Apply(original, step), Apply(rebuilt, step));
            }
        }, iter: 50_000);

    private static Gen<Step[]> Of(Gen<uint> pauses, Gen<int> funnels, Gen<ulong> visitors) =>
        Gen.Select(pauses, funnels, visitors, Gen.OneOf<uint>(1, 1, 1, 2, 2, 4, 4, 8, 3, 7)).Array[1, 60].Select(steps =>
        {
            var second = Start;
            return steps.Select((step, position) => new Step(step.Item2, step.Item3, step.Item4, second += step.Item1, position)).ToArray();
        });

    private static int Apply(FunnelMeter meter, Step step) => meter.Add(step.Funnel, step.Visitor, step.Steps, step.Second, step.Position);

    private readonly record struct Step(int Funnel, ulong Visitor, uint Steps, uint Second, long Position);

    /// <summary>By docs/count.md, with all that ever was.</summary>
    private sealed class Model
    {
        private readonly Dictionary<(int, ulong), List<long>> _firsts = [];
        private readonly Dictionary<(int, ulong), (long Began, int Next)> _attempts = [];

        public int Add(Step step)
        {
            var (who, window) = ((step.Funnel, step.Visitor), (long)Funnels[step.Funnel].Window.TotalSeconds);
            if (_attempts.TryGetValue(who, out var attempt) && attempt.Began + window < step.Second)
            {
                _attempts.Remove(who);
            }

            var isOpen = _attempts.ContainsKey(who);
            if ((step.Steps & 1) != 0)
            {
                if (!_firsts.TryGetValue(who, out var firsts))
                {
                    _firsts.Add(who, firsts = []);
                }

                var clock = step.Second / window * window;
                var isFirstOfClock = firsts.Count > 0 && firsts[^1] < clock;
                var streak = firsts.Count - 1;
                while (streak > 0 && firsts[streak] - firsts[streak - 1] <= window)
                {
                    streak--;
                }

                var goesOn = firsts.Count > 0 && step.Second - firsts[^1] <= window && firsts[streak] < clock - window;
                firsts.Add(step.Second);
                if (!isOpen || (isFirstOfClock && goesOn))
                {
                    _attempts[who] = (step.Second, 1);
                    return 0;
                }
            }

            if (!isOpen || (step.Steps >> attempt.Next & 1) == 0)
            {
                return -1;
            }

            if (attempt.Next + 1 == Funnels[step.Funnel].Steps.Count)
            {
                _attempts.Remove(who);
            }
            else
            {
                _attempts[who] = attempt with { Next = attempt.Next + 1 };
            }

            return attempt.Next;
        }
    }
}
