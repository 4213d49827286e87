namespace Footfall.Expose;

/// <summary>Who looks at the live board of this process. Safe to share.</summary>
public sealed class ViewerCounters
{
    private int _now;
    private long _skippedTicks;
    private long _refused;
    private long _ended;

    /// <summary>How many look at it now.</summary>
    public int Now => Volatile.Read(ref _now);

    /// <summary>Ticks that a viewer was too slow for, since the start.</summary>
    public long SkippedTicks => Interlocked.Read(ref _skippedTicks);

    /// <summary>Viewers refused because there were too many, since the start.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Viewers whose connection was ended because a write took too long, since the start.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>One more, unless there are as many as there may be: then it is refused.</summary>
    public bool TryEnter(int most)
    {
        if (Interlocked.Increment(ref _now) <= most)
        {
            return true;
        }

        Interlocked.Decrement(ref _now);
        Interlocked.Increment(ref _refused);
        return false;
    }

    /// <summary>One less.</summary>
    public void Leave() => Interlocked.Decrement(ref _now);

    /// <summary>A viewer was too slow for so many.</summary>
    public void Skip(long ticks) => Interlocked.Add(ref _skippedTicks, ticks);

    /// <summary>A viewer read nothing for too long.</summary>
    public void End() => Interlocked.Increment(ref _ended);
}
