using System.Diagnostics;
using System.Globalization;

namespace Footfall.Simulation;

/// <summary>
/// The promises of docs/guarantees.md over as many schedules as fit into a minute; <c>./test simulation 20000</c> runs
/// that many, <c>./test simulation seed=7</c> just that one, with a trace.
/// </summary>
public sealed class SimulationTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Promises_hold_in_every_schedule()
    {
        if (Setting("SEED") is { } seed)
        {
            Replay(seed);
            return;
        }

        var count = Setting("SCHEDULES");
        var clock = Stopwatch.StartNew();
        var runner = new Runner(() => Sabotage.None);
        runner.Run(first: 1, number => count is { } most ? (ulong)number < most : clock.Elapsed < Minute);
        Console.WriteLine($"   {runner.Summary(clock.Elapsed)}");
        if (runner.Failure is { } failure)
        {
            Assert.Fail(Tell(failure.Seed, failure.Broken, Sabotage.None));
        }
    }

    [Fact]
    public void Totals_committed_before_their_offsets_are_found() => AssertFound(() => new TotalsBeforeOffsets(), Promise.Conservation);

    [Fact]
    public void A_window_forgotten_at_a_rebalance_is_found() => AssertFound(() => new WindowForgotten(), Promise.NothingTwice);

    [Fact]
    public void Page_views_forgotten_at_a_rebalance_are_found() => AssertFound(() => new WindowForgotten(), Promise.UnseenIsTold);

    [Fact]
    public void Progress_in_funnels_forgotten_at_a_rebalance_is_found() => AssertFound(() => new WindowForgotten(), Promise.FunnelsAreRight);

    [Fact]
    public void An_answer_of_202_before_the_append_is_found() => AssertFound(() => new AcceptedBeforeAppend(), Promise.NothingLost);

    [Fact]
    public void The_same_seed_gives_the_same_schedule()
    {
        for (var seed = 1ul; seed <= 20; seed++)
        {
            var one = Schedule.Run(Plan.Make(seed), Sabotage.None);
            var two = Schedule.Run(Plan.Make(seed), Sabotage.None);
            Assert.Equal((one.Steps, one.TraceHash), (two.Steps, two.TraceHash));
        }
    }

    private static void AssertFound(Func<Sabotage> sabotage, Promise promise)
    {
        var clock = Stopwatch.StartNew();
        var runner = new Runner(sabotage, promise);
        runner.Run(first: 1, _ => clock.Elapsed < Minute);
        Console.WriteLine($"   {runner.Schedules} schedules until it was found, {clock.Elapsed.TotalSeconds:0.00} s: {runner.Failure?.Broken.Message}");
        Assert.NotNull(runner.Failure);
    }

    private static void Replay(ulong seed)
    {
        var plan = Plan.Make(seed);
        Console.WriteLine(plan);
        if (Schedule.Run(plan, Sabotage.None, Console.WriteLine).Broken is { } broken)
        {
            Assert.Fail(Tell(seed, broken, Sabotage.None));
        }
    }

    private static string Tell(ulong seed, BrokenPromiseException broken, Sabotage sabotage)
    {
        var small = Shrinker.Shrink(Plan.Make(seed), broken.Promise, sabotage);
        var trace = new List<string>();
        Schedule.Run(small, sabotage, trace.Add);
        return $"{broken.Message}\n\nRun it again: ./test simulation seed={seed}\n\nMade smaller, {small}\n\n{string.Join('\n', trace)}";
    }

    private static ulong? Setting(string name) =>
        Environment.GetEnvironmentVariable("FOOTFALL_SIMULATION_" + name) is { Length: > 0 } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;
}
