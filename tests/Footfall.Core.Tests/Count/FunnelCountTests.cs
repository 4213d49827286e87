using System.Text;
using CsCheck;
using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Count;

/// <summary>Funnels as a partition's totals have them.</summary>
public sealed class FunnelCountTests
{
    private static readonly CountOptions Options = new() { Funnels = [Funnel.Enroll("shop")] };

    /// <summary>Many repeats in a window that is far shorter than what funnels need, and visitors who go on and on.</summary>
    private static readonly CountOptions Short = new()
    {
        DuplicateWindow = TimeSpan.FromSeconds(4),
        DuplicateWindowIds = 6,
        ViewTime = TimeSpan.FromSeconds(3),
        Funnels =
        [
            new("shop", "two", ["view", "Buy Now"], TimeSpan.FromSeconds(2)),
            new("shop", "three", ["view", "Enroll Now", "Buy Now"], TimeSpan.FromSeconds(5)),
        ],
    };

    /// <summary>A window that is longer than what funnels need: what came before may come again within that.</summary>
    private static readonly CountOptions Long = Short with
    {
        DuplicateWindow = TimeSpan.FromDays(1),
        DuplicateWindowIds = 40,
        Funnels =
        [
            new("shop", "two", ["view", "Buy Now"], TimeSpan.FromSeconds(600)),
            new("shop", "three", ["view", "Enroll Now", "Buy Now"], TimeSpan.FromSeconds(1500)),
        ],
    };

    private static Gen<LoggedRecord[]> Records(bool isLong) => Gen.Select(
        Gen.OneOf(0, 0, 0, 0.3, 0.5, 1, 1, 2, 3, 12),
        Gen.Int[0, 14],
        Gen.Int[0, 9]).Array[1, 120].Select(steps =>
        {
            var second = 3.0;
            var ids = new List<string>();
            return steps.Select((step, position) =>
            {
                second += step.Item1 * (isLong ? 125 : 1);
                // Either one in ten comes again and again, and of the others what came just before, or what did so at the window's other end.
                var again = position - 30 - (step.Item2 % 10);
                ids.Add(isLong
                    ? step.Item3 < 4 && again >= 0 ? ids[again] : $"{position}"
                    : $"{(step.Item3 == 0 ? step.Item2 : 100 + (position / 2))}");
                return new Logged(ids[position], second)
                {
                    Type = step.Item2 % 3 == 0 ? "view" : "click",
                    Target = step.Item2 % 3 == 0 ? "" : step.Item2 % 3 == 1 ? "Enroll Now" : "Buy Now",
                    Visitor = $"v{step.Item2 / 10}",
                }.AtPosition(position);
            }).ToArray();
        });

    [Fact]
    public void Visitors_are_counted_at_each_step_by_app_and_funnel()
    {
        var folding = Folding.Of(
            Options,
            View("1", "ann"),
            View("2", "ben"),
            View("3", ""),
            Click("4", "ann", "Enroll Now", 10),
            Click("5", "ben", "Buy Now", 20),
            Click("6", "ann", "Buy Now", 30),
            View("7", "ann", 40) with { App = "blog" });
        Assert.Equal([2, 1, 1], Steps(folding));
    }

    [Fact]
    public void Repeat_is_no_step()
    {
        var folding = Folding.Of(
            Options, View("1", "ann"), Click("2", "ann", "Enroll Now", 1), Click("3", "ann", "Buy Now", 2), View("1", "ann", 3), View("4", "ann", 4));
        Assert.Equal([2, 1, 1], Steps(folding));
    }

