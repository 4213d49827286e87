using System.Globalization;
using System.Text;
using System.Text.Json;
using Footfall.Count;
using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Simulation;

/// <summary>
/// One schedule: clients, collectors, the log, metrics instances and Prometheus in one thread, and the faults of the
/// plan. Every await of the log, the network and the clock is a place where anything can happen.
/// </summary>
internal sealed class World
{
    /// <summary>How long a schedule may go on once nothing fails any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int MaxSteps = 300_000;

    private readonly Plan _plan;
    private readonly SimulatedProcess _process;
    private readonly List<PlannedFault> _waitingFaults = [];
    private readonly List<Action> _heal = [];
    private readonly Judge _judge;
    private int _started;
    private int _away;
    private TimeSpan _slowUntil;
    private TimeSpan _slowScrapesUntil;
    private TimeSpan _scrapesLostUntil;
    private TimeSpan _answersLostUntil;
    private bool _healed;
    private bool _drained;
    private bool _areViewsOver;
    private bool _waitsForViews;

    public World(Plan plan, Sabotage sabotage, Action<string>? trace)
    {
        _plan = plan;
        Sabotage = sabotage;
        Dice = new Dice(plan.Seed ^ 0x5EED5EED);
        Scheduler = new Scheduler(Dice, plan.Lateness);
        Trace = trace is null ? null : text => trace(string.Create(CultureInfo.InvariantCulture, $"{Scheduler.Now.TotalSeconds:0.000} {text}"));
        _process = Scheduler.Open("world");
        Log = new MemoryLog(plan.Partitions, Scheduler) { Lease = TimeSpan.FromSeconds(2), Between = ReachAsync };
        CountOptions = new CountOptions
        {
            DuplicateWindowIds = plan.WindowIds ?? 2_000,
            DuplicateWindow = plan.WindowSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromHours(24),
            MaxSeries = plan.MaxSeries,
            MaxVisitors = 100,
            MaxViews = plan.MaxViews,
            ViewTime = TimeSpan.FromSeconds(plan.ViewSeconds),
            MaxFunnelVisitors = plan.MaxFunnelVisitors,
            Funnels = [.. plan.Funnels.Select(funnel => new Funnel(Interaction.App, funnel.Name, funnel.Steps, TimeSpan.FromSeconds(funnel.Seconds)))],
            Pinned = plan.Pinned ? [new PinnedTarget(Interaction.App, Interaction.TargetOf(0))] : [],
        };
        Spools = plan.Spool ? [.. Enumerable.Range(0, plan.Collectors).Select(_ => new MemoryLog(1, Scheduler) { Between = ReachAsync })] : [];
        Metrics = new MetricsProcess?[plan.Instances];
        Collectors = new CollectorProcess?[plan.Collectors];
        _judge = new Judge(this, plan);
    }

    public Scheduler Scheduler { get; }

    public Dice Dice { get; }

    public MemoryLog Log { get; }

    /// <summary>What is on the disk of each collector's slot; empty where they have no spool.</summary>
    public IReadOnlyList<MemoryLog> Spools { get; }

    public CountOptions CountOptions { get; }

    public Sabotage Sabotage { get; }

    /// <summary>Tells what happens, for people.</summary>
    public Action<string>? Trace { get; }

    /// <summary>What runs in each slot of the metrics service.</summary>
    public MetricsProcess?[] Metrics { get; }

    /// <summary>What runs in each slot of the collector.</summary>
    public CollectorProcess?[] Collectors { get; }

    /// <summary>All that were ever started and may still run.</summary>
    public List<MetricsProcess> AllMetrics { get; } = [];

    /// <summary>Likewise.</summary>
    public List<CollectorProcess> AllCollectors { get; } = [];

    public List<Client> Clients { get; } = [];

    /// <summary>Every interaction that was done, by id.</summary>
    public Dictionary<string, Interaction> Sent { get; } = new(StringComparer.Ordinal);

    /// <summary>How often each kind of fault has struck.</summary>
    public int[] Struck { get; } = new int[Enum.GetValues<FaultKind>().Length];

