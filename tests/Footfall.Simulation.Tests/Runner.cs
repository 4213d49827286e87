using System.Globalization;

namespace Footfall.Simulation;

/// <summary>Runs schedule after schedule, one a thread at a time, until enough have run or one has failed.</summary>
/// <param name="sabotage">The bug put in.</param>
/// <param name="looksFor">What ends the run when it is broken; null: whatever is.</param>
internal sealed class Runner(Func<Sabotage> sabotage, Promise? looksFor = null)
{
    private readonly Lock _lock = new();
    private readonly long[] _struck = new long[Enum.GetValues<FaultKind>().Length];
    private long _next;
    private volatile bool _failed;

    public long Schedules { get; private set; }

    public long Steps { get; private set; }

    public long Unseen { get; private set; }

    public long Completed { get; private set; }

    /// <summary>The schedule that broke a promise, the one with the lowest seed where there are several.</summary>
    public (ulong Seed, BrokenPromiseException Broken)? Failure { get; private set; }

    /// <param name="first">The first seed; the others follow it.</param>
    /// <param name="goOn">Asked before each schedule, with the number of those before it.</param>
    public void Run(ulong first, Func<long, bool> goOn)
    {
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() => RunSome(first, goOn))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
    }

    public string Summary(TimeSpan took) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Schedules} schedules, {Steps} steps, {Unseen} unseen, {Completed} funnels to their end in {took.TotalSeconds:0.0} s; faults: {string.Join(", ", Enum.GetValues<FaultKind>().Where(kind => _struck[(int)kind] > 0).Select(kind => $"{kind} {_struck[(int)kind]}"))}");

    private void RunSome(ulong first, Func<long, bool> goOn)
    {
        while (!_failed && Interlocked.Increment(ref _next) - 1 is var number && goOn(number))
        {
            var seed = first + (ulong)number;
            var schedule = Schedule.Run(Plan.Make(seed), sabotage());
            lock (_lock)
            {
                Add(schedule);
                if (schedule.Broken is { } broken && (looksFor ?? broken.Promise) == broken.Promise)
                {
                    _failed = true;
                    Failure = Failure is { } other && other.Seed < seed ? other : (seed, broken);
                }
            }
        }
    }

    private void Add(Schedule schedule)
    {
        Schedules++;
        Steps += schedule.Steps;
        Unseen += schedule.Unseen;
        Completed += schedule.Completed;
        for (var kind = 0; kind < _struck.Length; kind++)
        {
            _struck[kind] += schedule.Struck[kind];
        }
    }
}
