using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>One idempotent producer and the appends that wait on it. After a fatal error it is done for and gets a successor.</summary>
internal sealed class KafkaWriter : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<AppendBatch> _waiting = [];
    private readonly IProducer<byte[]?, byte[]> _producer;
    private readonly KafkaInteractionLog _log;
    private readonly string _topic;
    private bool _ended;

    public KafkaWriter(KafkaInteractionLog log, KafkaClients clients, string topic)
    {
        _log = log;
        _topic = topic;
        _producer = clients.Writer(error =>
        {
            if (error.IsFatal)
            {
                Failed(error);
            }
        });
    }

    public Task<AppendResult> Append(ReadOnlySpan<LogRecord> records)
    {
        var batch = new AppendBatch(this, records.Length);
        lock (_lock)
        {
            if (_ended)
            {
                return Task.FromResult(AppendResult.Unavailable);
            }

            _waiting.Add(batch);
        }

        try
        {
            var message = new Message<byte[]?, byte[]>(); // copied, too, before Produce returns
            foreach (ref readonly var record in records)
            {
                Fill(message, record);
                _producer.Produce(_topic, message, batch.OnDelivery);
            }
        }
        catch (ProduceException<byte[]?, byte[]> error) when (error.Error.Code == ErrorCode.Local_QueueFull)
        {
            batch.End(AppendResult.Full);
        }
        catch (KafkaException error)
        {
            Failed(error.Error);
            batch.End(AppendResult.Unavailable);
        }
        catch (ObjectDisposedException)
        {
            batch.End(AppendResult.Unavailable);
        }

        return batch.Task;
    }

    public void Remove(AppendBatch batch)
    {
        lock (_lock)
        {
            _waiting.Remove(batch);
        }
    }

    public void Succeeded(int records) => _log.Succeeded(records);

    public void Failed(Error error) => _log.Failed(this, error);

    public void Flush(TimeSpan wait) => _producer.Flush(wait);

    /// <summary>Every append that waits has failed: a producer that is disposed of reports no deliveries any more.</summary>
    public void Abandon()
    {
        AppendBatch[] waiting;
        lock (_lock)
        {
            _ended = true;
            waiting = [.. _waiting];
        }

        foreach (var batch in waiting)
        {
            batch.End(AppendResult.Unavailable);
        }
    }

    public void Dispose()
    {
        Abandon();
        _producer.Dispose();
    }

    private static void Fill(Message<byte[]?, byte[]> message, in LogRecord record)
    {
        message.Key = record.Key.IsEmpty ? null : Bytes(record.Key);
        message.Value = Bytes(record.Value);
        message.Timestamp = new Timestamp(record.Time, TimestampType.CreateTime);
        message.Headers = CloudEventHeaders.Of(record);
    }

    /// <summary>The client takes whole arrays only, and copies them into its own queue before Produce returns.</summary>
    private static byte[] Bytes(ReadOnlyMemory<byte> memory) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out var segment)
            && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();
}
