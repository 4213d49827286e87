using Footfall.Log;

namespace Footfall.Server.Capture;

/// <summary>
/// Tells the operator why the log does not take interactions, which senders are not told since it names hosts and
/// paths: at once, and then at most every ten seconds.
/// </summary>
public sealed partial class LogTrouble(IInteractionLog log, TimeProvider time, ILogger<LogTrouble> logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private long _told; // when, monotonic, plus one; 0: never

    /// <summary>A request was answered with 503 because of the log.</summary>
    public void Tell()
    {
        var told = Volatile.Read(ref _told);
        if ((told == 0 || time.GetElapsedTime(told - 1) >= Every)
            && Interlocked.CompareExchange(ref _told, time.GetTimestamp() + 1, told) == told)
        {
            Refused(log.Health.Reason ?? "more waits for it than its queue holds (Log:MaxQueueBytes)");
        }
    }

    [LoggerMessage(LogLevel.Warning, "Interactions are refused with 503, the log can't take them now: {Reason}")]
    private partial void Refused(string reason);
}
