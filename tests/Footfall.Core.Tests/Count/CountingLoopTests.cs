using Footfall.Expose;
using Footfall.Log;
using Footfall.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Count;

/// <summary>The loop over the log in memory, step by step.</summary>
public sealed class CountingLoopTests : IAsyncDisposable
{
    private static readonly SeriesKey BuyNow = new(TotalKind.Interactions, "shop", "click", "Buy Now", "/");

    private readonly FakeTimeProvider _time = new(Logged.Time(0));
    private readonly List<Instance> _instances = [];
    private int _sent;

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.Consumer.DisposeAsync();
        }
    }

    [Fact]
    public async Task What_was_sent_is_committed_and_shown_after_a_step()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        await Send(log, 3);
        await one.Step();
        Assert.Equal(3, one.Shown(BuyNow));
        Assert.Equal(3, log.Committed(0).Position);
        Assert.Equal(3, Status(one).Counted);
        Assert.Equal(0, Status(one).Lag);
        Assert.Equal([(0, 0L, 0L)], one.Events.Loads);
    }

    [Fact]
    public async Task What_many_series_take_is_of_the_oldest_generation_before_it_is_ready()
    {
        const int Series = 10_000;
        var one = new Instance(new MemoryLog(1, _time), _time, null);
        for (var number = 0; number < Series; number++)
        {
            one.Exposure.Totals.Apply(0, new Total((BuyNow with { Page = $"/{number}" }).ToText(), 1));
        }

        while (!one.Loop.Ready)
        {
            await one.Step();
        }

        Assert.InRange(one.Exposure.Current.Series.Count, Series, int.MaxValue);
        Assert.Equal(GC.MaxGeneration, GC.GetGeneration(one.Exposure.Current.Series));
    }

    [Fact]
    public async Task Repeat_is_told_and_not_counted()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        await log.OpenWriter().AppendAsync(new[] { new Logged("same").ToRecord(), new Logged("same").ToRecord() }, default);
        await one.Step();
        Assert.Equal(1, one.Shown(BuyNow));
        Assert.Equal(1, Status(one).Duplicates);
        Assert.Equal(2, Status(one).Written);
    }

    [Fact]
    public async Task First_change_after_a_pause_is_committed_at_once_and_the_next_after_the_interval()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Send(log, 1);
        await one.Step();
        Assert.Equal(1, log.Committed(0).Position);
        for (var i = 0; i < 4; i++)
        {
            await Send(log, 1);
            _time.Advance(TimeSpan.FromMilliseconds(49));
            await one.Step();
            Assert.Equal(1, log.Committed(0).Position);
            Assert.Equal(1, one.Shown(BuyNow));
        }

        await Send(log, 1);
        _time.Advance(TimeSpan.FromMilliseconds(4));
        await one.Step();
        Assert.Equal(6, log.Committed(0).Position);
        Assert.Equal(6, one.Shown(BuyNow));
    }

    [Fact]
    public async Task Change_is_committed_when_the_interval_is_over_even_if_nothing_more_comes()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        await Send(log, 1);
        await one.Step();
        await Send(log, 1);
        await one.Step();
        Assert.Equal(1, log.Committed(0).Position);
        await one.Idle();
        Assert.Equal(2, log.Committed(0).Position);
    }

    [Theory]
    [InlineData(Fault.Before)]
    [InlineData(Fault.After)]
    public async Task Lost_commit_is_loaded_again_and_nothing_counts_twice(Fault fault)
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        await Send(log, 2);
        await one.Step();
        _time.Advance(TimeSpan.FromSeconds(1));
        await Send(log, 3);
        log.Faults.Commits.Enqueue(fault);
        await one.Step();
        Assert.Equal(1, one.Events.Lost);
        Assert.InRange(one.Shown(BuyNow), 2, 5);
        await one.Idle();
        await one.Idle();
        Assert.Equal(5, one.Shown(BuyNow));
        Assert.Equal(5, log.Committed(0).Position);
        Assert.Equal(0, Status(one).Duplicates);
        Assert.True(one.Loop.Ready);
    }

    [Fact]
    public async Task Log_that_cannot_be_read_is_read_on_when_it_is_back()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        await Send(log, 1);
        log.Faults.Away = true;
        await Assert.ThrowsAsync<LogException>(one.Step);
        Assert.Equal(0, one.Shown(BuyNow));
        log.Faults.Away = false;
        await one.Step();
        Assert.Equal(1, one.Shown(BuyNow));
    }

    [Fact]
    public async Task What_a_refused_commit_held_is_in_the_next_and_nothing_is_read_again()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        await Send(log, 3);
        log.Faults.Commits.Enqueue(Fault.Full);
        await one.Step();
        Assert.Equal([(CommitResult.Refused, "the log in memory is full", TimeSpan.Zero)], one.Events.Failures);
        Assert.Equal(0, one.Shown(BuyNow));
        Assert.Null(log.Committed(0).Position);

        await log.OpenWriter().AppendAsync(new[] { new Logged("another") { Target = "Enroll Now", Value = 5 }.ToRecord() }, default);
        await one.Step();
        Assert.Null(log.Committed(0).Position);
        await one.Idle();
        Assert.Equal(3, one.Shown(BuyNow));
        Assert.Equal(4, log.Committed(0).Position);
        Assert.Equal(4, Status(one).Counted);
        Assert.Equal(0, Status(one).Lag);
        Assert.Single(one.Events.Loads);
        Assert.Equal(1, one.Total(BuyNow with { Target = "Enroll Now" }));
    }

    [Fact]
    public async Task What_cannot_be_committed_is_shown_as_lag_and_told_by_readiness()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        Fill(log);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        for (var i = 1; i <= 40; i++)
        {
            await Send(log, 1);
            await one.Idle();
            Assert.Equal((i, i), (Status(one).Written, Status(one).Lag));
            Assert.InRange(one.Loop.SinceProgress!.Value, TimeSpan.Zero, TimeSpan.FromMilliseconds(250)); // a restart would not help
            Assert.Equal(TimeSpan.FromMilliseconds(250 * i) > CountingLoop.Patience ? "can't commit: the log in memory is full" : null, one.Loop.NotReady);
        }

        Assert.InRange(one.Events.Failures.Count, 5, 10); // not in a hurry
        Assert.Equal(0, one.Shown(BuyNow));

        log.Faults.Commits.Clear();
        await UntilCommitted(log, one, 40);
        Assert.Equal(0, Status(one).Lag);
        Assert.Null(one.Loop.NotReady);
        Assert.Equal(40, one.Shown(BuyNow));
        Assert.Single(one.Events.Again);
        Assert.Single(one.Events.Loads);
    }

    [Fact]
    public async Task Commits_whose_end_is_not_known_are_no_progress()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        for (var i = 0; i < 40; i++)
        {
            log.Faults.Commits.Enqueue(Fault.Before);
        }

        await Send(log, 1);
        for (var i = 0; i < 130; i++)
        {
            await one.Idle();
        }

        Assert.InRange(one.Loop.SinceProgress!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(33));
        Assert.StartsWith("can't commit", one.Loop.NotReady, StringComparison.Ordinal);
        Assert.Equal(1, Status(one).Lag);
        Assert.InRange(one.Events.Lost, 5, 20);

        log.Faults.Commits.Clear();
        await UntilCommitted(log, one, 1);
        Assert.Null(one.Loop.NotReady);
        Assert.Equal(1, one.Shown(BuyNow));
    }

    [Fact]
    public async Task What_another_has_to_commit_now_is_no_fault_of_who_has_quiet_partitions()
    {
        var log = new MemoryLog(2, _time) { Spreads = false, Lease = TimeSpan.FromSeconds(2) };
        var one = New(log);
        var two = New(log);
        await Send(log, 1);
        var (busy, quiet) = log.End(0) > 0 ? (0, 1) : (1, 0);
        log.Move(busy, one.Consumer);
        await one.Idle();
        log.Faults.Commits.Enqueue(Fault.Before);
        await one.Idle();
        Assert.Equal(1, one.Events.Lost);

        log.Move(busy, two.Consumer);
        log.Move(quiet, one.Consumer);
        await UntilCommitted(log, two, 1, busy);
        for (var i = 0; i < 200; i++)
        {
            await one.Idle();
        }

        Assert.Null(one.Loop.NotReady);
        Assert.Equal(TimeSpan.Zero, one.Loop.SinceProgress);
    }

    [Fact]
    public async Task Instance_with_nothing_to_commit_forgets_that_it_once_could_not()
    {
        var log = new MemoryLog(2, _time) { Spreads = false, Lease = TimeSpan.FromSeconds(2) };
        var one = New(log);
        var two = New(log);
        log.Move(0, one.Consumer);
        await one.Idle();
        await one.Idle(); // the lease is renewed by a commit of partition 0 alone
        log.Faults.Commits.Enqueue(Fault.Before);
        _time.Advance(TimeSpan.FromSeconds(1));
        await one.Idle();
        Assert.Equal(1, one.Events.Lost);

        log.Move(0, two.Consumer);
        log.Move(1, one.Consumer);
        for (var i = 0; i < 200; i++)
        {
            await one.Idle();
        }

        Assert.Equal([[0], [1]], one.Events.Assignments);
        Assert.Null(one.Loop.NotReady);
        Assert.Equal(TimeSpan.Zero, one.Loop.SinceProgress);
    }

    [Fact]
    public async Task Read_that_brings_nothing_is_no_progress_where_the_log_has_not_answered()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        one.Consumer.Answered = _time.GetTimestamp();
        for (var i = 1; i <= 21; i++)
        {
            Assert.Null(one.Loop.NotReady);
            await one.Idle();
        }

        Assert.Equal(TimeSpan.FromSeconds(5.25), one.Loop.SinceProgress);
        Assert.Equal("the log does not answer", one.Loop.NotReady);

        one.Consumer.Answered = _time.GetTimestamp();
        await one.Idle();
        Assert.Null(one.Loop.NotReady);
    }

    [Fact]
    public async Task Last_commit_that_fails_is_told()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        Fill(log);
        using var stop = new CancellationTokenSource();
        var running = one.Loop.RunAsync(stop.Token);
        await Send(log, 1);
        await Until(() => one.Events.Failures.Count > 0, running);

        await stop.CancelAsync();
        await Until(() => running.IsCompleted, running);

        Assert.Equal(["the log in memory is full"], one.Events.LeftUncommitted);
    }

    [Fact]
    public async Task Partition_that_cannot_be_loaded_is_loaded_later_and_until_then_the_loop_is_not_ready()
    {
        var log = new MemoryLog(1, _time);
        log.Faults.Loads.Enqueue(Fault.Before);
        await Send(log, 1);
        var one = New(log);
        await one.Step();
        Assert.False(one.Loop.Ready);
        Assert.Equal([TimeSpan.FromMilliseconds(100)], one.Events.Waits);
        await one.Idle();
        await one.Idle();
        Assert.True(one.Loop.Ready);
        Assert.Equal(1, one.Shown(BuyNow));
    }

    [Fact]
    public async Task Other_partitions_are_counted_while_one_waits_for_its_checkpoint()
    {
        var log = new MemoryLog(2, _time) { Lease = TimeSpan.FromSeconds(2), Spreads = false };
        var one = New(log);
        log.Move(0, one.Consumer);
        await one.Idle();
        var held = new TaskCompletionSource();
        log.Faults.HoldLoads = held.Task;
        log.Move(1, one.Consumer);
        await one.Idle();
        await log.OpenWriter().AppendAsync(Enumerable.Range(0, 20).Select(n => new Logged($"{n}") { Visitor = $"visitor-{n}" }.ToRecord()).ToArray(), default);
        for (var i = 0; i < 20; i++)
        {
            await one.Idle();
        }

        Assert.False(one.Loop.Ready);
        Assert.True(one.Exposure.Lease.Holds);
        Assert.InRange(one.Shown(BuyNow), 1, 19);
        Assert.Equal(log.End(0), one.Shown(BuyNow));

        held.SetResult();
        await one.Idle();
        await one.Idle();
        Assert.True(one.Loop.Ready);
        Assert.Equal(20, one.Shown(BuyNow));
    }

    [Fact]
    public async Task Run_waits_longer_each_time_goes_on_when_the_log_is_back_and_commits_when_it_ends()
    {
        var log = new MemoryLog(1, _time);
        log.Faults.Away = true;
        await Send(new MemoryLog(1, _time), 1);
        var one = New(log);
        using var stop = new CancellationTokenSource();
        var running = one.Loop.RunAsync(stop.Token);
        await Until(() => one.Events.Waits.Count >= 4, running);
        Assert.Equal([100, 200, 400, 800], one.Events.Waits.Take(4).Select(wait => wait.TotalMilliseconds));
        log.Faults.Away = false;
        await Send(log, 2);
        await Until(() => one.Shown(BuyNow) == 2, running);
        await Send(log, 1);
        await stop.CancelAsync();
        await Until(() => running.IsCompleted, running);
        await running;
        Assert.Equal((decimal)log.Committed(0).Position!.Value, one.Shown(BuyNow));
    }

    [Fact]
    public async Task Restart_shows_the_same_and_counts_on_without_repeats()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        await Send(log, 3);
        await one.Step();
        one.Consumer.Crash();
        var two = await Started(log);
        Assert.Equal(3, two.Total(BuyNow));
        await log.OpenWriter().AppendAsync(new[] { new Logged("0").ToRecord(), new Logged("new").ToRecord() }, default);
        await two.Idle();
        await two.Idle();
        Assert.Equal(4, two.Total(BuyNow));
        Assert.Equal(1, Status(two).Duplicates);
        Assert.Equal((0, 0L, 3L), Assert.Single(two.Events.Loads));
        Assert.Equal((0, 3L), Assert.Single(two.Events.Countings));
    }

    [Fact]
    public async Task Partition_that_moves_is_counted_on_by_its_new_owner_alone()
    {
        var log = new MemoryLog(2, _time) { Spreads = false };
        var one = New(log);
        var two = New(log);
        log.Move(0, one.Consumer);
        log.Move(1, one.Consumer);
        await one.Step();
        await Send(log, 20);
        await one.Idle();
        await one.Idle();
        Assert.Equal(20, one.Total(BuyNow));
        log.Move(1, two.Consumer);
        await Send(log, 20);
        await two.Step();
        for (var i = 0; i < 3; i++)
        {
            await one.Idle();
            await two.Idle();
        }

        await one.Idle();
        Assert.Equal([1], one.Events.Revocations);
        Assert.Equal(40, one.Total(BuyNow));
        Assert.Equal(40, two.Total(BuyNow));
        Assert.Equal([0], one.Exposure.Current.Partitions.Select(status => status.Partition));
        Assert.Equal([1], two.Exposure.Current.Partitions.Select(status => status.Partition));
        Assert.Equal(log.End(0), log.Committed(0).Position);
        Assert.Equal(log.End(1), log.Committed(1).Position);
    }

    [Fact]
    public async Task Idle_owner_of_partition_0_renews_its_lease()
    {
        var log = new MemoryLog(1, _time) { Lease = TimeSpan.FromSeconds(2) };
        var one = await Started(log);
        Assert.False(one.Exposure.Lease.Holds);
        for (var i = 0; i < 8; i++)
        {
            await one.Idle();
        }

        for (var i = 0; i < 40; i++)
        {
            Assert.True(one.Exposure.Lease.Holds);
            await one.Idle();
        }
    }

    [Fact]
    public async Task Successor_of_one_whose_lease_has_run_out_shows_totals_with_its_first_commit()
    {
        var (log, _, two) = await OneOfTwoShowsAsync();
        _time.Advance(TimeSpan.FromSeconds(6)); // it was killed, and this is its session
        log.Move(0, two.Consumer);
        await two.Idle();
        await two.Idle();

        Assert.True(two.Exposure.Lease.Holds);
    }

    [Fact]
    public async Task Owner_that_the_group_has_given_up_stops_showing_before_its_successor_starts()
    {
        var (log, one, two) = await OneOfTwoShowsAsync();
        log.Move(0, two.Consumer); // and one hears nothing of it
        var (stopped, started) = (false, false);
        for (var i = 0; i < 16; i++)
        {
            await two.Idle();
            Assert.False(one.Exposure.Lease.Holds && two.Exposure.Lease.Holds);
            stopped |= !one.Exposure.Lease.Holds;
            started |= two.Exposure.Lease.Holds;
        }

        Assert.True(stopped && started);
    }

    [Fact]
    public async Task Series_is_0_until_that_was_served_and_never_again_after_a_restart()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log, new ExposeOptions());
        await Send(log, 3, value: 2.5m);
        await one.Step();
        var value = BuyNow with { Kind = TotalKind.Value };
        Assert.Equal(3, one.Total(BuyNow));
        for (var i = 0; i < 8; i++)
        {
            await one.Idle();
            Assert.Equal(0, one.Shown(BuyNow));
        }

        one.Exposure.Served(one.Exposure.Current);
        await one.Idle();
        Assert.Equal(3, one.Shown(BuyNow));
        Assert.Equal(7.5m, one.Shown(value));
        one.Consumer.Crash();
        var two = await Started(log, new ExposeOptions());
        Assert.Equal(3, two.Shown(BuyNow));
        Assert.Equal(7.5m, two.Shown(value));
    }

    [Fact]
    public async Task Visitors_leave_without_anything_coming()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        await log.OpenWriter().AppendAsync(new[] { new Logged("1") { Visitor = "a" }.ToRecord(), new Logged("2") { Visitor = "b" }.ToRecord() }, default);
        await one.Step();
        Assert.Equal([2, 2, 2], one.Exposure.Current.ActiveVisitors.Select(visitors => visitors.Count));
        _time.Advance(TimeSpan.FromSeconds(60));
        await one.Idle();
        Assert.Equal([0, 2, 2], one.Exposure.Current.ActiveVisitors.Select(visitors => visitors.Count));
    }

    [Fact]
    public async Task Progress_is_since_the_log_last_answered()
    {
        var log = new MemoryLog(1, _time);
        var one = New(log);
        Assert.Null(one.Loop.SinceProgress);
        await one.Step();
        Assert.Equal(TimeSpan.Zero, one.Loop.SinceProgress);
        _time.Advance(TimeSpan.FromSeconds(7));
        log.Faults.Away = true;
        await Assert.ThrowsAsync<LogException>(one.Step);
        Assert.Equal(TimeSpan.FromSeconds(7), one.Loop.SinceProgress);
    }

    [Fact]
    public async Task Delivery_is_from_the_collectors_clock_until_it_is_shown()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        await Send(log, 2);
        _time.Advance(TimeSpan.FromMilliseconds(30));
        await one.Step();
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        new MetricsWriter(output, MetricsFormat.Text).Histogram("d", "Help.", one.Exposure.Delivery);
        var text = System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.Contains("d_bucket{le=\"0.025\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("d_sum 0.06\nd_count 2\n", text.Replace("0.060000", "0.06", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static PartitionStatus Status(Instance instance) => Assert.Single(instance.Exposure.Current.Partitions);

    [Fact]
    public async Task Log_that_ends_before_what_is_counted_is_no_log_to_count_on()
    {
        var log = new MemoryLog(1, _time);
        await using (var former = log.OpenConsumer())
        {
            await former.ReadAsync(TimeSpan.Zero, default);
            var state = """{"rebuildFrom":5,"second":0,"horizon":0,"gap":false}"""u8.ToArray();
            Assert.Equal(CommitResult.Committed, await former.CommitAsync([new PartitionCommit(0, 5, state, [])], default));
        }

        var error = await Assert.ThrowsAsync<InvalidDataException>(New(log).Step);
        Assert.Contains("counted up to position 5, but the log ends at 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_is_told_each_minute_what_no_checkpoint_needs()
    {
        var log = new MemoryLog(1, _time);
        var one = await Started(log);
        await Send(log, 3);
        await one.Step();
        Assert.Equal(0, one.Consumer.Released[0]);

        // A day and a minute later the first three are out of every window.
        _time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromMinutes(1));
        await Send(log, 1);
        await one.Step();
        _time.Advance(TimeSpan.FromMinutes(1));
        await one.Idle();
        Assert.Equal(3, one.Consumer.Released[0]);
    }

    [Fact]
    public async Task Instance_without_a_partition_is_ready_as_a_spare_one_after_a_while()
    {
        var log = new MemoryLog(1, _time);
        await Started(log);
        var spare = New(log);
        await spare.Idle();
        Assert.False(spare.Loop.Ready);
        _time.Advance(TimeSpan.FromSeconds(15));
        await spare.Idle();
        Assert.True(spare.Loop.Ready);
    }

    private async Task<Instance> Started(MemoryLog log, ExposeOptions? options = null)
    {
        var instance = New(log, options);
        await instance.Step();
        await instance.Idle();
        return instance;
    }

    /// <summary>Two instances and a log of one partition, which the first has and shows.</summary>
    private async Task<(MemoryLog Log, Instance One, Instance Two)> OneOfTwoShowsAsync()
    {
        var log = new MemoryLog(1, _time) { Lease = TimeSpan.FromSeconds(2), Spreads = false };
        var (one, two) = (New(log), New(log));
        log.Move(0, one.Consumer);
        for (var i = 0; i < 12; i++)
        {
            await one.Idle();
        }

        Assert.True(one.Exposure.Lease.Holds);
        return (log, one, two);
    }

    private Instance New(MemoryLog log, ExposeOptions? options = null)
    {
        var instance = new Instance(log, _time, options);
        _instances.Add(instance);
        return instance;
    }

    private async Task Send(MemoryLog log, int count, decimal? value = null)
    {
        var second = (_time.GetUtcNow() - Logged.Time(0)).TotalSeconds;
        var records = Enumerable.Range(0, count)
            .Select(_ => new Logged($"{_sent++}", second) { Value = value, Visitor = $"v{_sent}" }.ToRecord()).ToArray();
        Assert.Equal(AppendResult.Durable, await log.OpenWriter().AppendAsync(records, default));
    }

    /// <summary>Commits are refused until the faults are cleared.</summary>
    private static void Fill(MemoryLog log)
    {
        for (var i = 0; i < 1_000; i++)
        {
            log.Faults.Commits.Enqueue(Fault.Full);
        }
    }

    private static async Task UntilCommitted(MemoryLog log, Instance instance, long position, int partition = 0)
    {
        for (var i = 0; (log.Committed(partition).Position ?? 0) < position; i++)
        {
            Assert.True(i < 100, "it never was committed");
            await instance.Idle();
        }

        await instance.Idle();
    }

    /// <summary>Lets time go on until it is so.</summary>
    private async Task Until(Func<bool> condition, Task running)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 100_000, "it never came to be so");
            Assert.False(running.IsFaulted, running.Exception?.ToString());
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
    }

    private sealed class Instance
    {
        private readonly FakeTimeProvider _time;

        public Instance(MemoryLog log, FakeTimeProvider time, ExposeOptions? options)
        {
            // Zero first is a test of its own.
            var isAnnounced = options is null;
            _time = time;
            Consumer = log.OpenConsumer();
            Exposure = new Exposure(new CommittedTotals(["shop"], []), new TotalsLease(log.Lease, time), options ?? new ExposeOptions(), time);
            if (isAnnounced)
            {
                Exposure.Totals.Apply(0, new Total((BuyNow with { Kind = TotalKind.Announced }).ToText(), 1));
            }

            Loop = new CountingLoop(Consumer, new CountOptions(), Exposure, time, Events);
        }

        public MemoryLogConsumer Consumer { get; }

        public Exposure Exposure { get; }

        public CountingLoop Loop { get; }

        public Recorded Events { get; } = new();

        public decimal Shown(SeriesKey key) => Find(key).Shown;

        public decimal Total(SeriesKey key) => Find(key).Value;

        public Task Step() => Loop.StepAsync(CancellationToken.None);

        /// <summary>A step to which nothing may come: time goes on by as much as it waits at most.</summary>
        public async Task Idle()
        {
            var step = Step();
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await step;
        }

        private SeriesTotal Find(SeriesKey key) => Exposure.Current.Series.SingleOrDefault(total => total.Series.Key == key);
    }

    private sealed class Recorded : ICountingEvents
    {
        public List<(int Partition, long RebuildFrom, long CountFrom)> Loads { get; } = [];

        public List<(int Partition, long Position)> Countings { get; } = [];

        public List<int> Revocations { get; } = [];

        public List<TimeSpan> Waits { get; } = [];

        public int Lost => Failures.Count(failure => failure.Result == CommitResult.Lost);

        public List<(CommitResult Result, string? Reason, TimeSpan Failing)> Failures { get; } = [];

        public List<TimeSpan> Again { get; } = [];

        public List<string?> LeftUncommitted { get; } = [];

        public List<IReadOnlyList<int>> Assignments { get; } = [];

        public void Loaded(int partition, long rebuildFrom, long countFrom) => Loads.Add((partition, rebuildFrom, countFrom));

        public void Counting(int partition, long position) => Countings.Add((partition, position));

        public void Revoked(int partition) => Revocations.Add(partition);

        public void Assigned(IReadOnlyList<int> partitions) => Assignments.Add(partitions);

        public void CommitFailed(CommitResult result, string? reason, TimeSpan failing) => Failures.Add((result, reason, failing));

        public void CommitsAgain(TimeSpan after) => Again.Add(after);

        public void NotCommitted(string? reason) => LeftUncommitted.Add(reason);

        public void LogUnavailable(LogException cause, TimeSpan wait) => Waits.Add(wait);

        public void NotReleased(LogException cause) => throw new InvalidOperationException("the log in memory can always release", cause);
    }
}
