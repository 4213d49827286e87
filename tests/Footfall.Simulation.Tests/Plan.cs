using System.Globalization;
using Footfall.Testing;

namespace Footfall.Simulation;

/// <summary>What a fault does. A slot is a place for one process after the other, such as one scrape target.</summary>
internal enum FaultKind
{
    /// <summary>A metrics instance is gone at once; the group notices after a while, a new one starts in its place.</summary>
    CrashMetrics,

    /// <summary>A metrics instance is asked to stop, and a new one starts in its place.</summary>
    StopMetrics,

    /// <summary>All metrics instances and collectors, one after the other, are asked to stop and started again.</summary>
    RollingRestart,

    /// <summary>A metrics instance is stopped as by SIGSTOP, past its session: the group gives its partitions to others.</summary>
    Zombie,

    /// <summary>A metrics instance is stopped for less than its session.</summary>
    StallMetrics,

    /// <summary>The group takes a metrics instance for dead although it lives.</summary>
    Evict,

    /// <summary>A partition is given to another instance.</summary>
    Move,

    /// <summary>A metrics instance does not hear of rebalances for a while.</summary>
    Deaf,

    /// <summary>A collector is gone at once, and a new one starts in its place.</summary>
    CrashCollector,

    /// <summary>A collector takes no more requests, ends those it has, and a new one starts in its place.</summary>
    StopCollector,

    /// <summary>A collector is stopped as by SIGSTOP for a while.</summary>
    StallCollector,

    /// <summary>The log can't be reached for a while.</summary>
    LogAway,

    /// <summary>Whatever the log does takes up to a second and a half for a while.</summary>
    SlowLog,

    /// <summary>Appends wait for a while before they begin.</summary>
    HoldAppends,

    /// <summary>The next append fails, in the way of the fault's <see cref="PlannedFault.How"/>.</summary>
    FailAppend,

    /// <summary>The next commit fails likewise.</summary>
    FailCommit,

    /// <summary>The next read fails.</summary>
    FailRead,

    /// <summary>The next load fails.</summary>
    FailLoad,

    /// <summary>Reads bring one or two records, and totals of others one by one, for a while.</summary>
    SmallReads,

    /// <summary>The log drops what no instance needs any more.</summary>
    Trim,

    /// <summary>Collectors' answers are lost for a while; the clients know nothing.</summary>
    LoseAnswers,

    /// <summary>A client waits much longer than it should before it tries again: a laptop that was closed.</summary>
    Sleep,

    /// <summary>A client is gone with what it has not been answered for: a page that was closed.</summary>
    Leave,

    /// <summary>A metrics instance can't be scraped for a while.</summary>
    Unscraped,

    /// <summary>The next append, commit or read of a collector's spool fails.</summary>
    FailSpool,

    /// <summary>What a metrics instance answers to scrapes gets lost for a while; it believes it served.</summary>
    LoseScrapes,

    /// <summary>Another program writes what is no interaction to the log.</summary>
    Garbage,

    /// <summary>Scrapes take up to nine tenths of their timeout for a while.</summary>
    SlowScrapes,
}

/// <summary>A fault as the plan has it.</summary>
/// <param name="Kind">What.</param>
/// <param name="AtMs">When, since the beginning.</param>
/// <param name="Slot">Which instance, collector, partition or client, modulo their number.</param>
/// <param name="ForMs">For how long; of a crash, how soon the next starts.</param>
/// <param name="NoticedMs">When the group notices that an instance is gone.</param>
/// <param name="How">Of a failing call.</param>
/// <param name="Point">Not at a time, but to whoever is first here after it.</param>
internal sealed record PlannedFault(
    FaultKind Kind, int AtMs, int Slot, int ForMs, int NoticedMs = 0, Fault How = Fault.None, LogPoint? Point = null)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{AtMs / 1000.0:0.000} s {(Point is { } point ? $"at the next {point} " : "")}{Kind} {Slot} for {ForMs} ms{(NoticedMs > 0 ? $", noticed after {NoticedMs} ms" : "")}{(How == Fault.None ? "" : $", {How}")}");
}

/// <summary>An interaction as the plan has it.</summary>
/// <param name="Client">The visitor.</param>
/// <param name="Number">Of the client's.</param>
/// <param name="AtMs">When the visitor does it.</param>
/// <param name="Target">A number that its target is made of.</param>
/// <param name="Page">Likewise; 0: it has no page, as a pinned target's own series.</param>
/// <param name="Value">Its value, if it has one.</param>
/// <param name="Uuid">Whether its id tells its time; <c>at</c> does where not.</param>
/// <param name="Wrong">It has no target: the collector rejects it.</param>
/// <param name="RepeatAtMs">When the client sends it once more although it may have been answered.</param>
/// <param name="View">Which of the client's page views numbers it; 0: none does.</param>
/// <param name="Lost">It is numbered and never sent.</param>
/// <param name="SkewMs">How far the client's clock is ahead.</param>
internal sealed record PlannedInteraction(
    int Client, int Number, int AtMs, int Target, int Page, decimal? Value, bool Uuid, bool Wrong, int? RepeatAtMs, int View, bool Lost, int SkewMs);

