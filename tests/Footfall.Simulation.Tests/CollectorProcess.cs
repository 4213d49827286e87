using System.Buffers;
using Footfall.Capture;
using Footfall.Expose;
using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Simulation;

/// <summary>One collector, from its start to its end.</summary>
internal sealed class CollectorProcess : ISpoolEvents
{
    private readonly World _world;
    private readonly IInteractionLog _log;
    private readonly Collector _collector;
    private readonly MemoryLogConsumer? _spoolReader;
    private readonly ArrayBufferWriter<byte> _document = new();
    private readonly List<TaskCompletionSource<Answer?>> _requests = [];

    public CollectorProcess(World world, string name, MemoryLog? spool)
    {
        _world = world;
        Process = world.Scheduler.Open(name);
        _spoolReader = spool?.OpenConsumer();
        _log = world.Sabotage.Wrap(spool is null ? world.Log.OpenWriter() : world.Scheduler.Within(Process, () => OpenSpooled(spool)));
        var apps = new AppTable([new App(Interaction.App, [], [])]);
        _collector = new Collector(new InteractionReader(apps, world.Scheduler), _log, new CaptureCounters(apps), world.Scheduler);
    }

    public SimulatedProcess Process { get; }

    /// <summary>It takes no more requests.</summary>
    public bool Stopping { get; private set; }

    /// <summary>Takes a request; null is the answer of one that is gone.</summary>
    public void Take(byte[] body, TaskCompletionSource<Answer?> answer)
    {
        _requests.Add(answer);
        _world.Scheduler.Start(Process, () => TakeAsync(body, answer));
    }

    /// <summary>Gone at once, and its connections with it.</summary>
    public void Crash()
    {
        Process.Kill();
        _spoolReader?.Crash();
        foreach (var request in _requests)
        {
            _world.Answer(request, null);
        }
    }

    /// <summary>Ends its requests and then itself.</summary>
    public void Stop()
    {
        Stopping = true;
        EndWhenIdle();
    }

    /// <summary>The law of conservation, as its /metrics shows it now.</summary>
    public void Check()
    {
        _document.ResetWrittenCount();
        _collector.Counters.Write(new MetricsWriter(_document, MetricsFormat.Text), "0", null);
        decimal received = 0, others = 0;
        foreach (var (name, _, value) in Exposition.Samples(_document.WrittenSpan))
        {
            received += name is "footfall_received_total" ? value : 0;
            others += name is "footfall_accepted_total" or "footfall_rejected_total" or "footfall_bots_total" or "footfall_in_flight" ? value : 0;
        }

        if (received != others)
        {
            throw new BrokenPromiseException(Promise.Conservation, $"{Process.Name} received {received}, and accepted + rejected + bots + in flight are {others}");
        }
    }

    public void Spooling(string reason) => _world.Trace?.Invoke($"{Process.Name} spools: {reason}");

    public void Waiting(string reason, TimeSpan wait) => _world.Trace?.Invoke($"{Process.Name} waits {wait.TotalMilliseconds} ms: {reason}");

    public void Forwarded(TimeSpan after) => _world.Trace?.Invoke($"{Process.Name} has forwarded all");

    private SpooledLog OpenSpooled(MemoryLog spool) => new(
        _world.Log.OpenWriter(),
        new Spool(spool.OpenWriter(), _spoolReader!, StoredRecord.Restore, () => 0),
        prepare: _ => _world.PauseAsync(),
        new SpoolOptions(),
        _world.Scheduler,
        this);

    private async Task TakeAsync(byte[] body, TaskCompletionSource<Answer?> answer)
    {
        var outcome = await _collector.TakeAsync(body, BodyForm.Lines, default);
        _requests.Remove(answer);
        _world.Trace?.Invoke($"{Process.Name} answers {outcome.Refusal?.Name() ?? "202"}");
        _world.Answer(answer, new Answer(outcome.Refusal?.Status() ?? 202, [.. outcome.Rejections.Select(rejection => rejection.Index)]));
        EndWhenIdle();
    }

    private void EndWhenIdle()
    {
        if (Stopping && _requests.Count == 0)
        {
            _world.Scheduler.Start(Process, async () =>
            {
                await _log.DisposeAsync();
                Process.Kill();
            });
        }
    }
}
