namespace Footfall.AspNetCore;

/// <summary>For what would fill the log: told at once, and then at most every ten seconds. Safe to share.</summary>
internal sealed class Throttle(TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private long _told; // when, monotonic, plus one; 0: never

    /// <summary>Whether it is to be told now; then for a while not again.</summary>
    public bool TryTake()
    {
        var told = Volatile.Read(ref _told);
        return (told == 0 || time.GetElapsedTime(told - 1) >= Every)
            && Interlocked.CompareExchange(ref _told, time.GetTimestamp() + 1, told) == told;
    }
}
