namespace Footfall.Expose;

/// <summary>
/// Whether this instance shows the totals on <c>/metrics</c>. One instance at a time does: the owner of partition 0,
/// for one lease after each commit, since a commit is fenced by the group's generation. A new owner waits until the
/// former one's last has run out: one lease from when it saw that one's last commit. Time is monotonic.
/// </summary>
/// <param name="length">Null where no second owner can exist: then the owner always shows them.</param>
/// <param name="time">Its timestamps alone.</param>
public sealed class TotalsLease(TimeSpan? length, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long? _former;
    private long? _renewed;

    /// <summary>Whether to show them now.</summary>
    public bool Holds
    {
        get
        {
            lock (_lock)
            {
                return _former is { } former
                    && (length is not { } lease
                        || (time.GetElapsedTime(former) >= lease
                            && _renewed is { } renewed && time.GetElapsedTime(renewed) < lease));
            }
        }
    }

    /// <summary>How long after a commit the owner makes another, changes or none: three tries within a lease.</summary>
    public TimeSpan? RenewEvery => length / 3;

    /// <summary>Partition 0 is ours from now on, and nobody else can commit it any more.</summary>
    /// <param name="seen">When its last commit was first seen here; null: it may have begun just now.</param>
    public void Assigned(long? seen)
    {
        lock (_lock)
        {
            (_former, _renewed) = (seen ?? time.GetTimestamp(), null);
        }
    }

    /// <summary>Partition 0 is no longer ours.</summary>
    public void Revoked()
    {
        lock (_lock)
        {
            (_former, _renewed) = (null, null);
        }
    }

    /// <summary>A commit with partition 0 in it has succeeded.</summary>
    /// <param name="started">The timestamp before it began: at its end the fence may already have fallen.</param>
    public void Renewed(long started)
    {
        lock (_lock)
        {
            _renewed = started;
        }
    }
}
