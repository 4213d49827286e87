using CsCheck;

namespace Footfall.Count;

public sealed class ViewMeterTests
{
    private const int Seconds = 60;
    private const int NewFor = 40;
    private const int Ahead = 20;
    private const int Start = 1_000;

    /// <summary>Few views of few numbers, in any order, with silences, retries and clocks that are wrong by more than is allowed for.</summary>
    private static readonly Gen<(int View, int Number, int Step, int Skew)[]> Records = Gen.Select(
        Gen.Int[0, 5],
        Gen.OneOf(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[1, 9], Gen.Const(ViewMeter.MaxNumber + 1)),
        Gen.OneOf(0, 0, 0, 1, 1, 5, 19, 21, 40, 59, 60, 61),
        Gen.OneOf(0, 0, 0, -41, -30, 19, 20, 21, 100)).Array[1, 60];

    [Fact]
    public void Numbers_that_never_came_are_told_when_the_view_is_over()
    {
        var meter = new ViewMeter(10, Seconds);
        Add(meter, 1, Start);
        Add(meter, 4, Start + 1);
        Add(meter, 2, Start + 59);
        Assert.Equal([], Ended(meter, Start + 59));
        Assert.Equal([("shop", 1)], Ended(meter, Start + 60));
        Assert.Equal(0, meter.Count);
    }

    [Fact]
    public void What_comes_after_the_last_that_was_received_is_not_known() => Assert.Equal([("shop", 0)], EndOf(1, 2, 3));

    [Fact]
    public void A_page_whose_first_interactions_never_came_misses_them() => Assert.Equal([("shop", 4)], EndOf(5));

    [Fact]
    public void A_number_that_comes_twice_hides_no_gap() => Assert.Equal([("shop", 2)], EndOf(1, 1, 1, 4, 4));

    [Fact]
    public void What_comes_when_the_view_is_over_is_no_new_view()
    {
        var meter = new ViewMeter(10, Seconds);
        Add(meter, 1, Start);
        Ended(meter, Start + 60);
        for (var second = Start + 60; second < Start + 200; second++)
        {
            // Whatever its page's clock says of it, as long as that is ahead by no more than is allowed for.
            Add(meter, 7, second, began: Start + Ahead, own: Start + Ahead);
        }

        Assert.Equal(0, meter.Count);
    }

    [Theory]
    [InlineData(-NewFor, 0, 0)]
    [InlineData(-NewFor + 1, 0, 1)]
    [InlineData(Ahead, Ahead, 1)]
    [InlineData(Ahead + 1, Ahead + 1, 0)]
    [InlineData(0, Seconds, 1)]
    [InlineData(0, Seconds + 1, 0)]
    [InlineData(0, -Start - 1, 1)]
    public void View_is_new_only_while_it_cannot_have_been_known(int began, int own, int count)
    {
        var meter = new ViewMeter(10, Seconds);
        Assert.Equal(0, Add(meter, 3, Start, Start + began, Start + own));
        Assert.Equal(count, meter.Count);
    }

    [Fact]
    public void Too_many_views_are_forgotten_together_and_none_of_them_is_taken_for_new_again()
    {
        var meter = new ViewMeter(2, Seconds);
        Assert.Equal(0, Add(meter, 1, Start, view: 1));
        Assert.Equal(0, Add(meter, 2, Start, view: 1, began: Start + Ahead));
        // The second one takes a place for itself and one for what is missing in it.
        Assert.Equal(3, Add(meter, 2, Start + 1, view: 2, began: Start + 1));
        Assert.Equal(1, Add(meter, 3, Start + 2, view: 1, began: Start + Ahead));
        Assert.Equal(1, Add(meter, 1, Start + 2, view: 3, began: Start + 1 + Ahead));
        Assert.Equal(0, meter.Count);
        Assert.Equal(0, Add(meter, 1, Start + 2, view: 4, began: Start + 2 + Ahead));
        Assert.Equal(1, meter.Count);
    }

    [Fact]
    public void A_number_that_no_page_can_have_reached_gives_the_view_up()
    {
        var meter = new ViewMeter(10, Seconds);
        Add(meter, 1, Start);
        Add(meter, 3, Start);
        Assert.Equal(3, Add(meter, ViewMeter.MaxNumber + 1, Start));
        Assert.Equal(1, Add(meter, 9, Start));
        Assert.Equal([("shop", 0)], Ended(meter, Start + 60));
    }

    [Fact]
    public void Views_that_no_page_can_have_are_bounded_too()
    {
        var meter = new ViewMeter(100, Seconds);
        for (var view = 1ul; view < 10_000; view++)
        {
            Add(meter, int.MaxValue, Start, view: view);
            Assert.InRange(meter.Count, 0, 100);
        }
    }

    [Fact]
    public void Totals_are_those_of_plain_sets() =>
        Gen.Select(Records, Gen.Int[1, 12]).Sample((records, maxPlaces) =>
        {
            var meter = new ViewMeter(maxPlaces, Seconds);
            var model = new Model(maxPlaces);
            foreach (var (app, view, began, own, number, second) in Timed(records))
            {
                Assert.Equal(model.End(second), Ended(meter, second));
                Assert.Equal(model.Add(app, view, began, own, number, second), meter.Add(app, (UInt128)view, began, own, number, second));
                Assert.Equal(model.Count, meter.Count);
            }
        }, iter: 20_000);

