using Microsoft.Extensions.Time.Testing;

namespace Footfall.Expose;

public sealed class TotalsLeaseTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TotalsLease _lease;

    public TotalsLeaseTests() => _lease = new TotalsLease(TimeSpan.FromSeconds(2), _time);

    [Fact]
    public void Who_does_not_own_partition_0_never_shows_totals()
    {
        _lease.Renewed(_time.GetTimestamp());
        Assert.False(_lease.Holds);
        Assert.False(new TotalsLease(null, _time).Holds);
    }

    [Fact]
    public void New_owner_waits_one_lease_however_often_it_commits()
    {
        _lease.Assigned(seen: null);
        for (var i = 0; i < 4; i++)
        {
            _lease.Renewed(_time.GetTimestamp());
            Assert.False(_lease.Holds);
            _time.Advance(TimeSpan.FromSeconds(0.5));
        }

        Assert.True(_lease.Holds);
    }

    [Fact]
    public void New_owner_waits_one_lease_from_when_it_saw_the_last_commit_of_the_former_one()
    {
        var seen = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1.5));
        _lease.Assigned(seen);
        _lease.Renewed(_time.GetTimestamp());
        Assert.False(_lease.Holds);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(_lease.Holds);

        _lease.Assigned(seen);
        Assert.False(_lease.Holds);  // not before it has committed itself
        _lease.Renewed(_time.GetTimestamp());
        Assert.True(_lease.Holds);
    }

    [Fact]
    public void Lease_runs_out_without_commits_and_a_commit_renews_it()
    {
        _lease.Assigned(seen: null);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(_lease.Holds);
        _lease.Renewed(_time.GetTimestamp());
        Assert.True(_lease.Holds);
        _time.Advance(TimeSpan.FromSeconds(1.999));
        Assert.True(_lease.Holds);
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.False(_lease.Holds);
    }

    [Fact]
    public void Commit_renews_from_its_start()
    {
        _lease.Assigned(seen: null);
        _time.Advance(TimeSpan.FromSeconds(10));
        var started = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1.5));
        _lease.Renewed(started);
        Assert.True(_lease.Holds);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.False(_lease.Holds);
    }

    [Fact]
    public void Commit_of_an_earlier_ownership_does_not_count()
    {
        _lease.Assigned(seen: null);
        _time.Advance(TimeSpan.FromSeconds(3));
        _lease.Renewed(_time.GetTimestamp());
        Assert.True(_lease.Holds);
        _lease.Revoked();
        Assert.False(_lease.Holds);
        _lease.Assigned(seen: null);
        Assert.False(_lease.Holds);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(_lease.Holds);
    }

    [Fact]
    public void Without_a_second_owner_the_owner_always_shows_them()
    {
        var lease = new TotalsLease(null, _time);
        lease.Assigned(seen: null);
        Assert.True(lease.Holds);
        Assert.Null(lease.RenewEvery);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.True(lease.Holds);
        lease.Revoked();
        Assert.False(lease.Holds);
    }

    [Fact]
    public void Lease_is_renewed_three_times_in_its_length() => Assert.InRange(_lease.RenewEvery!.Value.TotalMilliseconds, 600, 667);
}
