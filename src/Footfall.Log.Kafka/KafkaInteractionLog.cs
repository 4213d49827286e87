using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>
/// Appends to the interactions topic: idempotent (KIP-98), acknowledged by all in-sync replicas, partitioned by key as
/// Java's producer does. Batching is librdkafka's alone.
/// </summary>
public sealed class KafkaInteractionLog : IInteractionLog
{
    private readonly Lock _lock = new();
    private readonly KafkaLogOptions _options;
    private readonly KafkaClients _clients;
    private volatile KafkaWriter _writer;
    private volatile string? _reason;
    private volatile bool _disposed;

    /// <summary>Makes the client; it connects by itself, and appends wait for that at most the delivery timeout.</summary>
    /// <exception cref="LogException">The options are wrong.</exception>
    public KafkaInteractionLog(KafkaLogOptions options, Action<KafkaEvent>? tell = null)
    {
        _options = options.Checked();
        _clients = new KafkaClients(options, tell);
        _writer = NewWriter();
    }

    /// <inheritdoc/>
    public LogHealth Health => _reason is { } reason ? new(Writable: false, reason) : LogHealth.Good;

    /// <summary>How often the producer was replaced after a fatal error.</summary>
    public int Replacements { get; private set; }

    /// <inheritdoc/>
    /// <exception cref="OperationCanceledException">The wait was cancelled; the records may be in the log.</exception>
    public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<AppendResult>(cancellationToken);
        }

        if (records.IsEmpty || _disposed)
        {
            return ValueTask.FromResult(_disposed ? AppendResult.Unavailable : AppendResult.Durable);
        }

        var appended = _writer.Append(records.Span);
        return new(cancellationToken.CanBeCanceled && !appended.IsCompleted ? appended.WaitAsync(cancellationToken) : appended);
    }

    /// <summary>Sends what is queued, at most for the delivery timeout.</summary>
    public async ValueTask DisposeAsync()
    {
        KafkaWriter writer;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _reason = "The log is closed.";
            writer = _writer;
        }

        // Flush and dispose block, so not on the caller's thread.
        await Task.Run(() =>
        {
            writer.Flush(_options.DeliveryTimeout);
            writer.Dispose();
        });
    }

    internal void Succeeded(int records)
    {
        if (_reason is not null && !_disposed)
        {
            _reason = null;
        }

        KafkaTelemetry.Sent.Add(records);
    }

    internal void Failed(KafkaWriter writer, Error error)
    {
        if (_disposed)
        {
            return;
        }

        _reason = $"Kafka at {_options.BootstrapServers}: {error.Reason}";
        if (error.IsFatal)
        {
            Replace(writer);
        }
    }

    internal void Replace(KafkaWriter? writer = null)
    {
        writer ??= _writer;
        lock (_lock)
        {
            if (_disposed || writer != _writer)
            {
                return;
            }

            Replacements++;
            _writer = NewWriter();
        }

        KafkaTelemetry.Replaced.Add(1, new KeyValuePair<string, object?>("client", "writer"));
        _clients.Tell(error: true, "writer", "the producer is replaced");
        writer.Abandon();
        // This may be a callback of that very producer, which its disposal would wait for.
        _ = Task.Run(writer.Dispose);
    }

    private KafkaWriter NewWriter() => new(this, _clients, _options.InteractionsTopic);
}
