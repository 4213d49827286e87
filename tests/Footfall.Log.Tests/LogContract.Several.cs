
namespace Footfall.Log.Tests;

/// <summary>What several instances promise each other; skipped where there can be only one.</summary>
public abstract partial class LogContract
{
    [Fact]
    public async Task Only_where_several_may_be_there_is_a_lease()
    {
        var follower = await FollowAsync();

        Assert.Equal(Fixture.SeveralConsumers, follower.Consumer.Lease is not null);
    }

    [Fact]
    public async Task Every_partition_has_one_owner_of_two()
    {
        var (one, two) = await FollowTwoAsync();

        Assert.Empty(one.Owned.Intersect(two.Owned));
        Assert.Equal(Enumerable.Range(0, Fixture.Partitions), one.Owned.Union(two.Owned).Order());
    }

    [Fact]
    public async Task A_commit_of_a_revoked_partition_is_refused_and_changes_nothing()
    {
        var (one, two) = await FollowTwoAsync(first => first.CommitAsync(0, 1, "one", new Total("a", 1)));
        var moved = two.Owned.First();
        var kept = one.Owned.First();
        var before = await two.Consumer.LoadAsync(moved, Token);

        Assert.NotEqual(
            CommitResult.Committed,
            await one.Consumer.CommitAsync(
                [new(kept, 9, default, [new Total("kept", 9)]), new(moved, 9, default, [new Total("moved", 9)])], Token));

        var after = await two.Consumer.LoadAsync(moved, Token);
        Assert.Equal(before.Position, after.Position);
        Assert.Equal(before.Totals, after.Totals);
        Assert.DoesNotContain(new Total("kept", 9), (await LoadAsync(one, kept)).Totals);
    }

    [Fact]
    public async Task A_new_owner_goes_on_from_the_last_commit()
    {
        var log = await Fixture.OpenLogAsync();
        await AppendAsync(log, [.. Enumerable.Range(0, 200).Select(number => Record($"visitor-{number}", $"{number}"))]);
        var (one, two) = await FollowTwoAsync(async first =>
        {
            await first.UntilAsync(() => first.Count >= 200);
            Assert.Equal(CommitResult.Committed, await first.Consumer.CommitAsync(
                [.. first.Records.Select(partition => new PartitionCommit(partition.Key, partition.Value.Count - 5, default, [new("n", partition.Value.Count - 5)]))],
                Token));
            return CommitResult.Committed;
        });

        await two.UntilAsync(() => two.Count >= 5 * two.Owned.Count);

        foreach (var partition in two.Owned)
        {
            Assert.Equal(one.Records[partition].TakeLast(5), two.Records[partition], Same);
        }
    }

    [Fact]
    public async Task Another_instance_hears_what_was_and_what_is_committed()
    {
        var (one, two) = await FollowTwoAsync(first => first.CommitAsync(0, 1, "one", new Total("before", 1)));
        var kept = one.Owned.First();
        await two.UntilAsync(() => two.Totals.GetValueOrDefault((0, "before")) == 1);

        for (var value = 1; value <= 3; value++)
        {
            Assert.Equal(CommitResult.Committed, await CommitOwnedAsync(one, kept, value));
        }

        await two.UntilAsync(() => two.Totals.GetValueOrDefault((kept, "after")) == 3);
    }

    [Fact]
    public async Task A_disposed_instances_partitions_go_to_the_others()
    {
        var (one, two) = await FollowTwoAsync();
        await one.Consumer.DisposeAsync();

        await two.UntilOwnedAsync(Fixture.Partitions);
    }

    [Fact]
    public async Task A_new_owner_knows_when_it_saw_the_last_commit_of_the_former_one()
    {
        var (one, two) = await FollowTwoAsync();
        var kept = one.Owned.First();
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(CommitResult.Committed, await CommitOwnedAsync(one, kept, 1));
        await two.UntilAsync(() => two.Totals.GetValueOrDefault((kept, "after")) == 1);

        await one.Consumer.DisposeAsync();
        var left = TimeProvider.System.GetTimestamp();
        await two.UntilOwnedAsync(Fixture.Partitions);

        Assert.InRange(Assert.NotNull((await LoadAsync(two, kept)).Seen), began, left);
    }

    [Fact]
    public async Task A_zombies_commit_is_refused_and_changes_nothing()
    {
        SkipUnlessSeveral();
        var zombie = await FollowAllAsync();
        await CommittedAsync(zombie.CommitAsync(0, 1, "one", new Total("a", 1)));
        Assert.SkipUnless(await Fixture.MakeZombieAsync(zombie.Consumer), "This adapter can't make a zombie.");
        var heir = await FollowAllAsync();

        Assert.NotEqual(CommitResult.Committed, await zombie.CommitAsync(0, 2, "two", new Total("a", 2)));
        await AssertCheckpointAsync(heir, 0, 1, "one", new Total("a", 1));
        await CommittedAsync(heir.CommitAsync(0, 3, "three", new Total("a", 3)));
        Assert.NotEqual(CommitResult.Committed, await zombie.CommitAsync(0, 4, "four", new Total("a", 4)));
        await AssertCheckpointAsync(heir, 0, 3, "three", new Total("a", 3));
    }

    /// <summary>Two instances that share the partitions; the first had them all, and did what it is told meanwhile.</summary>
    private async Task<(Follower One, Follower Two)> FollowTwoAsync(Func<Follower, Task<CommitResult>>? meanwhile = null)
    {
        SkipUnlessSeveral();
        var one = await FollowAllAsync();
        if (meanwhile is not null)
        {
            Assert.Equal(CommitResult.Committed, await meanwhile(one));
        }

        var two = await FollowAsync();
        await Task.WhenAll(one.UntilAsync(Settled), two.UntilAsync(Settled));
        return (one, two);

        bool Settled() =>
            one.Owned.Count > 0 && two.Owned.Count > 0 && one.Owned.Count + two.Owned.Count == Fixture.Partitions;
    }

    /// <summary>As Count does: what was lost is loaded and tried again.</summary>
    private static async Task<CommitResult> CommitOwnedAsync(Follower follower, int partition, decimal value)
    {
        var result = CommitResult.Lost;
        for (var tries = 0; result != CommitResult.Committed && tries < 10; tries++)
        {
            result = await follower.CommitAsync(partition, 1, "", new Total("after", value));
            await follower.ReadOnceAsync(TimeSpan.Zero, Token);
        }

        return result;
    }

    private static async Task<Checkpoint> LoadAsync(Follower follower, int partition) =>
        await follower.Consumer.LoadAsync(partition, Token);

    private void SkipUnlessSeveral() => Assert.SkipUnless(Fixture.SeveralConsumers, "This log has one metrics instance at a time, so what takes several can't be shown on it.");
}
