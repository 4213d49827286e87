using System.Diagnostics;
using System.Text;

namespace Footfall.Log.Tests;

public abstract partial class LogContract
{
    [Fact]
    public async Task Appended_records_are_read_in_their_order()
    {
        var log = await Fixture.OpenLogAsync();
        var records = Records("ann", Enumerable.Range(0, 50));
        await AppendAsync(log, records[..20]);
        await AppendAsync(log, records[20..]);

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= records.Length);

        AssertTexts(TextsOf(records), follower.Texts);
    }

    [Fact]
    public async Task Records_of_one_key_share_a_partition_and_keep_their_order()
    {
        var log = await Fixture.OpenLogAsync();
        string[] keys = [.. Enumerable.Range(0, 20).Select(number => $"visitor-{number}")];
        for (var round = 0; round < 10; round++)
        {
            await AppendAsync(log, [.. keys.SelectMany(key => Records(key, [round]))]);
        }

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 200);

        foreach (var key in keys)
        {
            var partition = Assert.Single(follower.Records, partition => partition.Value.Exists(record => Has(record.Value, key)));
            AssertTexts(
                TextsOf(Records(key, Enumerable.Range(0, 10))),
                partition.Value.Where(record => Has(record.Value, key)).Select(record => Encoding.UTF8.GetString(record.Value)));
        }

        static bool Has(byte[] value, string key) => value.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"\"{key}\"")) >= 0;
    }

    [Fact]
    public async Task Positions_are_dense_from_zero()
    {
        var log = await Fixture.OpenLogAsync();
        for (var round = 0; round < 5; round++)
        {
            await AppendAsync(log, [.. Enumerable.Range(0, 40).Select(number => Record($"visitor-{number}", "{}"))]);
        }

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 200);

        AssertDense(follower);
        Assert.All(follower.Records.Values, records => Assert.Equal(0, records[0].Position));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"target":"Schrödingers Käse 面白い 🧀","n":1e400}""")]
    [InlineData("a\u0000b\r\n\t\u0001\u007f\ufeff\ufffd")]
    [InlineData("'; drop table interactions; --")]
    public async Task A_value_comes_back_byte_for_byte(string value)
    {
        var log = await Fixture.OpenLogAsync();
        await AppendAsync(log, Record("ann", value), Record("ann", "end"));

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 2);

        Assert.Equal(Encoding.UTF8.GetBytes(value), Assert.Single(follower.Records).Value[0].Value);
    }

    [Fact]
    public async Task A_value_may_be_long()
    {
        var log = await Fixture.OpenLogAsync();
        string[] values = [.. Enumerable.Range(0, 5).Select(number => new string((char)('a' + number), 200_000))];
        await AppendAsync(log, [.. values.Select(value => Record("ann", value))]);

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= values.Length);

        AssertTexts(values, follower.Texts);
    }

    [Fact]
    public async Task A_key_may_be_empty()
    {
        var log = await Fixture.OpenLogAsync();
        var records = Records("", Enumerable.Range(0, 30));
        await AppendAsync(log, records);

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= records.Length);

        AssertTexts(TextsOf(records).Order(StringComparer.Ordinal), follower.Texts.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_append_of_nothing_is_durable()
    {
        var log = await Fixture.OpenLogAsync();
        await AppendAsync(log);
        await AppendAsync(log, Record("ann", "first"));

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 1);

        AssertTexts(["first"], follower.Texts);
    }

    [Fact]
    public async Task A_batch_of_10000_is_read_whole()
    {
        var log = await Fixture.OpenLogAsync();
        var records = Records("ann", Enumerable.Range(0, 10_000));
        await AppendAsync(log, records);

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= records.Length);

        AssertDense(follower);
        AssertTexts(TextsOf(records), follower.Texts);
    }

    [Fact]
    public async Task Of_overlapping_appends_none_is_lost_and_each_keeps_its_order()
    {
        var log = await Fixture.OpenLogAsync();
        await Task.WhenAll(Enumerable.Range(0, 32).Select(caller => Task.Run(
            async () =>
            {
                for (var round = 0; round < 10; round++)
                {
                    await AppendAsync(log, Records($"caller-{caller}", Enumerable.Range(round * 10, 10)));
                }
            },
            Token)));

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 3200);

        AssertDense(follower);
        var texts = follower.Texts.ToList();
        Assert.Equal(3200, texts.Count);
        foreach (var caller in Enumerable.Range(0, 32))
        {
            AssertTexts(
                TextsOf(Records($"caller-{caller}", Enumerable.Range(0, 100))),
                texts.Where(text => text.Contains($"\"caller-{caller}\"", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task The_callers_memory_is_its_own_again_after_an_append()
    {
        var log = await Fixture.OpenLogAsync();
        var key = "ann"u8.ToArray();
        var value = "first"u8.ToArray();
        await AppendAsync(log, new LogRecord(key, value, 1, key, "shop", "click"));
        Array.Clear(key);
        Array.Clear(value);

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 1);

        AssertTexts(["first"], follower.Texts);
    }

    [Fact]
    public async Task An_append_wakes_a_reader_that_waits()
    {
        var log = await Fixture.OpenLogAsync();
        var follower = await FollowAllAsync();
        await follower.ReadOnceAsync(TimeSpan.Zero, Token);

        var reading = follower.UntilAsync(() => follower.Count >= 1);
        var start = Stopwatch.GetTimestamp();
        await AppendAsync(log, Record("ann", "first"));
        await reading;

        Assert.True(Stopwatch.GetElapsedTime(start) < Fixture.Patience / 2);
        AssertTexts(["first"], follower.Texts);
    }

    [Fact]
    public async Task A_log_that_took_an_append_is_healthy()
    {
        var log = await Fixture.OpenLogAsync();
        await AppendAsync(log, Record("ann", "first"));

        Assert.Equal(LogHealth.Good, log.Health);
    }

    [Fact]
    public async Task A_cancelled_append_throws()
    {
        var log = await Fixture.OpenLogAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await log.AppendAsync(Records("ann", [1]), new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_disposed_log_is_unavailable()
    {
        var log = await Fixture.OpenLogAsync();
        await log.DisposeAsync();

        Assert.Equal(AppendResult.Unavailable, await log.AppendAsync(Records("ann", [1]), Token));
        Assert.False(log.Health.Writable);
    }

    [Fact]
    public async Task What_is_durable_survives_a_restart()
    {
        var log = await Fixture.OpenLogAsync();
        var records = Records("ann", Enumerable.Range(0, 20));
        await AppendAsync(log, records[..10]);
        await Fixture.ReopenAsync();
        log = await Fixture.OpenLogAsync();
        await AppendAsync(log, records[10..]);
        await Fixture.ReopenAsync();

        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= records.Length);

        AssertDense(follower);
        AssertTexts(TextsOf(records), follower.Texts);
    }
}