/// <summary>A schedule as data: all that the seed decides but the order of steps, so that it can be made smaller.</summary>
internal sealed record Plan(ulong Seed)
{
    /// <summary>
    /// What a schedule is made of. Lost scrapes are not: zero first takes an answer that was written for one that arrived.
    /// </summary>
    private static readonly FaultKind[] Kinds = [.. Enum.GetValues<FaultKind>().Where(kind => kind != FaultKind.LoseScrapes)];

    public int Partitions { get; init; }

    public int Collectors { get; init; }

    public int Instances { get; init; }

    /// <summary>The duplicate window; null: so large that no repeat is outside.</summary>
    public int? WindowIds { get; init; }

    public int? WindowSeconds { get; init; }

    public int MaxSeries { get; init; }

    /// <summary>For how long a page view is measured.</summary>
    public int ViewSeconds { get; init; }

    /// <summary>Page views that are known at a time, and stretches missing in them.</summary>
    public int MaxViews { get; init; }

    /// <summary>Funnels: their names, steps and windows.</summary>
    public IReadOnlyList<(string Name, string[] Steps, int Seconds)> Funnels { get; init; } = [];

    /// <summary>Visitors whose progress in them is known at a time.</summary>
    public int MaxFunnelVisitors { get; init; }

    /// <summary>Whether target 0 is pinned.</summary>
    public bool Pinned { get; init; }

    /// <summary>Whether collectors have a spool.</summary>
    public bool Spool { get; init; }

    /// <summary>Whether a client always sends to the same collector.</summary>
    public bool Sticky { get; init; }

    /// <summary>See <see cref="Scheduler"/>.</summary>
    public int Lateness { get; init; }

    /// <summary>How many of a hundred calls of the log take some milliseconds.</summary>
    public int Latency { get; init; }

    public IReadOnlyList<PlannedInteraction> Interactions { get; init; } = [];

    public IReadOnlyList<PlannedFault> Faults { get; init; } = [];

    /// <summary>
    /// Whether a visitor's interactions keep their order: not where the second may overtake the first, which waits in
    /// the spool of another collector.
    /// </summary>
    public bool KeepsOrder => !Spool || Sticky || Collectors == 1;

    /// <summary>Whether repeats may fall outside the duplicate window.</summary>
    public bool SmallWindow => WindowIds is not null || WindowSeconds is not null;

    public static Plan Make(ulong seed)
    {
        var dice = new Dice(seed);
        var lengthMs = dice.Between(3_000, 12_000);
        var clients = dice.Between(1, 4);
        var small = dice.Percent(30);
        var plan = new Plan(seed)
        {
            Partitions = dice.Between(1, 3),
            Collectors = dice.Between(1, 3),
            Instances = dice.Between(1, 3),
            WindowIds = small && dice.Percent(70) ? dice.Between(3, 12) : null,
            WindowSeconds = small && dice.Percent(50) ? dice.Between(1, 5) : null,
            MaxSeries = dice.Percent(20) ? dice.Between(1, 3) : 100,
            ViewSeconds = dice.Of(3, 9, 30),
            MaxViews = dice.Percent(20) ? dice.Between(1, 4) : 100,
            Funnels = dice.Percent(70) ? [("two", ["T0", "T1"], dice.Of(1, 3, 20)), ("three", ["click", "T2", "T3"], dice.Of(1, 2, 8))] : [],
            MaxFunnelVisitors = dice.Percent(20) ? dice.Between(1, 4) : 100,
            Pinned = dice.Percent(40),
            Spool = dice.Percent(50),
            Sticky = dice.Percent(50),
            Lateness = dice.Of(0, 0, 5, 20),
            Latency = dice.Of(0, 10, 50),
        };
        return plan with
        {
            Interactions = [.. Enumerable.Range(0, clients).SelectMany(client => MakeInteractions(dice, client, lengthMs, plan))],
            Faults = [.. Enumerable.Range(0, dice.Percent(20) ? dice.Between(8, 20) : dice.Between(0, 7)).Select(_ => MakeFault(dice, lengthMs)).OrderBy(fault => fault.AtMs)],
        };
    }

