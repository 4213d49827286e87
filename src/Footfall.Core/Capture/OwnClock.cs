namespace Footfall.Capture;

/// <summary>
/// When an interaction happened, by the clock of who sent it, which may be wrong by years. Where the sender says when it
/// sent, its clock is known as far as the network lets it be, and <c>at</c> is moved to ours; and whatever it says,
/// <c>at</c> is kept within a window before its arrival.
/// </summary>
internal static class OwnClock
{
    /// <summary>The moment that is kept, in Unix milliseconds of our clock, and what was done to get there.</summary>
    /// <param name="at">By the sender's clock.</param>
    /// <param name="behind">See <see cref="Sender.ClockBehind"/>.</param>
    /// <param name="now">Of arrival.</param>
    /// <param name="corrections">Counts what was done.</param>
    public static long Read(long at, long? behind, long now, ref ClockCorrections corrections)
    {
        if (behind is { } milliseconds && Math.Abs(milliseconds) > CaptureLimits.ClockTolerance.TotalMilliseconds)
        {
            at += milliseconds;
            corrections.Moved++;
        }

        var oldest = now - (long)CaptureLimits.OldestAt.TotalMilliseconds;
        if (at > now)
        {
            corrections.FromFuture++;
            return now;
        }

        if (at < oldest)
        {
            corrections.FromPast++;
            return Math.Max(oldest, 0);
        }

        return at;
    }
}

/// <summary>How many times of a request were not kept as they were sent.</summary>
/// <param name="Moved">By the sender's clock being wrong.</param>
/// <param name="FromFuture">After their arrival: set to it.</param>
/// <param name="FromPast">Longer ago than is believed: set to the oldest that is.</param>
public record struct ClockCorrections(int Moved, int FromFuture, int FromPast);
