using System.Text;
using Footfall.Log.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Log.Tests;

/// <summary>The embedded log when its file is locked, full, or left by a crash.</summary>
public sealed class SqliteFaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_locked_file_makes_appends_unavailable_and_commits_refused_until_it_is_free()
    {
        await using var fixture = new SqliteFixture(options => options with { BusyTimeout = TimeSpan.FromMilliseconds(20) });
        await using var consumer = fixture.Log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        using (new WriteLock(fixture))
        {
            Assert.Equal(AppendResult.Unavailable, await fixture.Log.AppendAsync(Records(1), Token));
            Assert.Equal(CommitResult.Refused, await consumer.CommitAsync([new(0, 1, default, [])], Token));
            Assert.Equal("database is locked", consumer.CommitTrouble);
            Assert.False(fixture.Log.Health.Writable);
            Assert.Contains("locked", fixture.Log.Health.Reason, StringComparison.Ordinal);
            await Assert.ThrowsAsync<LogException>(async () => await fixture.Log.RemoveAsync(1, Token));
        }

        Assert.Equal(AppendResult.Durable, await fixture.Log.AppendAsync(Records(1), Token));
        Assert.Equal(LogHealth.Good, fixture.Log.Health);
        Assert.Null((await consumer.LoadAsync(0, Token)).Position);
        Assert.Equal(1, Count(fixture));
    }

    [Fact]
    public async Task More_than_the_queue_holds_is_told_full()
    {
        await using var fixture = new SqliteFixture(options => options with { QueueBytes = 1000, BusyTimeout = TimeSpan.FromMinutes(1) });
        List<Task<AppendResult>> appends;
        using (new WriteLock(fixture))
        {
            appends = [.. Enumerable.Range(0, 50).Select(_ => fixture.Log.AppendAsync(Records(5), Token).AsTask())];
        }

        var results = await Task.WhenAll(appends);

        // One may be with the writer, one may wait, and each is 5 * (64 + 5) bytes.
        Assert.InRange(results.Count(result => result == AppendResult.Durable), 2, 4);
        Assert.All(results, result => Assert.True(result is AppendResult.Durable or AppendResult.Full));
        Assert.Equal(5 * results.Count(result => result == AppendResult.Durable), Count(fixture));
        Assert.Equal(LogHealth.Good, fixture.Log.Health);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(int.MaxValue, false)]
    public async Task After_many_small_ones_in_one_transaction_the_next_lets_others_join_but_not_at_the_end(int siblings, bool waits)
    {
        await using var fixture = new SqliteFixture(options => options with { CommitDelay = TimeSpan.FromHours(1), CommitSiblings = siblings, BusyTimeout = TimeSpan.FromMinutes(1) });
        List<Task<AppendResult>> appends = [];
        using (new WriteLock(fixture))
        {
            appends.Add(fixture.Log.AppendAsync(Records(1), Token).AsTask());
            while (fixture.Log.Waiting > 0)
            {
                await Task.Yield(); // until the writer has taken the first
            }

            appends.AddRange(Enumerable.Range(0, 5).Select(_ => fixture.Log.AppendAsync(Records(1), Token).AsTask()));
        }

        Assert.All(await Task.WhenAll(appends), result => Assert.Equal(AppendResult.Durable, result));
        var next = fixture.Log.AppendAsync(Records(1), Token).AsTask();
        if (waits)
        {
            Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal(6, Count(fixture)));
            Assert.False(next.IsCompleted);
            await fixture.Log.DisposeAsync();
        }

        Assert.Equal(AppendResult.Durable, await next);
        Assert.Equal(7, Count(fixture));
    }

    [Fact]
    public async Task An_append_larger_than_the_queue_is_taken_alone()
    {
        await using var fixture = new SqliteFixture(options => options with { QueueBytes = 1000 });

        Assert.Equal(AppendResult.Durable, await fixture.Log.AppendAsync(Records(1000), Token));
    }

    [Fact]
    public async Task An_append_cancelled_while_it_waits_writes_nothing()
    {
        await using var fixture = new SqliteFixture(options => options with { BusyTimeout = TimeSpan.FromMinutes(1) });
        using var cancel = new CancellationTokenSource();
        Task<AppendResult> first, second;
        using (new WriteLock(fixture))
        {
            first = fixture.Log.AppendAsync(Records(1), Token).AsTask();
            while (fixture.Log.Waiting > 0)
            {
                await Task.Yield(); // until the writer has taken the first
            }

            second = fixture.Log.AppendAsync(Records(10), cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        }

        Assert.Equal(AppendResult.Durable, await first);
        await fixture.ReopenAsync();
        Assert.Equal(1, Count(fixture));
    }

    [Fact]
    public async Task Disposal_writes_what_waits()
    {
        await using var fixture = new SqliteFixture();
        Task<AppendResult>[] appends = [.. Enumerable.Range(0, 100).Select(_ => fixture.Log.AppendAsync(Records(10), Token).AsTask())];
        await fixture.ReopenAsync();

        Assert.All(await Task.WhenAll(appends), result => Assert.Equal(AppendResult.Durable, result));
        Assert.Equal(1000, Count(fixture));
    }

    [Fact]
    public async Task A_file_at_its_bound_takes_no_records_but_is_counted_and_cleared()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var fixture = new SqliteFixture(options => options with { MaxBytes = 4 << 20 }, time);
        await using var consumer = fixture.Log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        Assert.Equal(CommitResult.Committed, await consumer.CommitAsync([new(0, 0, default, [new("a", 1)])], Token));

        var written = 0;
        while (await fixture.Log.AppendAsync(Records(100, length: 1000), Token) == AppendResult.Durable)
        {
            written += 100;
            Assert.InRange(written, 1, 10_000);
        }

        Assert.Contains("full", fixture.Log.Health.Reason, StringComparison.Ordinal);
        var append = fixture.Log.AppendAsync(Records(100, length: 1000), Token);
        Assert.Equal(CommitResult.Committed, await consumer.CommitAsync([new(0, written, default, [new("a", 2)])], Token));
        Assert.Equal(AppendResult.Unavailable, await append);
        Assert.Equal(CommitResult.Committed, await consumer.CommitAsync([new(0, written, default, [new("a", 3)])], Token));
        Assert.False(fixture.Log.Health.Writable);

        time.Advance(fixture.Options.Retention * 2);
        Assert.Equal(written - 1, await fixture.Log.RemoveAsync(written, Token));
        Assert.Equal(AppendResult.Durable, await fixture.Log.AppendAsync(Records(100, length: 1000), Token));
        Assert.Equal(LogHealth.Good, fixture.Log.Health);
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        Assert.Equal(written + 100, consumer.EndPosition(0));
    }

    [Fact]
    public async Task A_transaction_of_many_appends_leaves_the_last_twentieth_of_the_file_too()
    {
        const int Bound = 4 << 20;
        await using var fixture = new SqliteFixture(options => options with { MaxBytes = Bound, BusyTimeout = TimeSpan.FromMinutes(1) });
        AppendResult[] results;
        do
        {
            List<Task<AppendResult>> appends;
            using (new WriteLock(fixture))
            {
                // The first may be alone; the others are in one transaction, of nearly a twentieth.
                appends = [.. Enumerable.Range(0, 37).Select(_ => fixture.Log.AppendAsync(Records(5, length: 1000), Token).AsTask())];
            }

            results = await Task.WhenAll(appends);
        }
        while (Array.TrueForAll(results, result => result == AppendResult.Durable));

        Assert.InRange(fixture.Log.UsedBytes, Bound / 1000 * 900, Bound / 1000 * 963); // a quarter of the twentieth may come between two looks
    }

    [Fact]
    public async Task Where_there_is_no_room_for_a_commit_it_is_refused_with_the_reason_and_the_end_is_still_read()
    {
        await using var fixture = new SqliteFixture(options => options with { MaxBytes = 1 << 20 });
        await using var consumer = fixture.Log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        Assert.Equal(AppendResult.Durable, await fixture.Log.AppendAsync(Records(3), Token));

        Assert.Equal(CommitResult.Refused, await consumer.CommitAsync([new(0, 3, new byte[2 << 20], [])], Token));
        Assert.Equal("database or disk is full", consumer.CommitTrouble);
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        Assert.Equal(3, consumer.EndPosition(0));

        Assert.Equal(CommitResult.Committed, await consumer.CommitAsync([new(0, 3, default, [])], Token));
        Assert.Null(consumer.CommitTrouble);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000)]
    [InlineData(40_000)]
    public async Task After_a_crash_only_what_was_torn_off_the_end_is_missing(int torn)
    {
        await using var fixture = new SqliteFixture();
        await using var consumer = fixture.Log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        for (var round = 1; round <= 20; round++)
        {
            Assert.Equal(AppendResult.Durable, await fixture.Log.AppendAsync(Records(10), Token));
            Assert.Equal(CommitResult.Committed, await consumer.CommitAsync([new(0, round * 10, default, [new("n", round * 10)])], Token));
        }

        await using var after = new SqliteFixture();
        Leave(fixture, after, torn);
        await using var heir = after.Log.OpenConsumer();
        var follower = new Follower(heir, after.Patience) { Begin = _ => 0 };
        await follower.UntilOwnedAsync(1);
        var kept = (int)heir.EndPosition(0);
        var checkpoint = await heir.LoadAsync(0, Token);

        Assert.Equal(torn == 0 ? 200 : kept, kept);
        Assert.InRange(checkpoint.Position ?? 0, kept - 10, kept); // each append is followed by its commit
        Assert.Equal(checkpoint.Position ?? 0, checkpoint.Totals.SingleOrDefault().Value);
        Assert.Equal(AppendResult.Durable, await after.Log.AppendAsync(Records(10), Token));
        await follower.UntilAsync(() => follower.Count >= kept + 10);
        Assert.Equal(Enumerable.Range(0, kept + 10), follower.Records[0].Select(record => (int)record.Position));
    }

    /// <summary>The files as a process leaves them that is killed now, the last bytes of the WAL not yet written.</summary>
    private static void Leave(SqliteFixture from, SqliteFixture to, int torn)
    {
        File.Copy(Path.Combine(from.Directory, "footfall.db"), Path.Combine(to.Directory, "footfall.db"));
        var wal = File.Open(Path.Combine(from.Directory, "footfall.db-wal"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using (wal)
        using (var copy = File.Create(Path.Combine(to.Directory, "footfall.db-wal")))
        {
            wal.CopyTo(copy);
            copy.SetLength(copy.Length - torn);
        }
    }

    private static LogRecord[] Records(int count, int length = 2) =>
        [.. Enumerable.Repeat(new LogRecord("ann"u8.ToArray(), Encoding.UTF8.GetBytes(new string('x', length)), 1, "1"u8.ToArray(), "shop", "click"), count)];

    private static long Count(SqliteFixture fixture)
    {
        using var connection = fixture.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from interactions";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Another process that holds the file for writing.</summary>
    private sealed class WriteLock : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteTransaction _transaction;

        public WriteLock(SqliteFixture fixture)
        {
            _ = fixture.Log; // open before
            _connection = fixture.Connect();
            _transaction = _connection.BeginTransaction(deferred: false);
        }

        public void Dispose()
        {
            _transaction.Dispose();
            _connection.Dispose();
        }
    }
}
