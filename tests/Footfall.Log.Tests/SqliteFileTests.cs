using System.Text;
using Footfall.Log.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Log.Tests;

/// <summary>What is particular to the embedded log: its file, its bounds, and who shares it.</summary>
public sealed class SqliteFileTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(56);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_can_read_the_tables()
    {
        await using var fixture = new SqliteFixture();
        await AppendAsync(fixture.Log, Records(1, "Käse"));
        await using var consumer = fixture.Log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        await consumer.CommitAsync([new(0, 1, """{"from":0}"""u8.ToArray(), [new("clicks", 19.90m)])], Token);

        Assert.Equal("0|1767225600000|ann|Käse|text", Shell(fixture, "select *, typeof(value) from interactions"));
        Assert.Equal("""0|1|{"from":0}|text""", Shell(fixture, "select *, typeof(state) from checkpoints"));
        Assert.Equal("0|clicks|19.90|text", Shell(fixture, "select *, typeof(total) from totals"));
        Assert.Equal("version|1", Shell(fixture, "select * from meta"));
    }

    [Fact]
    public async Task A_newer_file_is_refused_with_a_reason()
    {
        await using var fixture = new SqliteFixture();
        await fixture.Log.DisposeAsync();
        Shell(fixture, "update meta set value = '2' where name = 'version'");

        var error = Assert.Throws<LogException>(() => SqliteLog.Open(fixture.Options, TimeProvider.System));

        Assert.Contains("newer Footfall", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_a_log_is_refused_with_a_reason()
    {
        await using var fixture = new SqliteFixture();
        await File.WriteAllTextAsync(Path.Combine(fixture.Directory, "footfall.db"), new string('x', 4096), Token);

        Assert.Contains("footfall.db", Assert.Throws<LogException>(() => fixture.Log).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_metrics_service_is_refused_until_the_first_is_gone()
    {
        await using var fixture = new SqliteFixture();
        await using var other = SqliteLog.Open(fixture.Options, TimeProvider.System);
        var first = fixture.Log.OpenConsumer();

        Assert.Contains(fixture.Directory, Assert.Throws<LogException>(other.OpenConsumer).Message, StringComparison.Ordinal);

        await first.DisposeAsync();
        await other.OpenConsumer().DisposeAsync();
    }

    [Fact]
    public async Task Two_collectors_share_the_positions_and_a_reader_hears_both()
    {
        await using var fixture = new SqliteFixture();
        await using var other = SqliteLog.Open(fixture.Options, TimeProvider.System);
        await using var consumer = fixture.Log.OpenConsumer();
        var follower = new Follower(consumer, fixture.Patience);

        await Task.WhenAll(((SqliteLog[])[fixture.Log, other]).Select(log => Task.Run(
            async () =>
            {
                for (var round = 0; round < 50; round++)
                {
                    await AppendAsync(log, Records(10));
                }
            },
            Token)));
        await follower.UntilAsync(() => follower.Count >= 1000);
        var waiting = follower.UntilAsync(() => follower.Count >= 1001);
        await AppendAsync(other, Records(1));
        await waiting;

        Assert.Equal(Enumerable.Range(0, 1001), follower.Records[0].Select(record => (int)record.Position));
    }

    [Fact]
    public async Task An_append_of_the_same_process_wakes_a_reader_without_a_poll()
    {
        await using var fixture = new SqliteFixture(options => options with { Poll = TimeSpan.FromHours(1) });
        await using var consumer = fixture.Log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        consumer.Seek(0, 0);
        var reading = consumer.ReadAsync(TimeSpan.FromHours(1), Token);
        Assert.False(reading.IsCompleted);

        await AppendAsync(fixture.Log, Records(3));

        Assert.Equal(3, Assert.Single((await reading.AsTask().WaitAsync(fixture.Patience, TimeProvider.System, Token)).Records).Records.Count);
    }

    [Fact]
    public async Task Disposal_wakes_a_reader_without_a_poll()
    {
        await using var fixture = new SqliteFixture(options => options with { Poll = TimeSpan.FromHours(1) });
        var consumer = fixture.Log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        var reading = consumer.ReadAsync(TimeSpan.FromHours(1), Token).AsTask();

        await consumer.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.WaitAsync(fixture.Patience, TimeProvider.System, Token));
    }

    [Fact]
    public async Task A_read_brings_no_more_than_its_bounds()
    {
        await using var fixture = new SqliteFixture(options => options with { ReadRecords = 7, ReadBytes = 1000 });
        await AppendAsync(fixture.Log, [.. Records(20), .. Records(3, new string('x', 400)), .. Records(1, new string('y', 5000)), .. Records(1)]);
        await using var consumer = fixture.Log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);
        consumer.Seek(0, 0);

        List<int> counts = [], lengths = [];
        while (await consumer.ReadAsync(TimeSpan.Zero, Token) is { Records: [var (_, records)] })
        {
            counts.Add(records.Count);
            lengths.AddRange(records.Select(record => record.Value.Length));
        }

        Assert.Equal([7, 7, 7, 2, 1, 1], counts);
        Assert.Equal([.. Enumerable.Repeat(2, 20), 400, 400, 400, 5000, 2], lengths);
    }

    [Fact]
    public async Task A_read_begins_where_was_sought_and_stays_as_it_is_until_the_next()
    {
        await using var fixture = new SqliteFixture(options => options with { ReadRecords = 7 });
        await AppendAsync(fixture.Log, [.. Enumerable.Range(0, 70).SelectMany(i => Records(1, $"{i}"))]);
        await using var consumer = fixture.Log.OpenConsumer();
        await consumer.ReadAsync(TimeSpan.Zero, Token);

        foreach (var from in (int[])[0, 7, 3, 56, 14, 21, 0, 63, 64])
        {
            consumer.Seek(0, from);
            var (_, records) = Assert.Single((await consumer.ReadAsync(TimeSpan.Zero, Token)).Records);
            await consumer.LoadAsync(0, Token);
            Assert.Equal(Enumerable.Range(from, Math.Min(7, 70 - from)), records.Select(record => (int)record.Position));
            Assert.All(records, record => Assert.Equal($"{record.Position}", Encoding.UTF8.GetString(record.Value.Span)));
        }

        // The last read was short, and knows nothing of what comes now.
        await AppendAsync(fixture.Log, Records(1, "70"));
        Assert.Equal("70", Encoding.UTF8.GetString(Assert.Single(Assert.Single((await consumer.ReadAsync(TimeSpan.Zero, Token)).Records).Records).Value.Span));
    }

    [Fact]
    public async Task Old_records_below_the_bound_are_removed_and_positions_go_on()
    {
        var time = new FakeTimeProvider(Now);
        await using var fixture = new SqliteFixture(time: time);
        await AppendAsync(fixture.Log, Records(9_000));
        Assert.Equal(0, await fixture.Log.RemoveAsync(9_000, Token));
        time.Advance(fixture.Options.Retention + TimeSpan.FromMilliseconds(1));

        Assert.Equal(8_500, await fixture.Log.RemoveAsync(8_500, Token));
        Assert.Equal(499, await fixture.Log.RemoveAsync(long.MaxValue, Token));
        Assert.Equal(8_999, fixture.Log.Removed);
        await fixture.ReopenAsync();
        await AppendAsync(fixture.Log, Records(1));

        Assert.Equal("8999\n9000", Shell(fixture, "select position from interactions"));
        await using var consumer = fixture.Log.OpenConsumer();
        var follower = new Follower(consumer, fixture.Patience); // seeks to 0, which is no longer kept
        await follower.UntilAsync(() => follower.Count >= 2);
        Assert.Equal(8_999, follower.Records[0][0].Position);
        Assert.Equal(9_001, consumer.EndPosition(0));
    }

    [Fact]
    public async Task Young_records_stay()
    {
        var time = new FakeTimeProvider(Now);
        await using var fixture = new SqliteFixture(time: time);
        await AppendAsync(fixture.Log, Records(10));
        time.Advance(fixture.Options.Retention);
        await AppendAsync(fixture.Log, Records(10, time: time.GetUtcNow()));
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(10, await fixture.Log.RemoveAsync(long.MaxValue, Token));
    }

    [Fact]
    public async Task In_a_file_that_is_nearly_full_the_oldest_counted_records_go_before_their_time()
    {
        await using var fixture = new SqliteFixture(options => options with { MaxBytes = 4 << 20 }, new FakeTimeProvider(Now));
        var value = new string('x', 500);
        var appended = 0;
        while (await fixture.Log.AppendAsync(Records(1_000, value), Token) == AppendResult.Durable)
        {
            appended += 1_000;
        }

        // What is not counted yet stays, however full it is; and there is place to commit what was counted.
        Assert.Equal(0, await fixture.Log.RemoveAsync(0, Token));
        await using (var consumer = fixture.Log.OpenConsumer())
        {
            await consumer.ReadAsync(TimeSpan.Zero, Token);
            var totals = Enumerable.Range(0, 1_000).Select(i => new Total($"[\"interactions\",\"shop\",\"click\",\"target {i}\",\"/page\"]", i)).ToArray();
            Assert.Equal(CommitResult.Committed, await consumer.CommitAsync([new PartitionCommit(0, appended, "{}"u8.ToArray(), totals)], Token));
        }

        // A rebuild would need all of them, but they are counted.
        var removed = await fixture.Log.RemoveAsync(0, Token);
        Assert.InRange(removed, 1, appended - 1);
        await AppendAsync(fixture.Log, Records(500, value));
        Assert.Equal(0, await fixture.Log.RemoveAsync(appended, Token));
    }

    private static async Task AppendAsync(SqliteLog log, LogRecord[] records) =>
        Assert.Equal(AppendResult.Durable, await log.AppendAsync(records, Token));

    private static LogRecord[] Records(int count, string value = "{}", DateTimeOffset? time = null) =>
        [.. Enumerable.Repeat(
            new LogRecord("ann"u8.ToArray(), Encoding.UTF8.GetBytes(value), (time ?? Now).ToUnixTimeMilliseconds(), "1"u8.ToArray(), "shop", "click"),
            count)];

    /// <summary>What the sqlite3 shell would print.</summary>
    private static string Shell(SqliteFixture fixture, string sql)
    {
        using var connection = fixture.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read())
        {
            lines.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)));
        }

        return string.Join('\n', lines);
    }
}