    /// <summary>How many interactions the page views missed that were measured whole.</summary>
    public int Unseen => _judge.Unseen;

    /// <summary>How often the last step of a funnel was reached.</summary>
    public int Completed => _judge.Completed;

    public Prometheus? Prometheus { get; private set; }

    /// <summary>Runs the schedule to its end.</summary>
    /// <exception cref="BrokenPromiseException">A promise did not hold.</exception>
    public void Run()
    {
        Begin();
        while (!_drained)
        {
            if (!Scheduler.Step() || Scheduler.Steps > MaxSteps)
            {
                throw new BrokenPromiseException(Promise.Recovers, $"nothing moves, or it never ends: {Scheduler.Steps} steps");
            }

            _judge.CheckStep();
        }

        _judge.CheckEnd();
    }

    /// <summary>Lets something happen that is not part of any process that can fail.</summary>
    public void Later(TimeSpan delay, Action happen) => Scheduler.After(_process, delay, happen);

    public TimeSpan ScrapeDelay() => TimeSpan.FromMilliseconds(_slowScrapesUntil > Scheduler.Now ? Dice.Below(450) : Dice.Below(5));

    public bool LosesScrapes => _scrapesLostUntil > Scheduler.Now;

    /// <summary>Sends a request to some collector; null: no answer came.</summary>
    public async Task<Answer?> PostAsync(Client client, byte[] body, TimeSpan timeout)
    {
        var answer = new TaskCompletionSource<Answer?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var slot = _plan.Sticky ? client.Number % Collectors.Length : Dice.Below(Collectors.Length);
        Later(NetworkDelay(), () =>
        {
            if (Collectors[slot] is { Stopping: false, Process.Dead: false } collector)
            {
                Trace?.Invoke($"client {client.Number} sends {body.Length} bytes to {collector.Process.Name}");
                collector.Take(body, answer);
            }
            else
            {
                Answer(answer, null);
            }
        });
        await using var timer = Scheduler.CreateTimer(_ => answer.TrySetResult(null), null, timeout, System.Threading.Timeout.InfiniteTimeSpan);
        return await answer.Task;
    }

    public void Answer(TaskCompletionSource<Answer?> request, Answer? answer)
    {
        if (answer is null || _answersLostUntil <= Scheduler.Now)
        {
            Later(NetworkDelay(), () => request.TrySetResult(answer));
        }
    }

    /// <summary>A place where others may run, and time may pass.</summary>
    public Task PauseAsync(bool always = false)
    {
        if (Scheduler.Current is not { } process)
        {
            return Task.CompletedTask;
        }

        if (_slowUntil > Scheduler.Now)
        {
            return Task.Delay(TimeSpan.FromMilliseconds(Dice.Below(1_500)), Scheduler);
        }

        var chance = Dice.Below(100);
        if (chance < _plan.Latency)
        {
            return Task.Delay(TimeSpan.FromMilliseconds(chance == 0 ? Dice.Below(300) : Dice.Below(15)), Scheduler);
        }

        if (!always && chance >= 80)
        {
            return Task.CompletedTask;
        }

        var pause = new TaskCompletionSource();
        process.Post(_ => pause.SetResult(), null);
        return pause.Task;
    }

    private void Begin()
    {
        for (var slot = 0; slot < Collectors.Length; slot++)
        {
            StartCollector(slot);
        }

        for (var slot = 0; slot < Metrics.Length; slot++)
        {
            StartMetrics(slot);
        }

        Prometheus = new Prometheus(this, Metrics.Length);
        foreach (var client in _plan.Interactions.GroupBy(interaction => interaction.Client))
        {
            Clients.Add(new Client(this, client.Key, client));
        }

        foreach (var fault in _plan.Faults)
        {
            if (fault.Point is null)
            {
                Later(TimeSpan.FromMilliseconds(fault.AtMs), () => Strike(fault, null));
            }
            else
            {
                _waitingFaults.Add(fault);
            }
        }

        var last = _plan.Interactions.Select(interaction => interaction.AtMs).Concat(_plan.Faults.Select(fault => fault.AtMs)).DefaultIfEmpty().Max();
        Later(TimeSpan.FromMilliseconds(last + 1_000), Heal);
    }

