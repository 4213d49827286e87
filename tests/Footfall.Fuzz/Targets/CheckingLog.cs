using Footfall.Log;

namespace Footfall.Fuzz.Targets;

/// <summary>A log that keeps nothing but what was wrong with a record, and that can't be written now and then.</summary>
internal sealed class CheckingLog : IInteractionLog
{
    private int _appends;
    private Exception? _wrong;

    public LogHealth Health => LogHealth.Good;

    public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var record in records.Span)
            {
                RecordOracle.Check(record, hasFixedTime: false);
            }
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref _wrong, error, null);
        }

        var append = Interlocked.Increment(ref _appends);
        return ValueTask.FromResult(append % 31 == 0 ? AppendResult.Unavailable : append % 37 == 0 ? AppendResult.Full : AppendResult.Durable);
    }

    /// <summary>What was wrong since the last time.</summary>
    public Exception? TakeWrong() => Interlocked.Exchange(ref _wrong, null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
