using System.Diagnostics;

namespace Footfall.Log.Tests;

public abstract partial class LogContract
{
    [Fact]
    public async Task Nothing_is_read_before_a_seek()
    {
        var log = await Fixture.OpenLogAsync();
        await AppendAsync(log, Records("ann", Enumerable.Range(0, 10)));

        var follower = await FollowAllAsync(begin: _ => null);
        for (var turn = 0; turn < 5; turn++)
        {
            await follower.ReadOnceAsync(TimeSpan.FromMilliseconds(20), Token);
        }

        Assert.Equal(0, follower.Count);
        SeekAll(follower, 0);
        await follower.UntilAsync(() => follower.Count >= 10);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(99)]
    public async Task Reading_from_any_position_gives_the_same_again(int position)
    {
        var log = await Fixture.OpenLogAsync();
        var records = Records("ann", Enumerable.Range(0, 100));
        await AppendAsync(log, records);
        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 100);
        var (partition, all) = Assert.Single(follower.Records);

        follower.Records.Clear();
        follower.Consumer.Seek(partition, position);
        await follower.UntilAsync(() => follower.Count >= 100 - position);

        Assert.Equal(all.Skip(position), Assert.Single(follower.Records).Value, Same);
    }

    [Fact]
    public async Task Seeks_go_back_and_forward()
    {
        var log = await Fixture.OpenLogAsync();
        await AppendAsync(log, Records("ann", Enumerable.Range(0, 100)));
        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 100);
        var partition = Assert.Single(follower.Records).Key;

        foreach (var position in (int[])[90, 10, 95, 0, 50])
        {
            follower.Records.Clear();
            follower.Consumer.Seek(partition, position);
            await follower.UntilAsync(() => follower.Count >= 1);
            Assert.Equal(position, Assert.Single(follower.Records).Value[0].Position);
        }
    }

    [Fact]
    public async Task After_a_seek_to_the_end_only_new_records_come()
    {
        var log = await Fixture.OpenLogAsync();
        await AppendAsync(log, Records("ann", Enumerable.Range(0, 10)));
        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 10);
        var partition = Assert.Single(follower.Records).Key;

        follower.Records.Clear();
        follower.Consumer.Seek(partition, 10);
        await follower.ReadOnceAsync(TimeSpan.FromMilliseconds(20), Token);
        Assert.Equal(0, follower.Count);
        await AppendAsync(log, Record("ann", "eleventh"));
        await follower.UntilAsync(() => follower.Count >= 1);

        AssertTexts(["eleventh"], follower.Texts);
        Assert.Equal(10, Assert.Single(follower.Records).Value[0].Position);
    }

    [Fact]
    public async Task Records_come_while_others_are_written()
    {
        var log = await Fixture.OpenLogAsync();
        var follower = await FollowAllAsync();
        var writing = Task.Run(
            async () =>
            {
                for (var round = 0; round < 50; round++)
                {
                    await AppendAsync(log, Records("ann", Enumerable.Range(round * 10, 10)));
                }
            },
            Token);

        await follower.UntilAsync(() => follower.Count >= 500);
        await writing;

        AssertTexts(TextsOf(Records("ann", Enumerable.Range(0, 500))), follower.Texts);
    }

    [Fact]
    public async Task The_end_position_is_that_of_the_next_record()
    {
        var log = await Fixture.OpenLogAsync();
        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Owned.All(partition => follower.Consumer.EndPosition(partition) == 0));

        await AppendAsync(log, Records("ann", Enumerable.Range(0, 25)));
        await follower.UntilAsync(() => follower.Count >= 25);
        var partition = Assert.Single(follower.Records).Key;
        await follower.UntilAsync(() => follower.Consumer.EndPosition(partition) == 25);
    }

    [Fact]
    public async Task A_read_ends_after_its_wait_with_nothing()
    {
        var follower = await FollowAllAsync();
        await follower.ReadOnceAsync(TimeSpan.FromMilliseconds(1), Token);
        var start = Stopwatch.GetTimestamp();
        var read = await follower.Consumer.ReadAsync(TimeSpan.FromMilliseconds(50), Token);

        Assert.True(Stopwatch.GetElapsedTime(start) < Fixture.Patience);
        Assert.Empty(read.Records);
    }

    [Fact]
    public async Task A_read_that_waits_can_be_cancelled()
    {
        var follower = await FollowAllAsync();
        using var cancel = new CancellationTokenSource();
        var reading = follower.Consumer.ReadAsync(Fixture.Patience, cancel.Token).AsTask();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Fixture.Patience / 2, TimeProvider.System, Token));
        Assert.Empty((await follower.Consumer.ReadAsync(TimeSpan.Zero, Token)).Records);
    }

    [Fact]
    public async Task A_read_that_waits_ends_when_its_consumer_is_disposed()
    {
        var follower = await FollowAllAsync();
        var reading = follower.Consumer.ReadAsync(Fixture.Patience, Token).AsTask();
        await follower.Consumer.DisposeAsync();

        try
        {
            Assert.Empty((await reading.WaitAsync(Fixture.Patience / 2, TimeProvider.System, Token)).Records);
        }
        catch (Exception error) when (error is ObjectDisposedException or OperationCanceledException or LogException)
        {
            // Any of these is an end.
        }
    }

    [Fact]
    public async Task A_consumer_may_be_disposed_twice()
    {
        var follower = await FollowAllAsync();
        await follower.Consumer.DisposeAsync();
        await follower.Consumer.DisposeAsync();
    }

    private static void SeekAll(Follower follower, long position)
    {
        foreach (var partition in follower.Owned)
        {
            follower.Consumer.Seek(partition, position);
        }
    }

    private static bool Same((long Position, byte[] Value) one, (long Position, byte[] Value) other) =>
        one.Position == other.Position && one.Value.AsSpan().SequenceEqual(other.Value);
}
