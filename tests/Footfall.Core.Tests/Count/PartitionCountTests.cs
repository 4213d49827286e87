using System.Text;
using CsCheck;
using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Count;

public sealed class PartitionCountTests
{
    private static readonly SeriesKey BuyNow = new(TotalKind.Interactions, "shop", "click", "Buy Now", "/");

    private static readonly CountOptions Small = new()
    {
        DuplicateWindow = TimeSpan.FromSeconds(5),
        DuplicateWindowIds = 4,
        MaxSeries = 3,
        MaxViews = 5,
        MaxFunnelVisitors = 4,
        Funnels =
        [
            new("shop", "enroll", ["view", "Buy Now", "t4"], TimeSpan.FromSeconds(3)),
            new("shop", "all", ["click", "view"], TimeSpan.FromSeconds(30)),
            new("blog", "enroll", ["view", "click"], TimeSpan.FromSeconds(1)),
        ],
        Pinned = [new("shop", "Buy Now")],
    };

    /// <summary>Repeats, gaps, broken records, silences and page views that lose some, much smaller than life.</summary>
    private static readonly Gen<(long Position, byte[] Value)[]> Records = Gen.Select(
        Gen.Int[0, 9],
        Gen.OneOf(0.0, 0, 0, 0.4, 1, 1, 3, 700, 900, 2000),
        Gen.OneOf(0, 0, 0, 0, 0, 0, 0, 0, 1, 3),
        Gen.OneOf(true, true, true, true, true, true, false)).Array[1, 40].Select(steps =>
        {
            var (position, second) = (0L, 10.0);
            var made = new Dictionary<int, (double Second, string View, int Number)>();
            var views = new Dictionary<int, (string Id, int Number)>();
            var records = new List<(long, byte[])>();
            foreach (var (id, step, gap, readable) in steps)
            {
                second += step;
                position += gap;
                if (!made.TryGetValue(id, out var first))
                {
                    var (view, number) = views.GetValueOrDefault(id % 3, (Logged.Uuid(100 + id, second), 0));
                    views[id % 3] = (view, number + 1 + (id % 2));
                    made.Add(id, first = (second, view, views[id % 3].Number));
                }

                var record = new Logged(Logged.Uuid(id, first.Second), second)
                {
                    View = first.View,
                    Number = first.Number,
                    App = id % 4 == 3 ? "blog" : "shop",
                    Type = id % 3 == 1 ? "view" : "click",
                    Target = id % 5 == 0 ? "Buy Now" : $"t{id}",
                    Visitor = $"v{id % 3}",
                    Value = id % 2 == 0 ? 0.1m * id : null,
                };
                records.Add((position++, readable ? record.ToBytes() : [1, 2, 3]));
            }

            return records.ToArray();
        });

    [Fact]
    public void Repeat_within_window_counts_once()
    {
        var folding = Folding.Of(new CountOptions(), new Logged("1"), new("2", 1), new("1", 2), new("1", 86_402));
        Assert.Equal(2, folding.Of(BuyNow));
        Assert.Equal(2, folding.Of(new SeriesKey(TotalKind.Duplicates, "shop")));
    }

    [Fact]
    public void Same_id_of_another_app_is_another_identity()
    {
        var folding = Folding.Of(new CountOptions(), new Logged("1"), new Logged("1") { App = "blog" }, new Logged("1") { App = "blog" });
        Assert.Equal(1, folding.Of(BuyNow));
        Assert.Equal(1, folding.Of(BuyNow with { App = "blog" }));
        Assert.Equal(0, folding.Of(new SeriesKey(TotalKind.Duplicates, "shop")));
        Assert.Equal(1, folding.Of(new SeriesKey(TotalKind.Duplicates, "blog")));
    }

    [Fact]
    public void App_and_id_cannot_be_shifted_into_each_other()
    {
        var folding = Folding.Of(new CountOptions(), new Logged("bc") { App = "a" }, new Logged("c") { App = "ab" });
        Assert.Equal(2, folding.Sum(TotalKind.Interactions));
    }