    [Fact]
    public void Interrupted_attempt_goes_on_after_a_restart_and_is_not_counted_again()
    {
        var folding = new Folding(Options);
        Apply(folding, View("1", "ann").AtPosition(0), View("2", "ann", 1).AtPosition(1), Click("3", "ann", "Enroll Now", 2).AtPosition(2));
        folding.Commit();
        Assert.Equal(0, folding.Restart());
        LoggedRecord[] all =
        [
            View("1", "ann").AtPosition(0), View("2", "ann", 1).AtPosition(1), Click("3", "ann", "Enroll Now", 2).AtPosition(2),
            View("4", "ann", 3).AtPosition(3), Click("5", "ann", "Buy Now", 1800).AtPosition(4),
        ];
        Apply(folding, all);
        folding.Commit();
        Assert.Equal([1, 1, 1], Steps(folding));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Restarts_anywhere_lead_to_the_same_steps(bool isLong) =>
        Gen.Select(Records(isLong), Gen.Int[0, 120].Array[1, 4], Gen.Int[0, 3]).Sample((records, restarts, uncommitted) =>
        {
            var options = isLong ? Long : Short;
            var uninterrupted = new Folding(options);
            Apply(uninterrupted, records);
            uninterrupted.Commit();
            var folding = new Folding(options);
            var from = 0L;
            foreach (var restart in restarts.Order())
            {
                Apply(folding, [.. records.Skip((int)from).TakeWhile(record => record.Position < restart)]);
                folding.Commit();
                Apply(folding, [.. records.Skip((int)folding.Partition.Position).Take(uncommitted)]);
                from = folding.Restart();
            }

            Apply(folding, [.. records.Skip((int)from)]);
            folding.Commit();
            Assert.Equal(uninterrupted.Totals.OrderBy(pair => pair.Key), folding.Totals.OrderBy(pair => pair.Key));
        }, iter: 5_000);

    [Fact]
    public void What_only_funnels_would_need_may_be_gone_from_the_log()
    {
        var options = new CountOptions { Funnels = [Funnel.Enroll("shop")], DuplicateWindow = TimeSpan.FromMinutes(1), ViewTime = TimeSpan.FromMinutes(1) };
        var folding = new Folding(options);
        for (var minute = 0; minute < 300; minute++)
        {
            folding.Partition.Apply(View($"{minute}", $"v{minute % 40}", minute * 60).AtPosition(minute));
        }

        folding.Commit();
        // Three half hours of the clock before this one, and the window at the first record of them.
        Assert.Equal(179, folding.Restart());
        var late = folding.Sum(TotalKind.Late);
        for (var minute = 270; minute < 301; minute++)
        {
            folding.Partition.Apply(View($"{minute}", $"v{minute % 40}", minute * 60).AtPosition(minute));
        }

        folding.Commit();
        Assert.Equal(late, folding.Sum(TotalKind.Late));
        Assert.Equal(301, folding.Sum(TotalKind.Interactions));
        Assert.Equal(0, folding.Sum(TotalKind.Missed));
        Assert.Equal(0, folding.Sum(TotalKind.Duplicates));
    }

    [Fact]
    public void Checkpoint_of_an_earlier_version_begins_all_attempts_anew_and_keeps_what_was_counted()
    {
        var state = $$"""{"rebuildFrom":0,"second":{{Logged.Beginning}},"horizon":0,"gap":false,"viewsAfter":0}""";
        Total[] totals = [new("""["funnel","shop","enroll","view"]""", 7), new("""["funnel","shop","once","view"]""", 3)];
        var partition = new PartitionCount(0, new Checkpoint(2, Encoding.UTF8.GetBytes(state), totals), Options, new SipHash(1, 2));
        partition.Apply(View("1", "ann").AtPosition(0));
        partition.Apply(View("2", "ben").AtPosition(1));
        partition.Apply(Click("3", "ann", "Enroll Now", 1).AtPosition(2));
        partition.Apply(View("4", "ann", 2).AtPosition(3));
        var changes = partition.TakeCommit().Totals.Where(total => total.Series.StartsWith("[\"funnel\"", StringComparison.Ordinal));
        Assert.Equal([new Total("""["funnel","shop","enroll","view"]""", 8)], changes);
    }

    [Fact]
    public void Changed_funnel_begins_all_attempts_anew()
    {
        var before = new PartitionCount(0, Checkpoint.None, Options, new SipHash(1, 2));
        LoggedRecord[] records = [View("1", "ann").AtPosition(0), Click("2", "ann", "Enroll Now", 1).AtPosition(1), Click("3", "ann", "Buy Now", 2).AtPosition(2)];
        before.Apply(records[0]);
        var commit = before.TakeCommit();
        foreach (var (funnel, expected) in new[] { (new Funnel("shop", "enroll", ["view", "Enroll Now"], TimeSpan.FromMinutes(30)), 0), (Funnel.Enroll("shop"), 2) })
        {
            var after = new PartitionCount(
                0, new Checkpoint(commit.Position, commit.State, commit.Totals), Options with { Funnels = [funnel] }, new SipHash(1, 2));
            Array.ForEach(records, record => after.Apply(record));
            Assert.Equal(expected, after.TakeCommit().Totals.Count(total => total.Series.StartsWith("[\"funnel\"", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Too_many_visitors_are_forgotten_and_told_and_a_restart_forgets_the_same()
    {
        var options = Options with { MaxFunnelVisitors = 2 };
        LoggedRecord[] records =
        [
            View("1", "ann").AtPosition(0), View("2", "ben", 1).AtPosition(1), View("3", "cem", 2).AtPosition(2),
            Click("4", "ann", "Enroll Now", 3).AtPosition(3), View("5", "cem", 4).AtPosition(4), Click("6", "cem", "Enroll Now", 5).AtPosition(5),
        ];
        var folding = new Folding(options);
        Apply(folding, records[..5]);
        folding.Commit();
        Assert.Equal(3, folding.Partition.FunnelVisitorsForgotten);
        folding.Restart();
        Apply(folding, records);
        folding.Commit();
        Assert.Equal(0, folding.Partition.FunnelVisitorsForgotten);
        Assert.Equal([3, 1, 0], Steps(folding));
    }

    [Fact]
    public void Where_records_are_lost_progress_is_forgotten()
    {
        var folding = new Folding(Options);
        Apply(folding, View("1", "ann").AtPosition(0), Click("2", "ann", "Enroll Now", 1).AtPosition(5), View("3", "ann", 2).AtPosition(6));
        folding.Commit();
        Assert.Equal([2, 0, 0], Steps(folding));
        Assert.Equal(1, folding.Partition.FunnelVisitorsForgotten);
    }

    private static Logged View(string id, string visitor, double second = 0) => new(id, second) { Type = "view", Target = "", Visitor = visitor };

    private static Logged Click(string id, string visitor, string target, double second) => new(id, second) { Target = target, Visitor = visitor };

    private static decimal[] Steps(Folding folding) =>
        [.. Options.Funnels[0].Steps.Select(step => folding.Of(SeriesKey.OfFunnel("shop", "enroll", step.Name)))];

    private static void Apply(Folding folding, params LoggedRecord[] records) => Array.ForEach(records, record => folding.Partition.Apply(record));
}
