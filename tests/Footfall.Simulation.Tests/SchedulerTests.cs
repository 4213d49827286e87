namespace Footfall.Simulation;

/// <summary>The scheduler is one: what the other tests rest on.</summary>
public sealed class SchedulerTests
{
    private readonly Scheduler _scheduler = new(new Dice(1), lateness: 0);

    [Fact]
    public void Time_passes_only_when_nothing_can_run()
    {
        var process = _scheduler.Open("one");
        List<string> seen = [];
        _scheduler.Start(process, async () =>
        {
            await Task.Delay(TimeSpan.FromHours(1), _scheduler);
            seen.Add($"later, at {_scheduler.Now}");
        });
        _scheduler.Start(process, () =>
        {
            seen.Add($"at {_scheduler.Now}");
            return Task.CompletedTask;
        });
        RunAll();

        Assert.Equal(["at 00:00:00", "later, at 01:00:00"], seen);
    }

    [Fact]
    public void A_dead_process_never_goes_on()
    {
        var process = _scheduler.Open("one");
        var wentOn = false;
        _scheduler.Start(process, async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _scheduler);
            wentOn = true;
        });
        _scheduler.Step();
        process.Kill();
        RunAll();

        Assert.False(wentOn);
        Assert.Null(_scheduler.Escaped);
    }

    [Fact]
    public void A_stalled_process_goes_on_when_it_is_resumed()
    {
        var (one, two) = (_scheduler.Open("one"), _scheduler.Open("two"));
        var wentOnAt = TimeSpan.Zero;
        _scheduler.Start(one, async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _scheduler);
            wentOnAt = _scheduler.Now;
        });
        _scheduler.After(two, TimeSpan.FromMilliseconds(500), one.Stall);
        _scheduler.After(two, TimeSpan.FromSeconds(9), one.Resume);
        RunAll();

        Assert.Equal(TimeSpan.FromSeconds(9), wentOnAt);
    }

    [Fact]
    public void An_exception_that_leaves_a_process_is_kept()
    {
        _scheduler.Start(_scheduler.Open("one"), async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _scheduler);
            throw new InvalidDataException("a bug");
        });
        RunAll();

        Assert.Equal("a bug", _scheduler.Failure?.Message);
    }

    [Fact]
    public void Code_that_goes_on_outside_its_process_is_found()
    {
        _scheduler.Start(_scheduler.Open("one"), async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _scheduler).ConfigureAwait(false);
            _scheduler.GetTimestamp();
        });
        RunAll();

        Assert.True(SpinWait.SpinUntil(() => _scheduler.Escaped is not null, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Code_on_another_thread_is_found()
    {
        _scheduler.Start(_scheduler.Open("one"), () => Task.Run(() => _scheduler.GetTimestamp()));
        RunAll();

        Assert.True(SpinWait.SpinUntil(() => _scheduler.Escaped is not null, TimeSpan.FromSeconds(30)));
    }

    private void RunAll()
    {
        while (_scheduler.Step())
        {
        }
    }
}
