namespace Footfall.Log.Kafka;

/// <summary>Calls into librdkafka that may never return.</summary>
internal static class Bounded
{
    /// <summary>Waits for a call at most for so long. After that it goes on by itself, is counted, and its client is not to be used again.</summary>
    /// <param name="client">Whose call it is.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="call">The call; what it throws in time is thrown here.</param>
    /// <param name="late">Done should it return after all.</param>
    /// <returns>Whether it returned in time.</returns>
    public static bool TryCall(string client, TimeSpan limit, Action call, Action? late = null)
    {
        var calling = Task.Run(call);
        if (((IAsyncResult)calling).AsyncWaitHandle.WaitOne(limit))
        {
            calling.GetAwaiter().GetResult();
            return true;
        }

        KafkaTelemetry.Abandoned.Add(1, new KeyValuePair<string, object?>("client", client));
        _ = calling.ContinueWith(
            ended =>
            {
                _ = ended.Exception;
                late?.Invoke();
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return false;
    }
}
