namespace Footfall.Simulation;

/// <summary>
/// What crashes, stalls and goes on as a whole: everything that was awaited by its code goes on through its context,
/// and nothing does once it is dead.
/// </summary>
internal sealed class SimulatedProcess : SynchronizationContext
{
    private readonly Scheduler _scheduler;

    internal SimulatedProcess(Scheduler scheduler, string name, int number)
    {
        _scheduler = scheduler;
        Name = name;
        Number = number;
    }

    public string Name { get; }

    /// <summary>For the trace's hash.</summary>
    public int Number { get; }

    public bool Dead { get; private set; }

    /// <summary>Stopped as by SIGSTOP: what comes for it waits.</summary>
    public bool Stalled { get; private set; }

    public bool Runs => !Dead && !Stalled;

    internal List<Work> Held { get; } = [];

    public void Kill()
    {
        Dead = true;
        Held.Clear();
    }

    public void Stall() => Stalled = true;

    public void Resume()
    {
        Stalled = false;
        foreach (var work in Held)
        {
            _scheduler.Enqueue(work);
        }

        Held.Clear();
    }

    public override void Post(SendOrPostCallback d, object? state) => _scheduler.Enqueue(new Work(this, d, state, Outside: false));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("The simulated code is to wait for nothing.");

    public override SynchronizationContext CreateCopy() => this;
}

/// <summary>Something that can run now.</summary>
/// <param name="Owner">It runs unless its owner is dead, and not while its owner is stalled.</param>
/// <param name="Callback">What.</param>
/// <param name="State">For it.</param>
/// <param name="Outside">
/// A timer's callback, which the runtime would run on any thread: it has no process' context, so that what it completes
/// goes on in a step of its own.
/// </param>
internal readonly record struct Work(SimulatedProcess Owner, SendOrPostCallback Callback, object? State, bool Outside);
