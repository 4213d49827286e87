using Footfall.Count;
using Footfall.Log;

namespace Footfall.Server.Count;

/// <summary>Runs the counting loop as long as the service runs; if the loop dies, so does the service.</summary>
public sealed partial class CountingService(CountingLoop loop, ILogger<CountingService> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => CountAsync(stoppingToken), CancellationToken.None);

    private async Task CountAsync(CancellationToken stoppingToken)
    {
        try
        {
            await loop.RunAsync(stoppingToken);
        }
        catch (Exception e)
        {
            // The host that this stops is told by the runtime, in a category that we keep silent.
            Died(e);
            throw;
        }
    }

    [LoggerMessage(LogLevel.Critical, "Counting has failed and can't go on; the service stops")]
    private partial void Died(Exception cause);
}

/// <summary>Logs what the counting loop tells.</summary>
public sealed partial class CountingLog(ILogger<CountingLog> logger) : ICountingEvents
{
    /// <inheritdoc/>
    [LoggerMessage(LogLevel.Debug, "Partition {Partition}: counts from position {CountFrom}, reading again from {RebuildFrom}")]
    public partial void Loaded(int partition, long rebuildFrom, long countFrom);

    /// <inheritdoc/>
    [LoggerMessage(LogLevel.Information, "Partition {Partition}: windows rebuilt, counting at position {Position}")]
    public partial void Counting(int partition, long position);

    /// <inheritdoc/>
    [LoggerMessage(LogLevel.Information, "Partition {Partition}: no longer ours")]
    public partial void Revoked(int partition);

    /// <inheritdoc/>
    [LoggerMessage(LogLevel.Warning, "A commit was lost; what it held is counted again from the last checkpoint")]
    public partial void CommitLost();

    /// <inheritdoc/>
    [LoggerMessage(LogLevel.Debug, "A commit was refused, as in a rebalance; what it held is in the next")]
    public partial void CommitAborted();

    /// <inheritdoc/>
    public void LogUnavailable(LogException cause, TimeSpan wait) => LogUnavailable(cause.Message, wait);

    /// <inheritdoc/>
    public void NotReleased(LogException cause) => NotReleased(cause.Message);

    [LoggerMessage(LogLevel.Warning, "Records that are past their time can't be removed: {Reason}")]
    private partial void NotReleased(string reason);

    [LoggerMessage(LogLevel.Warning, "The log can't be read now, trying again in {Wait}: {Reason}")]
    private partial void LogUnavailable(string reason, TimeSpan wait);
}
