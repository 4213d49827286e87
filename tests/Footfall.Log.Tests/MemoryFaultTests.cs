using Footfall.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Log.Tests;

/// <summary>The switches of the model do what they say, since other tests rest on them.</summary>
public sealed class MemoryFaultTests
{
    private readonly MemoryLog _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static LogRecord[] Two =>
        [new("ann"u8.ToArray(), "one"u8.ToArray(), 1, default, "shop", "click"), new("ann"u8.ToArray(), "two"u8.ToArray(), 1, default, "shop", "click")];

    [Theory]
    [InlineData(Fault.None, AppendResult.Durable, 2)]
    [InlineData(Fault.Before, AppendResult.Unavailable, 0)]
    [InlineData(Fault.Midway, AppendResult.Unavailable, 1)]
    [InlineData(Fault.After, AppendResult.Unavailable, 2)]
    [InlineData(Fault.Full, AppendResult.Full, 0)]
    public async Task An_append_fails_where_it_is_told(Fault fault, AppendResult result, int written)
    {
        await using var writer = _log.OpenWriter();
        _log.Faults.Appends.Enqueue(fault);

        Assert.Equal(result, await writer.AppendAsync(Two, Token));
        Assert.Equal(written, _log.End(0));
        Assert.Equal(result != AppendResult.Unavailable, writer.Health.Writable);
        Assert.Equal(AppendResult.Durable, await writer.AppendAsync(Two, Token));
        Assert.Equal(LogHealth.Good, writer.Health);
    }

    [Theory]
    [InlineData(Fault.None, CommitResult.Committed, 5L)]
    [InlineData(Fault.Before, CommitResult.Lost, null)]
    [InlineData(Fault.After, CommitResult.Lost, 5L)]
    [InlineData(Fault.Full, CommitResult.Refused, null)]
    public async Task A_commit_fails_where_it_is_told(Fault fault, CommitResult result, long? position)
    {
        await using var consumer = _log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        _log.Faults.Commits.Enqueue(fault);

        Assert.Equal(result, await consumer.CommitAsync([new(0, 5, default, [])], Token));
        Assert.Equal(position, _log.Committed(0).Position);
    }

    [Fact]
    public async Task A_log_that_is_away_does_nothing_until_it_is_back()
    {
        await using var writer = _log.OpenWriter();
        await using var consumer = _log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        _log.Faults.Away = true;

        Assert.Equal(AppendResult.Unavailable, await writer.AppendAsync(Two, Token));
        Assert.Equal(CommitResult.Lost, await consumer.CommitAsync([new(0, 1, default, [])], Token));
        await Assert.ThrowsAsync<LogException>(async () => await consumer.ReadAsync(TimeSpan.Zero, Token));
        await Assert.ThrowsAsync<LogException>(async () => await consumer.LoadAsync(0, Token));
        _log.Faults.Away = false;
        Assert.Equal(CommitResult.Committed, await consumer.CommitAsync([new(0, 1, default, [])], Token));
    }

    [Fact]
    public async Task An_append_waits_while_it_is_held()
    {
        await using var writer = _log.OpenWriter();
        var hold = new TaskCompletionSource();
        _log.Faults.Hold = hold.Task;
        var append = writer.AppendAsync(Two, Token);

        Assert.False(append.IsCompleted);
        hold.SetResult();
        Assert.Equal(AppendResult.Durable, await append);
    }

    [Fact]
    public async Task A_value_kept_beyond_the_next_read_is_destroyed()
    {
        await using var writer = _log.OpenWriter();
        await using var consumer = _log.OpenConsumer();
        await writer.AppendAsync(Two, Token);
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        consumer.Seek(0, 0);
        _log.Faults.ReadAtMost = 1;

        var first = (await consumer.ReadAsync(TimeSpan.Zero, Token)).Records[0].Records[0];
        Assert.Equal("one"u8.ToArray(), first.Value.ToArray());
        var second = (await consumer.ReadAsync(TimeSpan.Zero, Token)).Records[0].Records[0];
        Assert.Equal("two"u8.ToArray(), second.Value.ToArray());
        Assert.Equal("!!!"u8.ToArray(), first.Value.ToArray());
    }

