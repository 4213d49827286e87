using System.Buffers;
using Footfall.Count;
using Footfall.Expose;
using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Simulation;

/// <summary>One instance of the metrics service, from its start to its end.</summary>
internal sealed class MetricsProcess : ICountingEvents
{
    private readonly World _world;
    private Action _cancel = () => { };

    public MetricsProcess(World world, string name)
    {
        _world = world;
        Process = world.Scheduler.Open(name);
        Consumer = world.Log.OpenConsumer();
        var options = world.CountOptions;
        Exposure = new Exposure(
            new CommittedTotals([Interaction.App], options.Pinned, options.Funnels), new TotalsLease(Consumer.Lease, world.Scheduler), new ExposeOptions(), world.Scheduler);
        var loop = new CountingLoop(world.Sabotage.Wrap(Consumer), options, Exposure, world.Scheduler, this);
        world.Scheduler.Start(Process, () => RunAsync(loop));
    }

    public SimulatedProcess Process { get; }

    public MemoryLogConsumer Consumer { get; }

    public Exposure Exposure { get; }

    /// <summary>The snapshot that was checked last, and whether it was shown then.</summary>
    public (Snapshot? Snapshot, bool Shown) Checked { get; set; }

    /// <summary>Gone at once; the group notices later.</summary>
    public void Crash(TimeSpan noticed)
    {
        Process.Kill();
        _world.Later(noticed, Consumer.Crash);
    }

    /// <summary>Commits what it has, leaves the group, and ends.</summary>
    public void Stop() => Process.Post(_ => _cancel(), null);

    /// <summary>As <c>MetricsEndpoints</c> answers a scrape.</summary>
    public void Serve(Func<bool> aborted, Action<byte[]> answer) => _world.Scheduler.Start(Process, async () =>
    {
        var showTotals = Exposure.Lease.Holds;
        var snapshot = Exposure.Current;
        var document = new ArrayBufferWriter<byte>(1024);
        MetricsDocument.Write(new MetricsWriter(document, MetricsFormat.Text), snapshot, Exposure, showTotals, "0");
        await _world.PauseAsync();
        if (!aborted())
        {
            answer(document.WrittenSpan.ToArray());
            if (showTotals)
            {
                Exposure.Served(snapshot);
            }
        }
    });

    public void Loaded(int partition, long rebuildFrom, long countFrom) =>
        _world.Trace?.Invoke($"{Process.Name} loaded {partition}, reads from {rebuildFrom}, counts from {countFrom}");

    public void Counting(int partition, long position) => _world.Trace?.Invoke($"{Process.Name} counts {partition} from {position}");

    public void Assigned(IReadOnlyList<int> partitions) => _world.Trace?.Invoke($"{Process.Name} has {string.Join(", ", partitions)}");

    public void Revoked(int partition) => _world.Trace?.Invoke($"{Process.Name} lost {partition}");

    public void CommitFailed(CommitResult result, string? reason, TimeSpan failing) =>
        _world.Trace?.Invoke($"{Process.Name} could not commit for {failing.TotalMilliseconds} ms: {result}");

    public void CommitsAgain(TimeSpan after) => _world.Trace?.Invoke($"{Process.Name} commits again after {after.TotalMilliseconds} ms");

    public void NotCommitted(string? reason) => _world.Trace?.Invoke($"{Process.Name} could not commit at its end");

    public void LogUnavailable(LogException cause, TimeSpan wait) => _world.Trace?.Invoke($"{Process.Name} waits {wait.TotalMilliseconds} ms: {cause.Message}");

    public void NotReleased(LogException cause) => _world.Trace?.Invoke($"{Process.Name} released nothing: {cause.Message}");

    private async Task RunAsync(CountingLoop loop)
    {
        using var stop = new CancellationTokenSource();
        _cancel = stop.Cancel;
        await loop.RunAsync(stop.Token);
        await Consumer.DisposeAsync();
        _world.Trace?.Invoke($"{Process.Name} has ended");
        Process.Kill();
    }
}