    private TimeSpan NetworkDelay() => TimeSpan.FromMilliseconds(Dice.Below(20));

    private void StartMetrics(int slot)
    {
        var instance = new MetricsProcess(this, $"metrics {slot}.{_started++}");
        Metrics[slot] = instance;
        AllMetrics.Add(instance);
        Trace?.Invoke($"{instance.Process.Name} starts");
    }

    private void StartCollector(int slot)
    {
        var collector = new CollectorProcess(this, $"collector {slot}.{_started++}", _plan.Spool ? Spools[slot] : null);
        Collectors[slot] = collector;
        AllCollectors.Add(collector);
    }

    private Task ReachAsync(LogPoint point)
    {
        var process = Scheduler.Current;
        if (process is not null && !_healed)
        {
            var now = Scheduler.Now.TotalMilliseconds;
            while (_waitingFaults.FirstOrDefault(fault => fault.Point == point && fault.AtMs <= now && IsFor(fault, process)) is { } fault)
            {
                _waitingFaults.Remove(fault);
                Strike(fault, process);
            }
        }

        return process is { Dead: true } ? new TaskCompletionSource().Task : PauseAsync(always: point == LogPoint.BeforeRead);
    }

    private bool IsFor(PlannedFault fault, SimulatedProcess process) => fault.Kind is FaultKind.CrashCollector or FaultKind.StopCollector or FaultKind.StallCollector
        ? Array.Exists(Collectors, collector => collector?.Process == process)
        : Array.Exists(Metrics, instance => instance?.Process == process);

    private void Strike(PlannedFault fault, SimulatedProcess? here)
    {
        if (_healed)
        {
            return;
        }

        Struck[(int)fault.Kind]++;
        Trace?.Invoke($"FAULT {fault}");
        var length = TimeSpan.FromMilliseconds(fault.ForMs);
        switch (fault.Kind)
        {
            case FaultKind.RollingRestart:
                RestartAll(length);
                break;
            case FaultKind.CrashCollector or FaultKind.StopCollector or FaultKind.StallCollector:
                StrikeCollector(fault, SlotOf(Collectors, collector => collector?.Process == here, fault.Slot), length);
                break;
            case FaultKind.CrashMetrics or FaultKind.StopMetrics or FaultKind.Zombie or FaultKind.StallMetrics or FaultKind.Evict or FaultKind.Deaf:
                StrikeMetrics(fault, SlotOf(Metrics, instance => instance?.Process == here, fault.Slot), length);
                break;
            case FaultKind.Move:
                Log.Move(fault.Slot % Log.Partitions, Metrics[Dice.Below(Metrics.Length)]?.Consumer);
                break;
            case FaultKind.Sleep or FaultKind.Leave when Clients.Count > 0:
                StrikeClient(fault, Clients[fault.Slot % Clients.Count], length);
                break;
            default:
                StrikeLogOrNetwork(fault, length);
                break;
        }
    }

    private static int SlotOf<T>(T[] slots, Predicate<T> isHere, int otherwise) =>
        Array.FindIndex(slots, isHere) is var here and >= 0 ? here : otherwise % slots.Length;

    private void StrikeMetrics(PlannedFault fault, int slot, TimeSpan length)
    {
        if (Metrics[slot] is not { Process.Dead: false } instance)
        {
            return;
        }

        var noticed = TimeSpan.FromMilliseconds(fault.NoticedMs);
        switch (fault.Kind)
        {
            case FaultKind.CrashMetrics:
                instance.Crash(noticed);
                Replace(slot, instance, length);
                break;
            case FaultKind.StopMetrics:
                instance.Stop();
                Replace(slot, instance, length);
                break;
            case FaultKind.Evict:
                Log.Evict(instance.Consumer);
                break;
            case FaultKind.Deaf:
                instance.Consumer.Deaf = true;
                Until(length, () => instance.Consumer.Deaf = false);
                break;
            case FaultKind.Zombie:
                Stall(instance.Process, length + noticed);
                Later(noticed, () => Log.Evict(instance.Consumer));
                break;
            case FaultKind.StallMetrics:
                Stall(instance.Process, length / 2);
                break;
        }
    }

