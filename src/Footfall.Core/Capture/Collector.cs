using Footfall.Log;

namespace Footfall.Capture;

/// <summary>What became of a request.</summary>
/// <param name="Refusal">Why nothing of it was taken; null when something was.</param>
/// <param name="Detail">For the sender, where there is more to say than the refusal's title.</param>
/// <param name="Accepted">How many the log has durably.</param>
/// <param name="Rejections">Each that was not taken.</param>
public readonly record struct CaptureOutcome(Refusal? Refusal, string? Detail, int Accepted, IReadOnlyList<Rejection> Rejections)
{
    /// <summary>Each that was not taken this time, and may be sent again.</summary>
    public IReadOnlyList<Rejection> Retries { get; init; } = [];

    /// <summary>How many were set aside because no person did them.</summary>
    public int Bots { get; init; }

    /// <summary>After how many seconds to send again, where it is longer than the refusal's own.</summary>
    public int? RetryAfter { get; init; }
}

/// <summary>Shown each interaction that is rejected for good, as it was sent, so that somebody can look at it. Must not wait.</summary>
/// <param name="app">Null: none that is known.</param>
/// <param name="reason">Why.</param>
/// <param name="sent">Its bytes; gone after the call.</param>
public delegate void LookAtRejected(App? app, RejectReason reason, ReadOnlySpan<byte> sent);

/// <summary>Takes a request's body from bytes to the log. Safe to share.</summary>
public sealed class Collector(
    InteractionReader reader, IInteractionLog log, CaptureCounters counters, TimeProvider time, LookAtRejected? look = null)
{
    /// <summary>
    /// For how long an append that failed makes the collector not ready. Then it is ready for a try: where nobody
    /// sends to a service that is not ready, nothing else would show that the log is back.
    /// </summary>
    public static readonly TimeSpan NotReadyAfterFailure = TimeSpan.FromSeconds(5);

    private long _failed; // when, monotonic, plus one; 0: the last append did not fail

    /// <summary>Whether interactions should be sent here now.</summary>
    public bool Ready =>
        Volatile.Read(ref _failed) is var failed && (failed == 0 || time.GetElapsedTime(failed - 1) >= NotReadyAfterFailure);

    /// <summary>What it has done since its start.</summary>
    public CaptureCounters Counters => counters;

    /// <summary>Completes when the log has everything that could be taken, or can't take it.</summary>
    /// <param name="body">Decompressed, within the collector's limits; needed until this completes.</param>
    /// <param name="form">From the content type.</param>
    /// <param name="sender">Who sent it.</param>
    public ValueTask<CaptureOutcome> TakeAsync(ReadOnlyMemory<byte> body, BodyForm form, Sender sender)
    {
        var started = time.GetTimestamp();
        return TakeAsync(reader.Read(body, form, sender), body, started);
    }

    /// <summary>The same for a body in somebody else's format.</summary>
    /// <param name="body">Decompressed, within the collector's limits; needed until this completes.</param>
    /// <param name="dialect">Its format.</param>
    /// <param name="sender">Who sent it.</param>
    public ValueTask<CaptureOutcome> TakeAsync(ReadOnlyMemory<byte> body, Dialect dialect, Sender sender)
    {
        var started = time.GetTimestamp();
        return TakeAsync(reader.Read(body, dialect, sender), body, started);
    }

    /// <summary>Nothing of a request is taken; counted here, and told by whoever answers.</summary>
    public CaptureOutcome Refuse(Refusal refusal, string? detail)
    {
        counters.Refuse(refusal);
        return new CaptureOutcome(refusal, detail, 0, []);
    }

    private async ValueTask<CaptureOutcome> TakeAsync(CapturedBatch read, ReadOnlyMemory<byte> body, long started)
    {
        using var batch = read;
        if (batch.Unreadable is { } detail)
        {
            return Refuse(Refusal.Unreadable, detail);
        }

        if (batch.TooMany)
        {
            return Refuse(Refusal.TooManyInteractions, $"at most {CaptureLimits.BatchCount} interactions fit in a request");
        }

        if (look is not null)
        {
            Show(batch, body.Span);
        }

        var wait = batch.HoldBack(time);
        counters.Receive(batch);
        if (batch.Count == 0)
        {
            return WithoutAny(batch, wait);
        }

        // Not cancelled when the sender goes away: it may be in the log already, and the bytes are ours until it is.
        var result = await log.AppendAsync(batch.Records, CancellationToken.None);
        if (result != AppendResult.Full)
        {
            Volatile.Write(ref _failed, result == AppendResult.Unavailable ? time.GetTimestamp() + 1 : 0);
        }

        counters.Settle(batch, appended: result == AppendResult.Durable);
        if (result != AppendResult.Durable)
        {
            // Why is the operator's to know: it names hosts and paths.
            return Refuse(Refusal.LogUnavailable, "send the same again later; with the same ids it counts once");
        }

        counters.Append.Observe(time.GetElapsedTime(started));
        return Told(new CaptureOutcome(null, null, batch.Count, []), batch, wait);
    }

    private void Show(CapturedBatch batch, ReadOnlySpan<byte> body)
    {
        for (var i = 0; i < batch.RejectedPlaces.Count; i++)
        {
            var (app, reason) = batch.RejectedApps[i];
            look!(app, reason, body[batch.RejectedPlaces[i]]);
        }
    }

    /// <summary>Nothing of it goes to the log.</summary>
    private CaptureOutcome WithoutAny(CapturedBatch batch, TimeSpan wait)
    {
        if (batch.Retries.Count > 0)
        {
            return Told(Refuse(Refusal.AppRateLimited, "send the same again later; with the same ids it counts once"), batch, wait);
        }

        // What was set aside or ignored is done with: to send it again would change nothing.
        return Told(batch.Rejections.Count == 0 || batch.Bots.Count > 0 ? new CaptureOutcome(null, null, 0, []) : RefuseAll(batch.Rejections), batch, wait);
    }

    private static CaptureOutcome Told(CaptureOutcome outcome, CapturedBatch batch, TimeSpan wait) => outcome with
    {
        Rejections = batch.Rejections,
        Retries = batch.Retries,
        Bots = batch.Bots.Count,
        RetryAfter = batch.Retries.Count > 0 ? Math.Max((int)Math.Ceiling(wait.TotalSeconds), 1) : null,
    };

    private CaptureOutcome RefuseAll(IReadOnlyList<Rejection> rejections)
    {
        var isForKey = rejections.All(rejection => rejection.Reason == RejectReason.InvalidKey);
        return Refuse(isForKey ? Refusal.InvalidKey : Refusal.AllRejected, null);
    }
}
