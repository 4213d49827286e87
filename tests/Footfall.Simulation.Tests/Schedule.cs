namespace Footfall.Simulation;

/// <summary>How a schedule ended.</summary>
/// <param name="Broken">The promise that did not hold; null: all did.</param>
/// <param name="Steps">How many there were.</param>
/// <param name="TraceHash">Equal for equal schedules.</param>
/// <param name="Struck">How often each kind of fault struck.</param>
/// <param name="Unseen">How many interactions the page views missed that were measured whole.</param>
/// <param name="Completed">How often the last step of a funnel was reached.</param>
internal sealed record Schedule(BrokenPromiseException? Broken, long Steps, ulong TraceHash, IReadOnlyList<int> Struck, int Unseen, int Completed)
{
    public static Schedule Run(Plan plan, Sabotage sabotage, Action<string>? trace = null)
    {
        var world = new World(plan, sabotage, trace);
        BrokenPromiseException? broken = null;
        try
        {
            world.Run();
        }
        catch (BrokenPromiseException e)
        {
            broken = e;
            trace?.Invoke($"BROKEN {e.Message}");
        }

        return new Schedule(broken, world.Scheduler.Steps, world.Scheduler.TraceHash, world.Struck, world.Unseen, world.Completed);
    }
}
