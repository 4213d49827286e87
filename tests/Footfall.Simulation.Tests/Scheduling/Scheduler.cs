namespace Footfall.Simulation;

/// <summary>
/// Runs simulated processes in one thread, step by step, in an order that the seed decides, and is their clock: time
/// passes only when nothing can run, or now and then although something can, which is then late.
/// </summary>
internal sealed class Scheduler : TimeProvider
{
    /// <summary>2026-11-24T00:00:00Z.</summary>
    private static readonly DateTimeOffset Beginning = DateTimeOffset.FromUnixTimeSeconds(1_795_478_400);

    private readonly Dice _dice;
    private readonly int _lateness;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly OutsideContext _outside;
    private readonly List<Work> _ready = [];
    private readonly PriorityQueue<(VirtualTimer Timer, int Version), (long Due, long Number)> _timers = new();
    private long _now;
    private long _timersSet;
    private int _processes;
    private string? _escaped;

    /// <param name="dice">What comes next.</param>
    /// <param name="lateness">In how many of a hundred steps time passes although something can run.</param>
    public Scheduler(Dice dice, int lateness)
    {
        _dice = dice;
        _lateness = lateness;
        _outside = new OutsideContext(this);
    }

    /// <summary>Since the beginning.</summary>
    public TimeSpan Now => new(_now);

    public long Steps { get; private set; }

    /// <summary>The process whose step runs.</summary>
    public SimulatedProcess? Current { get; private set; }

    /// <summary>The process whose step ran last.</summary>
    public SimulatedProcess? LastRan { get; private set; }

    /// <summary>What ran, when and where: equal for equal schedules.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    /// <summary>An exception that left a process' code.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Where code ran on another thread, which the seed does not decide; null: nowhere.</summary>
    public string? Escaped => Volatile.Read(ref _escaped);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        Guard();
        return _now;
    }

    public override DateTimeOffset GetUtcNow()
    {
        Guard();
        return Beginning + Now;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Guard();
        var timer = new VirtualTimer(this, Current ?? throw new InvalidOperationException("A timer belongs to a process."), callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public SimulatedProcess Open(string name) => new(this, name, _processes++);

    /// <summary>Makes something that belongs to a process, and may go on in it.</summary>
    public T Within<T>(SimulatedProcess process, Func<T> make)
    {
        var (former, current) = (SynchronizationContext.Current, Current);
        SynchronizationContext.SetSynchronizationContext(process);
        Current = process;
        try
        {
            return make();
        }
        finally
        {
            Current = current;
            SynchronizationContext.SetSynchronizationContext(former);
        }
    }

    /// <summary>Begins something in a process; an exception that leaves it fails the schedule.</summary>
    public void Start(SimulatedProcess process, Func<Task> run) => process.Post(_ => Watch(run), null);

    /// <summary>Lets something happen in a process after a while, unless it is dead by then.</summary>
    public void After(SimulatedProcess process, TimeSpan delay, Action happen) =>
        Set(new VirtualTimer(this, process, _ => process.Post(_ => happen(), null), null), delay);

    /// <summary>Takes the next step.</summary>
    /// <returns>False when nothing is left to happen.</returns>
    public bool Step()
    {
        while (_ready.Count == 0 || (_dice.Percent(_lateness) && NextDue is { } due && due - _now < TimeSpan.TicksPerMillisecond * 50))
        {
            if (!Advance())
            {
                return false;
            }
        }

        var index = _dice.Below(_ready.Count);
        var work = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (work.Owner.Dead)
        {
            return true;
        }

        if (work.Owner.Stalled)
        {
            work.Owner.Held.Add(work);
            return true;
        }

        Run(work);
        return true;
    }

    /// <summary>Adds what a test wants to be equal in equal schedules.</summary>
    public void Mark(long value) => TraceHash = (TraceHash ^ (ulong)value) * 1099511628211;

    /// <summary>From another thread it is dropped: the schedule has failed, and an exception there would end the program.</summary>
    internal void Enqueue(Work work)
    {
        if (IsOnItsThread)
        {
            _ready.Add(work);
        }
    }

    internal void Set(VirtualTimer timer, TimeSpan delay)
    {
        Guard();
        _timers.Enqueue((timer, timer.Version), (_now + Math.Max(0, delay.Ticks), _timersSet++));
    }

    private void Guard()
    {
        if (!IsOnItsThread)
        {
            throw new InvalidOperationException("Simulated code has left its thread.");
        }
    }

    private bool IsOnItsThread
    {
        get
        {
            var isOn = Environment.CurrentManagedThreadId == _thread;
            if (!isOn)
            {
                Interlocked.CompareExchange(ref _escaped, Environment.StackTrace, null);
            }

            return isOn;
        }
    }

    private long? NextDue => _timers.TryPeek(out _, out var priority) ? priority.Due : null;

    private bool Advance()
    {
        if (!_timers.TryPeek(out _, out var next))
        {
            return false;
        }

        _now = Math.Max(_now, next.Due);
        while (_timers.TryPeek(out var entry, out var priority) && priority.Due <= _now)
        {
            _timers.Dequeue();
            if (entry.Version == entry.Timer.Version)
            {
                _ready.Add(new Work(entry.Timer.Owner, VirtualTimer.Fire, entry, Outside: true));
            }
        }

        return true;
    }

    private void Run(Work work)
    {
        Steps++;
        Mark(_now);
        Mark(work.Owner.Number);
        var former = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(work.Outside ? _outside : work.Owner);
        Current = LastRan = work.Owner;
        try
        {
            work.Callback(work.State);
        }
        catch (Exception e)
        {
            Failure ??= e;
        }
        finally
        {
            Current = null;
            SynchronizationContext.SetSynchronizationContext(former);
        }
    }

    private async void Watch(Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (Exception e)
        {
            Failure ??= e;
        }
    }

    /// <summary>No process': what would go on here is to go on in its own, or is lost to the scheduler.</summary>
    private sealed class OutsideContext(Scheduler scheduler) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.CompareExchange(ref scheduler._escaped, Environment.StackTrace, null);
            throw new InvalidOperationException("Simulated code went on outside its process.");
        }
    }
}
