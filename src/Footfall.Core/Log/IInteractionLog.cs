namespace Footfall.Log;

/// <summary>The side of the log that the collector writes to.</summary>
public interface IInteractionLog : IAsyncDisposable
{
    /// <summary>
    /// Appends records in their order. Calls may overlap; the adapter batches what waits together. The memory of the
    /// records must not change until the call has ended, a cancelled one included.
    /// </summary>
    /// <returns>
    /// <see cref="AppendResult.Durable"/> once every record would survive a crash. Anything else: none, some or all
    /// may be in the log, and the caller lets the sender try again with the same ids.
    /// </returns>
    ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken);

    /// <summary>How the last append went, and if it failed, why.</summary>
    LogHealth Health { get; }
}

/// <summary>How an append ended.</summary>
public enum AppendResult
{
    /// <summary>All records are in the log and survive a crash.</summary>
    Durable,

    /// <summary>The queue before the log is full: sent faster than the log takes it.</summary>
    Full,

    /// <summary>The log can't be written now (broker away, disk full, shutting down).</summary>
    Unavailable,
}

/// <summary>The log's state as its last calls showed it.</summary>
/// <param name="Writable">False when the last append failed and none has succeeded since.</param>
/// <param name="Reason">For people, when not writable.</param>
public readonly record struct LogHealth(bool Writable, string? Reason)
{
    /// <summary>Nothing to say.</summary>
    public static LogHealth Good { get; } = new(true, null);
}
