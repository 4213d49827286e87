using System.Globalization;
using System.Text;

namespace Footfall.Log.Tests;

public abstract partial class LogContract
{
    [Fact]
    public async Task A_checkpoint_is_none_before_the_first_commit()
    {
        var follower = await FollowAllAsync();
        foreach (var partition in follower.Owned)
        {
            var checkpoint = await follower.Consumer.LoadAsync(partition, Token);
            Assert.Null(checkpoint.Position);
            Assert.True(checkpoint.State.IsEmpty);
            Assert.Empty(checkpoint.Totals);
        }
    }

    [Fact]
    public async Task What_was_committed_is_loaded_after_a_restart()
    {
        var follower = await FollowAllAsync();
        Assert.Equal(CommitResult.Committed, await follower.CommitAsync(0, 3, "state", new("a", 1), new("b", 2.5m)));
        await Fixture.ReopenAsync();

        await AssertCheckpointAsync(await FollowAllAsync(), 0, 3, "state", new("a", 1), new("b", 2.5m));
    }

    [Fact]
    public async Task Only_changed_totals_are_sent_and_the_others_stay()
    {
        var follower = await FollowAllAsync();
        await CommittedAsync(follower.CommitAsync(0, 1, "one", new("a", 1), new("b", 1)));
        await CommittedAsync(follower.CommitAsync(0, 2, "two", new("b", 2), new("c", 1)));
        await CommittedAsync(follower.CommitAsync(0, 3, "three", new Total("a", 7)));

        await AssertCheckpointAsync(follower, 0, 3, "three", new("a", 7), new("b", 2), new("c", 1));
        await Fixture.ReopenAsync();
        await AssertCheckpointAsync(await FollowAllAsync(), 0, 3, "three", new("a", 7), new("b", 2), new("c", 1));
    }

    [Fact]
    public async Task A_commit_may_have_no_totals()
    {
        var follower = await FollowAllAsync();
        await CommittedAsync(follower.CommitAsync(0, 0));
        await AssertCheckpointAsync(follower, 0, 0, "");
        await CommittedAsync(follower.CommitAsync(0, 1, "one", new Total("a", 1)));
        await CommittedAsync(follower.CommitAsync(0, 1, "one"));
        await CommittedAsync(follower.CommitAsync(0, 2, "two"));

        await AssertCheckpointAsync(follower, 0, 2, "two", new Total("a", 1));
    }

    [Fact]
    public async Task A_commit_may_have_no_partition()
    {
        var follower = await FollowAllAsync();

        Assert.Equal(CommitResult.Committed, await follower.Consumer.CommitAsync([], Token));
    }

    [Fact]
    public async Task Partitions_are_committed_together_and_each_for_itself()
    {
        var follower = await FollowAllAsync();
        PartitionCommit[] commits = [.. follower.Owned.Select(partition => new PartitionCommit(
            partition, partition + 5, Encoding.UTF8.GetBytes($"state {partition}"), [new Total("same", partition + 1)]))];
        Assert.Equal(CommitResult.Committed, await follower.Consumer.CommitAsync(commits, Token));
        await Fixture.ReopenAsync();

        follower = await FollowAllAsync();
        foreach (var partition in follower.Owned)
        {
            await AssertCheckpointAsync(follower, partition, partition + 5, $"state {partition}", new Total("same", partition + 1));
        }
    }

    [Fact]
    public async Task Reading_goes_on_at_the_committed_position_after_a_restart()
    {
        var log = await Fixture.OpenLogAsync();
        await AppendAsync(log, Records("ann", Enumerable.Range(0, 30)));
        var follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 30);
        await CommittedAsync(follower.CommitAsync(Assert.Single(follower.Records).Key, 20));
        await Fixture.ReopenAsync();

        follower = await FollowAllAsync();
        await follower.UntilAsync(() => follower.Count >= 10);

