using Footfall.Log;

namespace Footfall.Server.Log;

/// <summary>Logs what the spool tells; that it still waits at most every ten seconds.</summary>
public sealed partial class SpoolEvents(TimeProvider time, ILogger<SpoolEvents> logger) : ISpoolEvents
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private long? _told; // the forwarder's alone

    /// <inheritdoc/>
    [LoggerMessage(LogLevel.Warning, "Interactions go to the spool: {Reason}")]
    public partial void Spooling(string reason);

    /// <inheritdoc/>
    public void Waiting(string reason, TimeSpan wait)
    {
        if (_told is not { } told || time.GetElapsedTime(told) >= Every)
        {
            _told = time.GetTimestamp();
            NotForwarded(reason);
        }
    }

    /// <inheritdoc/>
    [LoggerMessage(LogLevel.Information, "The spool is empty after {After}; interactions go to Kafka")]
    public partial void Forwarded(TimeSpan after);

    [LoggerMessage(LogLevel.Warning, "The spool can't be forwarded to Kafka yet: {Reason}")]
    private partial void NotForwarded(string reason);
}