    private static IEnumerable<PlannedInteraction> MakeInteractions(Dice dice, int client, int lengthMs, Plan plan)
    {
        var count = dice.Between(1, 15);
        var isNumbered = dice.Percent(80);
        var view = 1;
        // By a wrong clock late can't be told, so it is wrong only where nothing is late; ahead by no more than a view may be.
        var skewMs = !plan.SmallWindow && dice.Percent(30) ? dice.Between(-plan.ViewSeconds, plan.ViewSeconds / 3) * 1_000 : 0;
        var times = Enumerable.Range(0, count).Select(_ => dice.Below(lengthMs)).Order().ToArray();
        for (var number = 0; number < count; number++)
        {
            view += dice.Percent(20) ? 1 : 0;
            yield return new PlannedInteraction(
                client,
                number,
                times[number],
                Target: dice.Below(4),
                Page: dice.Below(2),
                Value: dice.Percent(40) ? dice.Between(0, 10_000) / 100m : null,
                Uuid: dice.Percent(70),
                Wrong: dice.Percent(3),
                RepeatAtMs: dice.Percent(15) ? times[number] + dice.Below(8_000) : null,
                View: isNumbered ? view : 0,
                Lost: isNumbered && dice.Percent(15),
                SkewMs: skewMs);
        }
    }

    private static PlannedFault MakeFault(Dice dice, int lengthMs)
    {
        var kind = Kinds[dice.Below(Kinds.Length)];
        return new PlannedFault(
            kind,
            AtMs: dice.Below(lengthMs),
            Slot: dice.Below(12),
            ForMs: kind is FaultKind.Zombie or FaultKind.Sleep ? dice.Between(3_000, 9_000) : dice.Between(10, 5_000),
            NoticedMs: kind is FaultKind.CrashMetrics or FaultKind.Zombie ? dice.Between(0, 3_000) : 0,
            How: kind is FaultKind.FailAppend or FaultKind.FailCommit or FaultKind.FailSpool ? dice.Of(Fault.Before, Fault.Midway, Fault.After, Fault.Full) : Fault.None,
            Point: PointOf(dice, kind));
    }

    /// <summary>The worst moments are few and short: half of what can, happens in one of them.</summary>
    private static LogPoint? PointOf(Dice dice, FaultKind kind) => dice.Percent(50) ? null : kind switch
    {
        FaultKind.CrashMetrics or FaultKind.Zombie or FaultKind.StallMetrics or FaultKind.Evict or FaultKind.Move or FaultKind.StopMetrics
            => dice.Of(
                LogPoint.AfterRead, LogPoint.BeforeLoad, LogPoint.AfterLoad, LogPoint.BeforeCommit, LogPoint.WithinCommit, LogPoint.AfterCommit),
        FaultKind.CrashCollector or FaultKind.StopCollector or FaultKind.StallCollector
            => dice.Of(LogPoint.BeforeAppend, LogPoint.WithinAppend, LogPoint.AfterAppend),
        _ => null,
    };

    public override string ToString() => string.Join('\n',
    [
        $"seed {Seed}: {Partitions} partitions, {Collectors} collectors, {Instances} metrics instances, window {WindowIds?.ToString(CultureInfo.InvariantCulture) ?? "all"} ids {WindowSeconds?.ToString(CultureInfo.InvariantCulture) ?? "all"} s, {MaxSeries} series, {MaxViews} views of {ViewSeconds} s{string.Concat(Funnels.Select(funnel => $", funnel {string.Join('>', funnel.Steps)} in {funnel.Seconds} s"))}{(MaxFunnelVisitors < 100 ? $" of {MaxFunnelVisitors}" : "")}{(Pinned ? ", T0 pinned" : "")}{(Spool ? ", spools" : "")}{(Sticky ? ", sticky" : "")}, lateness {Lateness} %, latency {Latency} %",
        .. Interactions.Select(interaction => string.Create(
            CultureInfo.InvariantCulture,
            $"  {interaction.AtMs / 1000.0:0.000} s client {interaction.Client} number {interaction.Number}: T{interaction.Target} /p{interaction.Page}{(interaction.Value is { } value ? $" value {value}" : "")}{(interaction.Uuid ? "" : " no UUID")}{(interaction.Wrong ? " wrong" : "")}{(interaction.View > 0 ? $" view {interaction.View}" : "")}{(interaction.Lost ? " lost" : "")}{(interaction.SkewMs != 0 ? $" skew {interaction.SkewMs} ms" : "")}{(interaction.RepeatAtMs is { } repeat ? $" again at {repeat / 1000.0:0.000} s" : "")}")),
        .. Faults.Select(fault => $"  fault {fault}"),
    ]);
}
