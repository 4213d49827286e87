using Footfall.Log;

namespace Footfall.AspNetCore.Capture;

/// <summary>
/// Tells the operator why the log does not take interactions, which senders are not told since it names hosts and
/// paths: at once, and then at most every ten seconds.
/// </summary>
internal sealed partial class LogTrouble(IInteractionLog log, TimeProvider time, ILogger<LogTrouble> logger)
{
    private readonly Throttle _throttle = new(time);

    /// <summary>A request was answered with 503 because of the log.</summary>
    public void Tell()
    {
        if (_throttle.TryTake())
        {
            Refused(log.Health.Reason ?? "more waits for it than its queue holds (Log:MaxQueueBytes)");
        }
    }

    [LoggerMessage(LogLevel.Warning, "Interactions are refused with 503, the log can't take them now: {Reason}")]
    private partial void Refused(string reason);
}