    [Fact]
    public async Task One_who_lost_a_partition_and_got_it_back_unseen_is_fenced()
    {
        var log = new MemoryLog { Spreads = false };
        await using var one = log.OpenConsumer();
        await using var two = log.OpenConsumer();
        log.Move(0, one);
        Assert.Equal([0], (await one.ReadAsync(TimeSpan.Zero, Token)).Assigned);
        log.Move(0, two);
        log.Move(0, one);

        Assert.Equal(CommitResult.Aborted, await one.CommitAsync([new(0, 1, default, [])], Token));
        var read = await one.ReadAsync(TimeSpan.Zero, Token);
        Assert.Equal([0], read.Revoked);
        Assert.Equal([0], read.Assigned);
        Assert.Equal(CommitResult.Committed, await one.CommitAsync([new(0, 1, default, [])], Token));
    }

    [Fact]
    public async Task A_commit_is_not_to_be_seen_while_its_transaction_is_open_and_a_load_waits_for_its_end()
    {
        var end = new TaskCompletionSource();
        var log = new MemoryLog { Between = point => point == LogPoint.WithinCommit ? end.Task : Task.CompletedTask };
        await using var one = log.OpenConsumer();
        await one.ReadAsync(TimeSpan.Zero, Token);
        var committing = one.CommitAsync([new(0, 5, default, [])], Token);
        var loading = one.LoadAsync(0, Token);

        Assert.Null(log.Committed(0).Position);
        Assert.False(loading.IsCompleted);
        end.SetResult();
        Assert.Equal(CommitResult.Committed, await committing);
        Assert.Equal(5, (await loading).Position);
    }

    [Fact]
    public async Task A_transaction_that_is_never_ended_is_given_up_after_its_time()
    {
        var time = new FakeTimeProvider();
        var end = new TaskCompletionSource();
        var log = new MemoryLog(time: time) { Between = point => point == LogPoint.WithinCommit ? end.Task : Task.CompletedTask };
        await using var one = log.OpenConsumer();
        await one.ReadAsync(TimeSpan.Zero, Token);
        var committing = one.CommitAsync([new(0, 5, default, [])], Token);
        var loading = one.LoadAsync(0, Token);
        time.Advance(log.TransactionTimeout);

        Assert.Equal(Checkpoint.None, await loading);
        end.SetResult();
        Assert.Equal(CommitResult.Lost, await committing);
        Assert.Null(log.Committed(0).Position);
    }

    [Fact]
    public async Task A_commit_that_fails_midway_is_told_lost_and_done_later()
    {
        var end = new TaskCompletionSource();
        var log = new MemoryLog { Between = point => point == LogPoint.WithinCommit ? end.Task : Task.CompletedTask };
        await using var one = log.OpenConsumer();
        await one.ReadAsync(TimeSpan.Zero, Token);
        log.Faults.Commits.Enqueue(Fault.Midway);

        Assert.Equal(CommitResult.Lost, await one.CommitAsync([new(0, 5, default, [])], Token));
        Assert.Null(log.Committed(0).Position);
        end.SetResult();
        Assert.Equal(5, (await one.LoadAsync(0, Token)).Position);
    }

    [Fact]
    public async Task An_append_lands_partition_by_partition()
    {
        var end = new TaskCompletionSource();
        var log = new MemoryLog(2) { Between = point => point == LogPoint.WithinAppend ? end.Task : Task.CompletedTask };
        await using var writer = log.OpenWriter();
        var records = Enumerable.Range(0, 10).Select(number => Two[0] with { Key = new[] { (byte)number } }).ToArray();
        var append = writer.AppendAsync(records, Token);

        Assert.InRange(log.End(0) + log.End(1), 1, 9);
        end.SetResult();
        Assert.Equal(AppendResult.Durable, await append);
        Assert.Equal(10, log.End(0) + log.End(1));
    }

