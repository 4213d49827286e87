using Footfall.Count;
using Footfall.Log;
using Footfall.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Expose;

/// <summary>For how long something is so is told since it began, whoever asked and when.</summary>
public sealed class HealthWatchTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(Logged.Time(0));
    private readonly MemoryLog _log;
    private readonly MemoryLogConsumer _consumer;
    private readonly TotalsLease _lease;
    private readonly Exposure _exposure;
    private readonly CountingLoop _loop;
    private readonly HealthWatch _watch;

    public HealthWatchTests()
    {
        _log = new MemoryLog(1, _time);
        _consumer = _log.OpenConsumer();
        _lease = new TotalsLease(null, _time);
        _exposure = new Exposure(new CommittedTotals(["shop"], []), _lease, new ExposeOptions(), _time);
        _loop = new CountingLoop(_consumer, new CountOptions(), _exposure, _time, new SilentEvents());
        _watch = new HealthWatch(_exposure, _loop, collector: null, isKafka: false, "1.2.3", _time);
    }

    [Fact]
    public void A_start_that_nobody_looked_at_took_as_long()
    {
        for (var i = 0; i < 40; i++)
        {
            _time.Advance(HealthWatch.Every);
        }

        var health = _watch.Look();
        Assert.Equal((HealthLevel.Bad, "The metrics service is reading the log for 40 s; its numbers come when it has."), (health.Level, health.Message));
    }

    [Fact]
    public async Task What_was_over_meanwhile_begins_anew()
    {
        await RunAsync(1);
        Assert.Equal(HealthLevel.Ok, _watch.Look().Level);
        _lease.Revoked();
        await RunAsync(1);
        Assert.Equal(HealthLevel.Ok, _watch.Look().Level);
        _lease.Assigned(seen: null);
        await RunAsync(10);
        _lease.Revoked();
        await RunAsync(2);
        Assert.Equal(HealthLevel.Ok, _watch.Look().Level);
        await RunAsync(2);
        Assert.Equal("Prometheus is not shown the totals by this service now.", _watch.Look().Message);
    }

    public ValueTask DisposeAsync()
    {
        _watch.Dispose();
        return _consumer.DisposeAsync();
    }

    private async Task RunAsync(int seconds)
    {
        for (var i = 0; i < 4 * seconds; i++)
        {
            var step = _loop.StepAsync(CancellationToken.None);
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await step;
        }
    }
}