    [Fact]
    public void Meter_is_rebuilt_from_the_records_that_it_names() =>
        Gen.Select(Records, Records, Gen.Int[1, 12], Gen.Int[0, 5]).Sample((records, later, maxPlaces, more) =>
        {
            var all = Timed([.. records, .. later]).ToList();
            var original = new ViewMeter(maxPlaces, Seconds);
            foreach (var record in all.Take(records.Length))
            {
                Ended(original, record.Second);
                Apply(original, record);
            }

            var (recordsAfter, newAfter) = original.Rebuild(all[records.Length - 1].Second);
            var rebuilt = new ViewMeter(maxPlaces, Seconds) { NewAfter = newAfter };
            var from = Math.Max(0, all.FindIndex(record => record.Second > recordsAfter) - more);
            foreach (var record in all[from..records.Length])
            {
                Ended(rebuilt, record.Second);
                Apply(rebuilt, record);
            }

            Assert.Equal(original.Count, rebuilt.Count);
            foreach (var record in all.Skip(records.Length))
            {
                Assert.Equal(Ended(original, record.Second), Ended(rebuilt, record.Second));
                Apply(original, record);
                Apply(rebuilt, record);
                Assert.Equal(original.Count, rebuilt.Count);
                Assert.Equal(original.Rebuild(record.Second).RecordsAfter, rebuilt.Rebuild(record.Second).RecordsAfter);
            }
        }, iter: 20_000);

    [Fact]
    public void Nothing_is_allocated_for_a_view_that_is_known_and_200_bytes_for_one_that_is_new()
    {
        const int Views = 100_000;
        var meter = new ViewMeter(Views, Seconds);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var view = 1; view <= Views; view++)
        {
            Add(meter, 1, Start, view: (ulong)view);
        }

        // Of all that was allocated on the way, garbage included.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300L * Views);

        // A compilation that falls into one pass, or another test's collection, does not fall into each.
        Assert.Contains(0, Enumerable.Range(2, 5).Select(number =>
        {
            var begin = GC.GetAllocatedBytesForCurrentThread();
            for (var view = 1; view <= Views; view++)
            {
                Add(meter, number, Start, view: (ulong)view);
            }

            return GC.GetAllocatedBytesForCurrentThread() - begin;
        }));
    }

    private static List<(string App, int Unseen)> EndOf(params int[] numbers)
    {
        var meter = new ViewMeter(100, Seconds);
        foreach (var number in numbers)
        {
            Add(meter, number, Start);
        }

        return Ended(meter, Start + Seconds);
    }

    private static int Add(ViewMeter meter, int number, int second, long began = Start, long own = Start, ulong view = 1) =>
        meter.Add("shop", view, began, own, number, (uint)second);

    private static void Apply(ViewMeter meter, in Record record) =>
        meter.Add(record.App, (UInt128)record.View, record.Began, record.Own, record.Number, record.Second);

    private static List<(string App, int Unseen)> Ended(ViewMeter meter, long second)
    {
        var ended = new List<(string, int)>();
        while (meter.TryEnd((uint)second, out var app, out var unseen))
        {
            ended.Add((app, unseen));
        }

        return ended;
    }

    /// <summary>Each view of a place begins anew once in a while, with a clock of its own, and has an interaction half of the time since then ago.</summary>
    private static IEnumerable<Record> Timed((int View, int Number, int Step, int Skew)[] records)
    {
        var second = (uint)Start;
        var views = new Dictionary<int, (int Id, uint Began, int Skew)>();
        foreach (var (place, number, step, skew) in records)
        {
            second += (uint)step;
            if (!views.TryGetValue(place, out var view) || number == 1)
            {
                views[place] = view = (view.Id + 10, second, skew);
            }

            var began = view.Began + view.Skew;
            yield return new(place % 2 == 0 ? "shop" : "blog", view.Id + place, began, began + ((second - view.Began) / 2), number, second);
        }
    }

    private readonly record struct Record(string App, int View, long Began, long Own, int Number, uint Second);

    /// <summary>Never forgets what it has known, so that whatever is measured twice is a difference.</summary>
    private sealed class Model(int maxPlaces)
    {
        private readonly List<View> _views = [];
        private long _newAfter;

        public int Count => Open.Count();

        private IEnumerable<View> Open => _views.Where(view => !view.Over);

        public List<(string App, int Unseen)> End(uint second)
        {
            var ended = Open.Where(view => view.First + Seconds <= second).ToList();
            ended.ForEach(view => view.Over = true);
            return [.. ended.Select(view => (view.App, view.Unseen))];
        }

        public int Add(string app, int id, long began, long own, int number, uint second)
        {
            var view = _views.Find(view => view.Id == id);
            if (view is null)
            {
                if (began <= second - (long)NewFor || began > second + (long)Ahead || own - began > Seconds)
                {
                    return 0;
                }

                if (began <= _newAfter)
                {
                    return 1;
                }

                _views.Add(view = new View(app, id, second));
            }
            else if (view.Over)
            {
                return began > second - (long)NewFor && own - began <= Seconds ? 1 : 0;
            }

            var left = 0;
            if (view.GivenUp || number > ViewMeter.MaxNumber)
            {
                left = 1 + view.Numbers.Count;
                view.GivenUp = true;
                view.Numbers.Clear();
            }
            else
            {
                view.Numbers.Add(number);
            }

            if (Open.Sum(open => 1 + open.Stretches) > maxPlaces)
            {
                left += Open.Sum(open => open.Numbers.Count);
                Open.ToList().ForEach(open => open.Over = true);
                _newAfter = second + Ahead;
            }

            return left;
        }

        private sealed class View(string app, int id, uint first)
        {
            public string App => app;

            public int Id => id;

            public uint First => first;

            public bool Over { get; set; }

            public bool GivenUp { get; set; }

            public HashSet<int> Numbers { get; } = [];

            public int Unseen => Missing.Count();

            public int Stretches => Missing.Count(number => Numbers.Contains(number + 1));

            private IEnumerable<int> Missing => Enumerable.Range(1, Numbers.Count == 0 ? 0 : Numbers.Max()).Where(number => !Numbers.Contains(number));
        }
    }
}
