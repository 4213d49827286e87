using Footfall.Log.Kafka;

namespace Footfall.Log.Tests;

public sealed class KafkaPartitionsTests
{
    private readonly Partitions _partitions = new();

    [Fact]
    public void An_assignment_that_nobody_heard_of_is_taken_back()
    {
        _partitions.Assign([1, 2]);
        _partitions.Revoke([2]);

        AssertEvents([], [1]);
    }

    [Fact]
    public void A_partition_that_went_and_came_back_is_revoked_and_then_assigned()
    {
        _partitions.Assign([1]);
        _partitions.TakeEvents();
        _partitions.Revoke([1]);
        _partitions.Assign([1]);

        AssertEvents([1], [1]);
    }

    [Fact]
    public void A_partition_that_went_came_and_went_is_revoked_once()
    {
        _partitions.Assign([1]);
        _partitions.TakeEvents();
        _partitions.Revoke([1]);
        _partitions.Assign([1]);
        _partitions.Revoke([1]);

        AssertEvents([1], []);
    }

    [Fact]
    public void Only_what_follows_a_seek_is_accepted()
    {
        _partitions.Assign([1]);
        Assert.False(_partitions.Accept(1, 0));
        Assert.True(_partitions.Seek(1, 5));
        Assert.False(_partitions.Accept(1, 4));
        Assert.True(_partitions.Accept(1, 5));
        Assert.False(_partitions.Accept(1, 5));
        Assert.Equal(6, _partitions.Skips(1, 8));
        Assert.Null(_partitions.Skips(1, 6));
        _partitions.Hold(1);
        Assert.False(_partitions.Accept(1, 6));
        Assert.False(_partitions.Seek(2, 0));
    }

    private void AssertEvents(int[] revoked, int[] assigned)
    {
        var (wentAway, came) = _partitions.TakeEvents();
        Assert.Equal(revoked, wentAway);
        Assert.Equal(assigned, came);
        Assert.False(_partitions.HasEvents);
    }
}
