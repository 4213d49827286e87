using Footfall.Capture;
using Footfall.Log;

namespace Footfall.Bench.Measure;

/// <summary>Writes a log by its adapter, faster than any client could by HTTP.</summary>
internal static class Fill
{
    private const int AppendsAtOnce = 16;

    /// <summary>Less than the half hour that visitors are known, by what filling and measuring takes.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(15);

    /// <summary>So many interactions, evenly over <see cref="Span"/> until now.</summary>
    public static async Task WriteAsync(IInteractionLog log, Interactions interactions, int count, TimeProvider time)
    {
        var end = time.GetUtcNow();
        await WriteAsync(log, Batches());

        IEnumerable<CapturedBatch> Batches()
        {
            for (var filled = 0; filled < count;)
            {
                var batch = interactions.Next(Math.Min(Interactions.Request, count - filled), end - (Span * (1 - ((double)filled / count))));
                filled += batch.Count;
                yield return batch;
            }
        }
    }

    /// <summary>These, in their order.</summary>
    public static async Task WriteAsync(IInteractionLog log, IEnumerable<CapturedBatch> batches)
    {
        var appends = new Queue<(CapturedBatch Batch, Task<AppendResult> Append)>();
        foreach (var batch in batches)
        {
            appends.Enqueue((batch, log.AppendAsync(batch.Records, CancellationToken.None).AsTask()));
            if (appends.Count == AppendsAtOnce)
            {
                await EndAsync();
            }
        }

        while (appends.Count > 0)
        {
            await EndAsync();
        }

        async Task EndAsync()
        {
            var (batch, append) = appends.Dequeue();
            using (batch)
            {
                if (await append is not AppendResult.Durable and var result)
                {
                    throw new InvalidOperationException($"The log took not all: {result}, {log.Health.Reason}");
                }
            }
        }
    }
}