    private void Replace(int slot, MetricsProcess former, TimeSpan after) => Until(after, () =>
    {
        if (Metrics[slot] == former)
        {
            StartMetrics(slot);
        }
    });

    private void StrikeCollector(PlannedFault fault, int slot, TimeSpan length)
    {
        if (Collectors[slot] is not { Process.Dead: false, Stopping: false } collector)
        {
            return;
        }

        switch (fault.Kind)
        {
            case FaultKind.CrashCollector:
                collector.Crash();
                Replace(slot, collector, length);
                break;
            case FaultKind.StopCollector:
                collector.Stop();
                Replace(slot, collector, length);
                break;
            case FaultKind.StallCollector:
                Stall(collector.Process, length);
                break;
        }
    }

    private void Replace(int slot, CollectorProcess former, TimeSpan after) => Until(after, () => ReplaceWhenGone(slot, former));

    /// <summary>The spool's file is one process'.</summary>
    private void ReplaceWhenGone(int slot, CollectorProcess former)
    {
        if (!former.Process.Dead)
        {
            Later(TimeSpan.FromMilliseconds(50), () => ReplaceWhenGone(slot, former));
        }
        else if (Collectors[slot] == former)
        {
            StartCollector(slot);
        }
    }

    private static void StrikeClient(PlannedFault fault, Client client, TimeSpan length)
    {
        if (fault.Kind == FaultKind.Leave)
        {
            client.Leave();
        }
        else
        {
            client.Sleep(length);
        }
    }

    private void StrikeLogOrNetwork(PlannedFault fault, TimeSpan length)
    {
        var until = Scheduler.Now + length;
        switch (fault.Kind)
        {
            case FaultKind.LogAway:
                _away++;
                Log.Faults.Away = true;
                Until(length, () => Log.Faults.Away = --_away > 0);
                break;
            case FaultKind.SlowLog:
                _slowUntil = until;
                break;
            case FaultKind.HoldAppends:
                var hold = new TaskCompletionSource(); // what waits for it with a cancellation would leave the thread otherwise
                Log.Faults.Hold = hold.Task;
                Until(length, () => hold.TrySetResult());
                break;
            case FaultKind.FailAppend:
                Log.Faults.Appends.Enqueue(fault.How);
                break;
            case FaultKind.FailCommit:
                Log.Faults.Commits.Enqueue(fault.How);
                break;
            case FaultKind.FailRead:
                Log.Faults.Reads.Enqueue(Fault.Before);
                break;
            case FaultKind.FailLoad:
                Log.Faults.Loads.Enqueue(Fault.Before);
                break;
            case FaultKind.SmallReads:
                (Log.Faults.ReadAtMost, Log.Faults.HearAtMost) = (1 + (fault.Slot % 2), 1);
                Until(length, () => (Log.Faults.ReadAtMost, Log.Faults.HearAtMost) = (int.MaxValue, int.MaxValue));
                break;
            case FaultKind.Trim:
                Trim();
                break;
            case FaultKind.LoseAnswers:
                _answersLostUntil = until;
                break;
            case FaultKind.Unscraped:
                Prometheus!.Unscraped(fault.Slot % Metrics.Length, length);
                break;
            case FaultKind.FailSpool when Spools.Count > 0:
                FailSpool(Spools[fault.Slot % Spools.Count].Faults, fault);
                break;
            case FaultKind.LoseScrapes:
                _scrapesLostUntil = until;
                break;
            case FaultKind.Garbage:
                // Not awaited: it lands when it lands.
                _ = Log.OpenWriter().AppendAsync(
                    new[] { new LogRecord(Encoding.UTF8.GetBytes(Interaction.VisitorOf(fault.Slot)), "no interaction"u8.ToArray(), 0, default, "", "") }, CancellationToken.None).AsTask();
                break;
            case FaultKind.SlowScrapes:
                _slowScrapesUntil = until;
                break;
        }
    }