    [Fact]
    public async Task A_deaf_instance_reads_on_what_it_lost_and_cannot_commit_it()
    {
        await using var writer = _log.OpenWriter();
        await using var one = _log.OpenConsumer();
        await using var two = _log.OpenConsumer();
        await one.ReadAsync(TimeSpan.Zero, Token);
        one.Seek(0, 0);
        one.Deaf = true;
        _log.Move(0, two);
        await writer.AppendAsync(Two, Token);

        var read = await one.ReadAsync(TimeSpan.Zero, Token);
        Assert.Empty(read.Revoked);
        Assert.Equal(2, Assert.Single(read.Records).Records.Count);
        Assert.Equal(CommitResult.Aborted, await one.CommitAsync([new(0, 2, default, [])], Token));
        one.Deaf = false;
        Assert.Equal([0], (await one.ReadAsync(TimeSpan.Zero, Token)).Revoked);
    }

    [Fact]
    public async Task Totals_of_others_come_a_few_at_a_time_and_all_from_before_a_load()
    {
        await using var one = _log.OpenConsumer();
        await one.ReadAsync(TimeSpan.Zero, Token);
        await one.CommitAsync([new(0, 1, default, [new("a", 1), new("b", 1), new("c", 1)])], Token);
        _log.Faults.HearAtMost = 1;

        Assert.Single((await one.ReadAsync(TimeSpan.Zero, Token)).Totals);
        await one.LoadAsync(0, Token);
        Assert.Equal(2, (await one.ReadAsync(TimeSpan.Zero, Token)).Totals.Count);
    }

    [Fact]
    public async Task Two_commits_at_a_time_are_an_error_of_the_caller()
    {
        var end = new TaskCompletionSource();
        var log = new MemoryLog { Between = point => point == LogPoint.WithinCommit ? end.Task : Task.CompletedTask };
        await using var one = log.OpenConsumer();
        await one.ReadAsync(TimeSpan.Zero, Token);
        var committing = one.CommitAsync([new(0, 5, default, [])], Token);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await one.CommitAsync([new(0, 6, default, [])], Token));
        end.SetResult();
        Assert.Equal(CommitResult.Committed, await committing);
    }

    [Fact]
    public async Task A_crash_gives_the_partitions_to_the_others()
    {
        await using var one = _log.OpenConsumer();
        await using var two = _log.OpenConsumer();
        await one.ReadAsync(TimeSpan.Zero, Token);
        one.Crash();

        Assert.Equal([0], (await two.ReadAsync(TimeSpan.Zero, Token)).Assigned);
        Assert.Equal(CommitResult.Lost, await one.CommitAsync([new(0, 1, default, [])], Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await one.ReadAsync(TimeSpan.Zero, Token));
    }

    [Fact]
    public async Task After_a_trim_reading_begins_at_what_is_kept()
    {
        await using var writer = _log.OpenWriter();
        await using var consumer = _log.OpenConsumer();
        await writer.AppendAsync(Two, Token);
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        _log.Trim(0, before: 1);
        consumer.Seek(0, 0);

        Assert.Equal(1, Assert.Single((await consumer.ReadAsync(TimeSpan.Zero, Token)).Records[0].Records).Position);
    }

    [Fact]
    public async Task A_total_that_falls_and_a_position_that_goes_back_are_errors_of_the_caller()
    {
        await using var consumer = _log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        await consumer.CommitAsync([new(0, 5, default, [new("a", 2)])], Token);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.CommitAsync([new(0, 4, default, [])], Token));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await consumer.CommitAsync([new(0, 5, default, [new("a", 1)])], Token));
    }

    [Fact]
    public async Task A_read_waits_by_the_clock_it_was_given()
    {
        var time = new FakeTimeProvider();
        await using var consumer = new MemoryLog(time: time).OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        var reading = consumer.ReadAsync(TimeSpan.FromSeconds(1), Token);

        Assert.False(reading.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(LogRead.Nothing, await reading);
    }
}
