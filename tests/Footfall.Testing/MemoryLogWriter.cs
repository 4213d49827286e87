using Footfall.Log;

namespace Footfall.Testing;

/// <summary>A collector's side of a <see cref="MemoryLog"/>.</summary>
public sealed class MemoryLogWriter : IInteractionLog
{
    private readonly MemoryLog _log;
    private bool _disposed;

    internal MemoryLogWriter(MemoryLog log) => _log = log;

    /// <inheritdoc/>
    public LogHealth Health { get; private set; } = LogHealth.Good;

    /// <inheritdoc/>
    public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var hold = _log.Faults.Hold;
        return hold.IsCompleted && _log.Between is null ? new(Append(records.Span)) : AppendLaterAsync(hold, records, cancellationToken);
    }

    private async ValueTask<AppendResult> AppendLaterAsync(Task hold, ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
    {
        await hold.WaitAsync(cancellationToken);
        await _log.Reach(LogPoint.BeforeAppend);
        var result = _log.Between is null ? Append(records.Span) : await AppendInPiecesAsync(records, cancellationToken);
        await _log.Reach(LogPoint.AfterAppend);
        return result;
    }

    /// <summary>Partition by partition, as they come: what is for one partition is in the log while the rest is not.</summary>
    private async Task<AppendResult> AppendInPiecesAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Fault fault;
        lock (_log.Gate)
        {
            fault = _disposed ? Fault.Before : _log.Faults.Next(_log.Faults.Appends);
        }

        switch (fault)
        {
            case Fault.Full:
                return AppendResult.Full;
            case Fault.Before:
                return Unavailable("The log in memory was told to fail before the append.");
        }

        var taken = fault == Fault.Midway ? records[..(records.Length / 2)] : records;
        foreach (var piece in taken.ToArray().GroupBy(record => _log.PartitionOf(record.Key.Span)))
        {
            lock (_log.Gate)
            {
                if (_disposed || _log.Faults.Away)
                {
                    return Unavailable("The log in memory went away during the append.");
                }

                _log.Append([.. piece]);
            }

            await _log.Reach(LogPoint.WithinAppend);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (fault != Fault.None)
        {
            return Unavailable("The log in memory was told to fail in or after the append.");
        }

        Health = LogHealth.Good;
        return AppendResult.Durable;
    }

    private AppendResult Append(ReadOnlySpan<LogRecord> records)
    {
        lock (_log.Gate)
        {
            if (_disposed)
            {
                return Unavailable("The log is shutting down.");
            }

            var fault = _log.Faults.Next(_log.Faults.Appends);
            switch (fault)
            {
                case Fault.Full:
                    return AppendResult.Full;
                case Fault.Before:
                    return Unavailable("The log in memory was told to fail before the append.");
                case Fault.Midway:
                    _log.Append(records[..(records.Length / 2)]);
                    return Unavailable("The log in memory was told to fail in the middle of the append.");
            }

            _log.Append(records);
            if (fault == Fault.After)
            {
                return Unavailable("The log in memory was told to fail after the append.");
            }

            Health = LogHealth.Good;
            return AppendResult.Durable;
        }
    }

    private AppendResult Unavailable(string reason)
    {
        Health = new LogHealth(false, reason);
        return AppendResult.Unavailable;
    }

    /// <summary>Later appends are <see cref="AppendResult.Unavailable"/>; what the log holds stays.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_log.Gate)
        {
            _disposed = true;
        }

        return default;
    }
}
