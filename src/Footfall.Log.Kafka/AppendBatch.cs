using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>
/// What one append waits for: the delivery of each of its records. One object and one delegate for all of them.
/// </summary>
internal sealed class AppendBatch
{
    private readonly TaskCompletionSource<AppendResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KafkaWriter _writer;
    private readonly int _count;
    private int _waiting;

    public AppendBatch(KafkaWriter writer, int count)
    {
        _writer = writer;
        _count = count;
        _waiting = count;
        OnDelivery = Delivered;
    }

    public Action<DeliveryReport<byte[]?, byte[]>> OnDelivery { get; }

    public Task<AppendResult> Task => _done.Task;

    /// <summary>Ends the wait. Only the first end counts; what is still on its way may arrive all the same.</summary>
    public void End(AppendResult result)
    {
        if (_done.TrySetResult(result))
        {
            _writer.Remove(this);
        }
    }

    private void Delivered(DeliveryReport<byte[]?, byte[]> report)
    {
        if (report.Error.IsError)
        {
            _writer.Failed(report.Error);
            End(AppendResult.Unavailable);
        }
        else if (Interlocked.Decrement(ref _waiting) == 0)
        {
            _writer.Succeeded(_count);
            End(AppendResult.Durable);
        }
    }
}
