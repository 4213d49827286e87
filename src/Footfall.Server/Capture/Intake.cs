using Footfall.Capture;

namespace Footfall.Server.Capture;

/// <summary>The one way of a request with interactions to the log, whatever their format.</summary>
public sealed class Intake(Collector collector, BodyReader bodies, LogTrouble trouble)
{
    /// <summary>Takes a body in our own format.</summary>
    public ValueTask<CaptureOutcome> TakeAsync(HttpRequest request, BodyForm form) =>
        TakeAsync(request, (body, sender) => collector.TakeAsync(body, form, sender));

    /// <summary>Takes a body in somebody else's format, whatever type it says: their clients misuse it.</summary>
    public async ValueTask<CaptureOutcome> TakeAsync(HttpRequest request, Dialect dialect) => BodyForms.IsEncodingRead(request)
        ? await TakeAsync(request, (body, sender) => collector.TakeAsync(body, dialect, sender))
        : Refuse(Refusal.UnsupportedMediaType, "send it plain or with Content-Encoding: gzip");

    /// <summary>Nothing of a request is taken.</summary>
    public CaptureOutcome Refuse(Refusal refusal, string? detail) => collector.Refuse(refusal, detail);

    private async ValueTask<CaptureOutcome> TakeAsync(
        HttpRequest request, Func<ReadOnlyMemory<byte>, Sender, ValueTask<CaptureOutcome>> take)
    {
        using var body = await bodies.ReadAsync(request);
        if (body.Refusal is { } refusal)
        {
            return Refuse(refusal, body.Detail);
        }

        var outcome = await take(body.Bytes, Senders.Of(request));
        if (outcome.Refusal == Refusal.LogUnavailable)
        {
            trouble.Tell();
        }

        return outcome;
    }
}
