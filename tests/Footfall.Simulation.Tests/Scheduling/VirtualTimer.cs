namespace Footfall.Simulation;

/// <summary>A timer of a process; it fires as a step.</summary>
internal sealed class VirtualTimer(Scheduler scheduler, SimulatedProcess owner, TimerCallback callback, object? state) : ITimer
{
    public SimulatedProcess Owner => owner;

    /// <summary>Rises when the timer is set anew or disposed of: what was set before is void.</summary>
    public int Version { get; private set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (period != Timeout.InfiniteTimeSpan && period != TimeSpan.Zero)
        {
            throw new NotSupportedException("Nothing simulated has needed a timer that repeats.");
        }

        Version++;
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            scheduler.Set(this, dueTime);
        }

        return true;
    }

    public void Dispose() => Version++;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal static void Fire(object? entry)
    {
        var (timer, version) = ((VirtualTimer, int))entry!;
        if (timer.Version == version)
        {
            timer.Run();
        }
    }

    private void Run() => callback(state);
}
