namespace Footfall.Expose;

/// <summary>
/// Whether this instance shows the totals on <c>/metrics</c>. One instance at a time does: the owner of partition 0,
/// for one lease after each commit, since a commit is fenced by the group's generation. A new owner waits one lease
/// from its assignment, by when the former one's last has run out. Time is monotonic.
/// </summary>
/// <param name="length">Null where no second owner can exist: then the owner always shows them.</param>
/// <param name="time">Its timestamps alone.</param>
public sealed class TotalsLease(TimeSpan? length, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long? _assigned;
    private long? _renewed;

    /// <summary>Whether to show them now.</summary>
    public bool Holds
    {
        get
        {
            lock (_lock)
            {
                return _assigned is { } assigned
                    && (length is not { } lease
                        || (time.GetElapsedTime(assigned) >= lease
                            && _renewed is { } renewed && time.GetElapsedTime(renewed) < lease));
            }
        }
    }

    /// <summary>How long after a commit the owner makes another, changes or none: three tries within a lease.</summary>
    public TimeSpan? RenewEvery => length / 3;

    /// <summary>Partition 0 is ours from now on.</summary>
    public void Assigned()
    {
        lock (_lock)
        {
            (_assigned, _renewed) = (time.GetTimestamp(), null);
        }
    }

    /// <summary>Partition 0 is no longer ours.</summary>
    public void Revoked()
    {
        lock (_lock)
        {
            (_assigned, _renewed) = (null, null);
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
