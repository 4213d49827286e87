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

/// <summary>Logs what the counting loop tells; that commits fail at once, and then at most every ten seconds.</summary>
public sealed partial class CountingLog(TimeProvider time, ILogger<CountingLog> logger) : ICountingEvents
{
    private readonly Throttle _throttle = new(time);
    private bool _toldFailing;

    /// <inheritdoc/>
    public void Assigned(IReadOnlyList<int> partitions)
    {
        var numbers = string.Join(", ", partitions.Order());
        Owned(partitions.Count == 1 ? $"Partition {numbers} is" : $"Partitions {numbers} are");
    }

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
    public void CommitFailed(CommitResult result, string? reason, TimeSpan failing)
    {
        if (result == CommitResult.Aborted && failing <= CountingLoop.Patience)
        {
            CommitAborted();
        }
        else if (_throttle.TryTake())
        {
            _toldFailing = true;
            var why = reason ?? "the log does not say why";
            if (result == CommitResult.Lost)
            {
                CommitLost(why);
            }
            else
            {
                CantCommit(why);
            }
        }
    }

    /// <inheritdoc/>
    public void CommitsAgain(TimeSpan after)
    {
        if (_toldFailing)
        {
            _toldFailing = false;
            Commits(after);
        }
    }

    /// <inheritdoc/>
    public void NotCommitted(string? reason) => LastNotCommitted(reason ?? "the log does not say why");

    /// <inheritdoc/>
    public void LogUnavailable(LogException cause, TimeSpan wait) => LogUnavailable(cause.Message, wait);

    /// <inheritdoc/>
    public void NotReleased(LogException cause) => NotReleased(cause.Message);

    [LoggerMessage(LogLevel.Information, "{Partitions} ours")]
    private partial void Owned(string partitions);

    [LoggerMessage(LogLevel.Debug, "A commit was refused, as in a rebalance; what it held is in the next")]
    private partial void CommitAborted();

    [LoggerMessage(LogLevel.Warning, "A commit was lost, what it held is counted again from the last checkpoint: {Reason}")]
    private partial void CommitLost(string reason);

    [LoggerMessage(LogLevel.Warning, "What is counted can't be committed now, and is not shown until it is: {Reason}")]
    private partial void CantCommit(string reason);

    [LoggerMessage(LogLevel.Information, "Commits succeed again after {After}")]
    private partial void Commits(TimeSpan after);

    [LoggerMessage(LogLevel.Warning, "The last commit failed, what it held is counted again at the next start: {Reason}")]
    private partial void LastNotCommitted(string reason);

    [LoggerMessage(LogLevel.Warning, "Records that are past their time can't be removed: {Reason}")]
    private partial void NotReleased(string reason);

    [LoggerMessage(LogLevel.Warning, "The log can't be read now, trying again in {Wait}: {Reason}")]
    private partial void LogUnavailable(string reason, TimeSpan wait);
}