    [Fact]
    public void Values_are_summed_exactly_and_repeats_are_not()
    {
        var folding = Folding.Of(
            new CountOptions(),
            [.. Enumerable.Range(0, 10).Select(i => new Logged($"{i}") { Value = 0.1m }), new Logged("1") { Value = 0.1m }, new Logged("x")]);
        Assert.Equal(1.0m, folding.Of(BuyNow with { Kind = TotalKind.Value }));
        Assert.Equal(11, folding.Of(BuyNow));
    }

    [Fact]
    public void Series_without_values_has_no_total_of_them_and_one_with_a_value_of_0_has()
    {
        Assert.DoesNotContain((BuyNow with { Kind = TotalKind.Value }).ToText(), Folding.Of(new CountOptions(), new Logged("1")).Totals);
        Assert.Contains((BuyNow with { Kind = TotalKind.Value }).ToText(), Folding.Of(new CountOptions(), new Logged("1") { Value = 0 }).Totals);
    }

    [Fact]
    public void What_is_beyond_the_cap_counts_as_other_and_pinned_targets_keep_their_name()
    {
        var options = new CountOptions { MaxSeries = 2, Pinned = [new("shop", "Buy Now")] };
        var folding = Folding.Of(
            options,
            new Logged("1") { Target = "a" },
            new Logged("2") { Target = "b" },
            new Logged("3") { Target = "c" },
            new Logged("4") { Target = "d", Value = 2 },
            new Logged("5") { Target = "a" },
            new Logged("6") { Target = "Buy Now", Page = "/1" },
            new Logged("7") { Target = "Buy Now", Page = "/2" },
            new Logged("8") { Target = "Buy Now", App = "blog" });
        Assert.Equal(2, folding.Of(BuyNow with { Target = "a" }));
        Assert.Equal(1, folding.Of(BuyNow with { Target = "b" }));
        var other = new SeriesKey(TotalKind.Interactions, "shop", "(other)", "(other)", "(other)");
        Assert.Equal(2, folding.Of(other));
        Assert.Equal(2, folding.Of(other with { Kind = TotalKind.Value }));
        Assert.Equal(2, folding.Of(BuyNow with { Page = "(other)" }));
        Assert.Equal(1, folding.Of(other with { App = "blog" }));
        Assert.Equal(4, folding.Of(new SeriesKey(TotalKind.Overflowed, "shop")));
        Assert.Equal(1, folding.Of(new SeriesKey(TotalKind.Overflowed, "blog")));
        Assert.Equal(8, folding.Sum(TotalKind.Interactions));
    }

    [Fact]
    public void A_pinned_target_with_a_stranger_s_types_and_pages_makes_few_series_beyond_the_cap()
    {
        var options = new CountOptions { MaxSeries = 2, Pinned = [new("shop", "Buy Now")] };
        var folding = Folding.Of(
            options,
            [.. Enumerable.Range(0, 100).Select(i => new Logged($"{i}") { Target = "Buy Now", Type = $"type-{i}", Page = $"/{i}" })]);
        Assert.Equal(98, folding.Of(BuyNow with { Type = "(other)", Page = "(other)" }));
        Assert.Equal(100, folding.Sum(TotalKind.Interactions));
    }

    [Fact]
    public void What_is_older_than_the_window_is_counted_and_counted_as_late()
    {
        var options = new CountOptions { DuplicateWindow = TimeSpan.FromSeconds(60) };
        var folding = Folding.Of(
            options,
            new Logged(Logged.Uuid(1, 0), 0),
            new Logged(Logged.Uuid(2, 50), 100),
            new Logged(Logged.Uuid(3, 90), 150),
            new Logged(Logged.Uuid(4, -5), 150),
            new Logged("no uuid", 150) { At = -5 },
            new Logged("now", 150));
        Assert.Equal(2, folding.Of(new SeriesKey(TotalKind.Late, "shop")));
        Assert.Equal(6, folding.Of(BuyNow));
    }