    private static void FailSpool(MemoryFaults faults, PlannedFault fault)
    {
        switch (fault.ForMs % 4)
        {
            case 0:
                faults.Reads.Enqueue(Fault.Before);
                break;
            case 1:
                faults.Commits.Enqueue(fault.How == Fault.Full ? Fault.Before : fault.How);
                break;
            default:
                faults.Appends.Enqueue(fault.How);
                break;
        }
    }

    /// <summary>As retention does after <see cref="ILogConsumer.ReleaseAsync"/>: what the last commit's rebuild needs is kept.</summary>
    private void Trim()
    {
        for (var partition = 0; partition < Log.Partitions; partition++)
        {
            if (Log.Committed(partition) is { Position: not null } checkpoint)
            {
                using var state = JsonDocument.Parse(checkpoint.State);
                Log.Trim(partition, state.RootElement.GetProperty("rebuildFrom").GetInt64());
            }
        }
    }

    private void RestartAll(TimeSpan length)
    {
        for (var slot = 0; slot < Metrics.Length; slot++)
        {
            RestartLater(new PlannedFault(FaultKind.StopMetrics, 0, slot, 200), slot * length / 2);
        }

        for (var slot = 0; slot < Collectors.Length; slot++)
        {
            RestartLater(new PlannedFault(FaultKind.StopCollector, 0, slot, 200), slot * length / 2);
        }
    }

    private void RestartLater(PlannedFault restart, TimeSpan delay) => Later(delay, () => Strike(restart, null));

    private void Stall(SimulatedProcess process, TimeSpan length)
    {
        process.Stall();
        Until(length, process.Resume);
    }

    /// <summary>Ends a fault after its time, or when all faults end.</summary>
    private void Until(TimeSpan length, Action end)
    {
        var ended = false;
        void End()
        {
            if (!ended)
            {
                ended = true;
                end();
            }
        }

        _heal.Add(End);
        Later(length, End);
    }

    /// <summary>From here on nothing fails, and everything has to come right.</summary>
    private void Heal()
    {
        Trace?.Invoke("nothing fails from here on");
        _healed = true;
        foreach (var end in _heal)
        {
            end();
        }

        foreach (var log in Spools.Append(Log))
        {
            log.Faults.Appends.Clear();
            log.Faults.Commits.Clear();
            log.Faults.Reads.Clear();
            log.Faults.Loads.Clear();
        }

        _slowUntil = _slowScrapesUntil = _scrapesLostUntil = _answersLostUntil = default;
        foreach (var client in Clients)
        {
            client.Wake();
        }

        Later(Patience, () => _drained |= !_waitsForViews && !_areViewsOver);
        Look();
    }

    private void Look()
    {
        if (!_waitsForViews && _judge.IsDrained())
        {
            _drained = _areViewsOver;
            _waitsForViews = !_areViewsOver;
            if (_waitsForViews)
            {
                Later(TimeSpan.FromSeconds(_plan.ViewSeconds), EndViews);
            }
        }

        Later(TimeSpan.FromMilliseconds(250), Look);
    }

    /// <summary>The page views are over, and each visitor comes once more: it is the log that tells the time. That has to be counted too.</summary>
    private void EndViews()
    {
        Trace?.Invoke("page views are over");
        (_waitsForViews, _areViewsOver) = (false, true);
        foreach (var number in Clients.Select(client => client.Number).ToList())
        {
            Clients.Add(new Client(this, number, [LastOf(number)], after: int.MaxValue / 2));
        }

        Later(Patience, () => _drained = true);
    }

    private PlannedInteraction LastOf(int client) => new(
        client, Number: 0xFFF, AtMs: (int)Scheduler.Now.TotalMilliseconds + 1, Target: 0, Page: 0, Value: null,
        Uuid: true, Wrong: false, RepeatAtMs: null, View: 0, Lost: false, SkewMs: 0);
}