        AssertTexts(TextsOf(Records("ann", Enumerable.Range(20, 10))), follower.Texts);
        Assert.Equal(20, Assert.Single(follower.Records).Value[0].Position);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0.3")]
    [InlineData("19.99")]
    [InlineData("1.10")]
    [InlineData("9007199254740993")]              // 2^53 + 1: a double loses it
    [InlineData("18446744073709551617")]          // 2^64 + 1: a long loses it
    [InlineData("7922816251426433759354395033.5")]
    [InlineData("79228162514264337593543950335")] // decimal.MaxValue
    [InlineData("0.0000000000000000000000000001")]
    public async Task A_total_is_exact(string text)
    {
        var value = decimal.Parse(text, CultureInfo.InvariantCulture);
        var follower = await FollowAllAsync();
        await CommittedAsync(follower.CommitAsync(0, 1, "", new Total("a", value)));
        await Fixture.ReopenAsync();

        await AssertCheckpointAsync(await FollowAllAsync(), 0, 1, "", new Total("a", value));
    }

    [Fact]
    public async Task A_sum_of_tenths_over_many_commits_is_exact()
    {
        var follower = await FollowAllAsync();
        for (var turn = 1; turn <= 30; turn++)
        {
            var sofar = (await follower.Consumer.LoadAsync(0, Token)).Totals.SingleOrDefault().Value;
            await CommittedAsync(follower.CommitAsync(0, turn, "", new Total("a", sofar + 0.1m + 0.2m)));
        }

        await AssertCheckpointAsync(follower, 0, 30, "", new Total("a", 9.0m));
    }

    [Fact]
    public async Task A_series_is_any_text()
    {
        string[] series = ["", " ", "app=shop\u001ftarget=Jetzt kaufen 🛒", "'\"\\\n\u0000;", new('x', 2000), "A", "a"];
        var follower = await FollowAllAsync();
        await CommittedAsync(follower.CommitAsync(0, 1, "", [.. series.Select((name, index) => new Total(name, index))]));
        await Fixture.ReopenAsync();

        await AssertCheckpointAsync(await FollowAllAsync(), 0, 1, "", [.. series.Select((name, index) => new Total(name, index))]);
    }

    [Fact]
    public async Task A_state_is_any_bytes()
    {
        byte[] state = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        var follower = await FollowAllAsync();
        Assert.Equal(CommitResult.Committed, await follower.Consumer.CommitAsync([new PartitionCommit(0, 1, state, [])], Token));
        await Fixture.ReopenAsync();

        Assert.Equal(state, (await (await FollowAllAsync()).Consumer.LoadAsync(0, Token)).State.ToArray());
    }

    [Fact]
    public async Task A_commit_of_20000_totals_is_loaded_whole()
    {
        var follower = await FollowAllAsync();
        Total[] totals = [.. Enumerable.Range(0, 20_000).Select(number => new Total($"series-{number:D5}", number))];
        await CommittedAsync(follower.CommitAsync(0, 1, "", totals));
        await Fixture.ReopenAsync();

        await AssertCheckpointAsync(await FollowAllAsync(), 0, 1, "", totals);
    }

    [Fact]
    public async Task A_cancelled_commit_commits_nothing()
    {
        var follower = await FollowAllAsync();
        await CommittedAsync(follower.CommitAsync(0, 1, "one", new Total("a", 1)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await follower.Consumer.CommitAsync(
            [new PartitionCommit(0, 2, "two"u8.ToArray(), [new Total("a", 2)])], new CancellationToken(canceled: true)));

        await AssertCheckpointAsync(follower, 0, 1, "one", new Total("a", 1));
    }

    [Fact]
    public async Task A_commit_after_disposal_is_lost()
    {
        var follower = await FollowAllAsync();
        await CommittedAsync(follower.CommitAsync(0, 1, "one", new Total("a", 1)));
        await follower.Consumer.DisposeAsync();
        Assert.Equal(CommitResult.Lost, await follower.CommitAsync(0, 2, "two", new Total("a", 2)));
        await Fixture.ReopenAsync();

        await AssertCheckpointAsync(await FollowAllAsync(), 0, 1, "one", new Total("a", 1));
    }

    private protected static async Task CommittedAsync(Task<CommitResult> commit) =>
        Assert.Equal(CommitResult.Committed, await commit);

    private protected static async Task AssertCheckpointAsync(
        Follower follower, int partition, long position, string state, params Total[] totals)
    {
        var checkpoint = await follower.Consumer.LoadAsync(partition, Token);
        Assert.Equal(position, checkpoint.Position);
        Assert.Equal(state, Encoding.UTF8.GetString(checkpoint.State.Span));
        Assert.Equal(
            totals.OrderBy(total => total.Series, StringComparer.Ordinal),
            checkpoint.Totals.OrderBy(total => total.Series, StringComparer.Ordinal));
    }
}
