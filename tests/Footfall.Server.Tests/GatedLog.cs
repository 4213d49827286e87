using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>A log in memory that tells when an append has come, and lets it go on when it is told.</summary>
internal sealed class GatedLog(MemoryLog log) : IInteractionLog
{
    private readonly MemoryLogWriter _writer = log.OpenWriter();
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first append has come.</summary>
    public Task Arrived => _arrived.Task;

    /// <summary>What every append throws: a bug of an adapter.</summary>
    public Exception? Bug { get; init; }

    public LogHealth Health => _writer.Health;

    public void Release() => _released.SetResult();

    public async ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
    {
        if (Bug is not null)
        {
            throw Bug;
        }

        _arrived.TrySetResult();
        await _released.Task;
        return await _writer.AppendAsync(records, cancellationToken);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