    [Fact]
    public void Repeat_that_empties_the_window_itself_is_late()
    {
        var options = new CountOptions { DuplicateWindow = TimeSpan.FromSeconds(60) };
        var folding = Folding.Of(options, new Logged(Logged.Uuid(1, 0), 0.2), new Logged(Logged.Uuid(1, 0), 100));
        Assert.Equal(2, folding.Of(BuyNow));
        Assert.Equal(1, folding.Of(new SeriesKey(TotalKind.Late, "shop")));
    }

    [Fact]
    public void Whatever_was_counted_twice_was_counted_as_late() =>
        Records.Sample(records =>
        {
            var folding = new Folding(Small);
            var identities = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (position, value) in records)
            {
                folding.Partition.Apply(new LoggedRecord(position, value));
                if (LoggedInteraction.TryRead(value, new byte[LoggedInteraction.ScratchBytes], out var read))
                {
                    identities.Add(Convert.ToHexString(read.App) + Convert.ToHexString(read.Id));
                }
            }

            folding.Commit();
            var twice = folding.Sum(TotalKind.Interactions) - identities.Count;
            Assert.InRange(folding.Sum(TotalKind.Late), twice, decimal.MaxValue);
        }, iter: 3_000);

    [Fact]
    public void Records_that_are_no_interaction_and_records_that_are_gone_are_told()
    {
        var folding = new Folding(new CountOptions());
        folding.Partition.Apply(new Logged("1").AtPosition(3));
        folding.Partition.Apply(new LoggedRecord(4, "nonsense"u8.ToArray()));
        folding.Partition.Apply(new Logged("2").AtPosition(7));
        folding.Partition.Apply(new Logged("again").AtPosition(4));
        folding.Commit();
        Assert.Equal(2, folding.Of(BuyNow));
        Assert.Equal(1, folding.Of(new SeriesKey(TotalKind.Unreadable)));
        Assert.Equal(5, folding.Of(new SeriesKey(TotalKind.Missed)));
        Assert.Equal(8, folding.Partition.Position);
    }

    [Fact]
    public void Restarts_anywhere_lead_to_the_same_totals() =>
        Gen.Select(Records, Gen.Int[0, 40].Array[0, 4], Gen.Int[0, 3]).Sample((records, restarts, uncommitted) =>
        {
            var uninterrupted = new Folding(Small);
            foreach (var (position, value) in records)
            {
                uninterrupted.Partition.Apply(new LoggedRecord(position, value));
            }

            uninterrupted.Commit();

            var folding = new Folding(Small);
            var from = 0L;
            foreach (var restart in restarts.Order())
            {
                // Some of the way is committed, some more is only read, and then the process is gone.
                Apply(folding, records, from, restart);
                if (!folding.Partition.Rebuilding || uncommitted % 2 == 0)
                {
                    folding.Commit();
                }

                Apply(folding, records, folding.Partition.Position, restart + uncommitted);
                from = folding.Restart();
            }

            Apply(folding, records, from, long.MaxValue);
            folding.Commit();
            Assert.Equal(uninterrupted.Totals.OrderBy(pair => pair.Key), folding.Totals.OrderBy(pair => pair.Key));
            Assert.Equal(
                uninterrupted.Partition.Visitors.Active("shop", 1800, (uint)Logged.Beginning),
                folding.Partition.Visitors.Active("shop", 1800, (uint)Logged.Beginning));
        }, iter: 3_000);

    [Fact]
    public void Records_taken_together_count_as_one_by_one() =>
        Gen.Select(Records, Gen.Int[1, 40].Array[1, 4]).Sample(
            (records, together) =>
            {
                var (alone, folding) = (new Folding(Small), new Folding(Small));
                foreach (var (position, value) in records)
                {
                    alone.Partition.Apply(new LoggedRecord(position, value));
                }

                var read = records.Select(record => new LoggedRecord(record.Item1, record.Item2)).ToList();
                for (var (start, turn) = (0, 0); start < read.Count; turn++)
                {
                    var count = Math.Min(together[turn % together.Length], read.Count - start);
                    folding.Partition.Apply(read.GetRange(start, count));
                    start += count;
                }

                Assert.Equal(alone.Partition.Received.Moments.OrderBy(pair => pair.Key), folding.Partition.Received.Moments.OrderBy(pair => pair.Key));
                Assert.Equal(alone.Partition.TakeCommit().State.ToArray(), folding.Partition.TakeCommit().State.ToArray());
                alone.Commit();
                folding.Commit();
                Assert.Equal(alone.Totals.OrderBy(pair => pair.Key), folding.Totals.OrderBy(pair => pair.Key));
            },
            iter: 3_000);

    [Fact]
    public void What_a_view_numbered_and_never_came_is_unseen_once_the_view_is_over_by_the_logs_time()
    {
        var view = Logged.Uuid(1, 0);
        var folding = Folding.Of(
            new CountOptions(),
            new Logged("1") { View = view, Number = 1 },
            new Logged("2", 1) { View = view, Number = 5 },
            new Logged("3", 2) { View = view, Number = 2 },
            new Logged("3", 2) { View = view, Number = 2 },
            new Logged("of another app") { App = "blog", View = view, Number = 3 },
            new Logged("none", 1799));
        Assert.Equal(0, folding.Sum(TotalKind.Unseen));
        folding.Partition.Apply(new Logged("time passes", 1802) { App = "blog" }.AtPosition(6));
        folding.Commit();
        Assert.Equal(2, folding.Of(new SeriesKey(TotalKind.Unseen, "shop")));
        Assert.Equal(2, folding.Of(new SeriesKey(TotalKind.Unseen, "blog")));
    }

    [Fact]
    public void What_the_log_lost_is_missed_and_not_unseen()
    {
        var view = Logged.Uuid(1, 0);
        var folding = new Folding(new CountOptions());
        folding.Partition.Apply(new Logged("1") { View = view, Number = 1 }.AtPosition(0));
        folding.Partition.Apply(new Logged("4", 1) { View = view, Number = 4 }.AtPosition(3));
        folding.Partition.Apply(new Logged("later", 2000).AtPosition(4));
        folding.Commit();
        Assert.Equal(2, folding.Of(new SeriesKey(TotalKind.Missed)));
        Assert.Equal(0, folding.Sum(TotalKind.Unseen));
        Assert.Equal(2, folding.Partition.Unmeasured);
    }

    [Theory]
    [InlineData("a page")]
    [InlineData("")]
    public void View_that_does_not_say_when_it_began_is_not_measured(string view)
    {
        var folding = Folding.Of(new CountOptions(), new Logged("1") { View = view, Number = 3 }, new Logged("2", 2000));
        Assert.Equal(2, folding.Of(BuyNow));
        Assert.Equal(0, folding.Sum(TotalKind.Unseen));
        Assert.Equal(0, folding.Partition.Unmeasured);
    }

    [Fact]
    public void View_that_may_have_begun_before_an_earlier_version_s_window_is_not_measured()
    {
        var state = $$"""{"rebuildFrom":7,"second":{{Logged.Beginning}},"horizon":0,"gap":false}""";
        var partition = new PartitionCount(
            0, new Checkpoint(8, System.Text.Encoding.UTF8.GetBytes(state), []), new CountOptions(), new SipHash(1, 2));
        partition.Apply(new Logged("1") { View = Logged.Uuid(1, -5), Number = 3 }.AtPosition(7));
        partition.Apply(new Logged("2", 601) { View = Logged.Uuid(2, 601), Number = 2 }.AtPosition(8));
        partition.Apply(new Logged("3", 4000).AtPosition(9));
        Assert.Contains(new Total("""["unseen","shop"]""", 1), partition.TakeCommit().Totals);
    }

    [Fact]
    public void Written_is_counted_and_duplicates_and_unreadable_and_missed() =>
        Records.Sample(records =>
        {
            var folding = new Folding(Small);
            foreach (var (position, value) in records)
            {
                folding.Partition.Apply(new LoggedRecord(position, value));
                folding.Commit();
                Assert.Equal(
                    position + 1,
                    folding.Sum(TotalKind.Interactions) + folding.Sum(TotalKind.Duplicates)
                    + folding.Sum(TotalKind.Unreadable) + folding.Sum(TotalKind.Missed));
            }
        }, iter: 1_000);

    [Fact]
    public void Each_interaction_counts_once_whatever_is_sent_again() =>
        Gen.Int[0, 12].Array[1, 60].Sample(ids =>
        {
            var folding = Folding.Of(new CountOptions(), ids.Select(id => new Logged($"{id}") { Target = $"t{id % 3}", Value = id }));
            foreach (var target in ids.Distinct().GroupBy(id => id % 3))
            {
                Assert.Equal(target.Count(), folding.Of(BuyNow with { Target = $"t{target.Key}" }));
                Assert.Equal(target.Sum(), folding.Of(BuyNow with { Kind = TotalKind.Value, Target = $"t{target.Key}" }));
            }

            Assert.Equal(ids.Length - ids.Distinct().Count(), folding.Sum(TotalKind.Duplicates));
        }, iter: 500);

    [Fact]
    public void Apps_beyond_the_limit_count_as_other()
    {
        var folding = Folding.Of(
            new CountOptions(),
            Enumerable.Range(0, PartitionCount.MaxApps + 5).Select(i => new Logged("1") { App = $"app{i}" }));
        Assert.Equal(5, folding.Of(BuyNow with { App = "(other)" }));
        Assert.Equal(PartitionCount.MaxApps + 5, folding.Sum(TotalKind.Interactions));
    }

    /// <summary>As a collector writes it, with empty labels told or left out, with an escape, in another order.</summary>
    [Fact]
    public void A_series_is_the_same_however_its_records_spell_it() =>
        Gen.Select(Gen.OneOf("a", "", "\"", "a\",\"target\":\"b", "\\", "é"), Gen.OneOf("b", "", "\",\"page\":\"", "b\",\"page\":\""), Gen.Int[0, 3]).Array[1, 30].Sample(all =>
        {
            var folding = new Folding(new CountOptions());
            for (var i = 0; i < all.Length; i++)
            {
                var (target, page, spelling) = all[i];
                folding.Partition.Apply(new LoggedRecord(i, Spelled($"{i}", target, page, spelling)));
            }

            folding.Commit();
            foreach (var series in all.GroupBy(one => (one.Item1, one.Item2)))
            {
                Assert.Equal(series.Count(), folding.Of(BuyNow with { Target = series.Key.Item1, Page = series.Key.Item2 }));
            }

            Assert.Equal(all.Length, folding.Sum(TotalKind.Interactions));
        }, iter: 1_000);

    [Fact]
    public void Apps_beyond_the_limit_count_as_other_however_their_records_spell_them()
    {
        var folding = new Folding(new CountOptions());
        for (var i = 0; i < 3 * PartitionCount.MaxApps; i++)
        {
            folding.Partition.Apply(new LoggedRecord(i, Spelled("1", "Buy Now", "/", spelling: i % 4, app: $"app{i}")));
        }

        folding.Commit();
        Assert.Equal(2 * PartitionCount.MaxApps, folding.Of(BuyNow with { App = "(other)" }));
    }

    [Theory]
    [InlineData("""{"id":"1","app":"shop","target":"x","type":"click","received":"2026-11-24T00:00:00.000Z"}""", true)]
    [InlineData("""{"id":"1","app":"shop","type" : "click","received":"2026-11-24T00:00:00.000Z"}""", true)]
    [InlineData("""{"id":"1","app":"shop"}""", false)]
    [InlineData("""{"id":"1","app":"sho""", false)]
    [InlineData("""{"id":"1","app":"","type":"click","received":"2026-11-24T00:00:00.000Z"}""", false)]
    public void A_record_that_begins_as_a_collector_s_and_goes_on_otherwise_stops_nothing(string record, bool isRight)
    {
        var folding = new Folding(new CountOptions());
        folding.Partition.Apply(new LoggedRecord(0, Encoding.UTF8.GetBytes(record)));
        folding.Commit();
        Assert.Equal(isRight ? 1 : 0, folding.Sum(TotalKind.Interactions));
        Assert.Equal(isRight ? 0 : 1, folding.Sum(TotalKind.Unreadable));
    }

    [Fact]
    public void Commit_takes_only_what_changed()
    {
        var folding = Folding.Of(new CountOptions(), new Logged("1") { Target = "a" }, new Logged("2") { Target = "b" });
        Assert.False(folding.Partition.Changed);
        folding.Partition.Apply(new Logged("3") { Target = "b" }.AtPosition(2));
        Assert.True(folding.Partition.Changed);
        Assert.Equal(new Total((BuyNow with { Target = "b" }).ToText(), 2), Assert.Single(folding.Partition.TakeCommit().Totals));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("nonsense")]
    public void Foreign_checkpoint_is_not_guessed_at(string state) => Assert.Throws<FormatException>(() => new PartitionCount(
        0, new Checkpoint(5, System.Text.Encoding.UTF8.GetBytes(state), []), new CountOptions(), new SipHash(1, 2)));

    [Fact]
    public void Series_key_is_read_back_as_it_was_written() =>
        Gen.Select(Gen.Enum<TotalKind>(), Capture.Texts.Messy, Capture.Texts.Valid, Capture.Texts.Short).Sample((kind, a, b, c) =>
        {
            var key = new SeriesKey(kind);
            key = kind is TotalKind.Unreadable or TotalKind.Missed ? key : key with { App = c };
            key = key.HasTarget ? key with { Type = b, Target = a, Page = b } : key;
            Assert.Equal(key, SeriesKey.Parse(key.ToText()));
        }, iter: 1_000);

    [Fact]
    public void Series_key_is_this_text_and_unknown_kinds_are_passed_over()
    {
        Assert.Equal("""["interactions","shop","click","Buy Now","/"]""", BuyNow.ToText());
        Assert.Equal("""["announcedValue","shop","click","Buy Now","/"]""", (BuyNow with { Kind = TotalKind.AnnouncedValue }).ToText());
        Assert.Equal("""["duplicates","shop"]""", new SeriesKey(TotalKind.Duplicates, "shop").ToText());
        Assert.Equal("""["missed"]""", new SeriesKey(TotalKind.Missed).ToText());
        Assert.Null(SeriesKey.Parse("""["of a later version","x"]"""));
        Assert.Throws<FormatException>(() => SeriesKey.Parse("[]"));
        Assert.Throws<FormatException>(() => SeriesKey.Parse("{}"));
        Assert.Throws<FormatException>(() => SeriesKey.Parse("x"));
    }

    private static void Apply(Folding folding, (long Position, byte[] Value)[] records, long from, long to)
    {
        foreach (var (position, value) in records)
        {
            if (position >= from && position < to)
            {
                folding.Partition.Apply(new LoggedRecord(position, value));
            }
        }
    }

    private static byte[] Spelled(string id, string target, string page, int spelling, string app = "shop")
    {
        string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        string Label(string name, string text) => spelling == 1 && text.Length == 0 ? "" : $",\"{name}\":\"{Escaped(text)}\"";
        var (start, labels) = ($"{{\"id\":\"{id}\",\"app\":\"{app}\"", (Target: Label("target", target), Page: Label("page", page)));
        const string Times = ",\"received\":\"2026-11-24T00:00:00.000Z\",\"at\":\"2026-11-24T00:00:00.000Z\"}";
        return Encoding.UTF8.GetBytes(spelling switch
        {
            2 => $"{start},\"type\":\"\\u0063lick\"{labels.Target}{labels.Page}{Times}",
            3 => $"{start}{labels.Page}{labels.Target},\"type\":\"click\"{Times}",
            _ => $"{start},\"type\":\"click\"{labels.Target}{labels.Page}{Times}",
        });
    }
}
