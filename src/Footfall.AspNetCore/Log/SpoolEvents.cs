using Footfall.Log;

namespace Footfall.AspNetCore.Log;

/// <summary>Logs what the spool tells; that it still waits at most every ten seconds.</summary>
internal sealed partial class SpoolEvents(TimeProvider time, ILogger<SpoolEvents> logger) : ISpoolEvents
{
    private readonly Throttle _throttle = new(time);

    /// <inheritdoc/>
    [LoggerMessage(LogLevel.Warning, "Interactions go to the spool: {Reason}")]
    public partial void Spooling(string reason);

    /// <inheritdoc/>
    public void Waiting(string reason, TimeSpan wait)
    {
        if (_throttle.TryTake())
        {
            NotForwarded(reason);
        }
    }

    /// <inheritdoc/>
    [LoggerMessage(LogLevel.Information, "The spool is empty after {After}; interactions go to Kafka")]
    public partial void Forwarded(TimeSpan after);

    [LoggerMessage(LogLevel.Warning, "The spool can't be forwarded to Kafka yet: {Reason}")]
    private partial void NotForwarded(string reason);
}
