namespace Footfall.Capture;

/// <summary>
/// A token bucket: so many a second, and twice as many at once. All of its state is one number, the moment at which it
/// will be full again (the generic cell rate algorithm). What comes together is taken or left together: a bucket with
/// anything in it takes the whole and owes the rest, so that no request is too large ever to be taken.
/// </summary>
/// <param name="perSecond">From 1.</param>
internal readonly struct Rate(int perSecond)
{
    private const long Burst = 2 * TimeSpan.TicksPerSecond;

    private int PerSecond => perSecond;

    /// <summary>Monotonic ticks, as all moments here.</summary>
    public static long Now(TimeProvider time) => time.GetElapsedTime(0).Ticks;

    /// <summary>After how long there is something in the bucket again.</summary>
    public static TimeSpan Wait(long fullAt, long now) => TimeSpan.FromTicks(Math.Max(fullAt - now - Burst, 0));

    /// <summary>When a bucket that fills at another rate would be full at this one, and no later than it would have been.</summary>
    public long Continue(long fullAt, Rate other, long now)
    {
        var missing = Math.Max(fullAt - now, 0);
        return now + (long)(missing * Math.Min(1, (double)other.PerSecond / PerSecond));
    }

    /// <summary>Takes so many at once, unless it is empty.</summary>
    public bool TryTake(ref long fullAt, long now, int count)
    {
        var missing = Math.Max(fullAt - now, 0);
        if (missing >= Burst)
        {
            return false;
        }

        fullAt = now + missing + (count * TimeSpan.TicksPerSecond / perSecond);
        return true;
    }
}
