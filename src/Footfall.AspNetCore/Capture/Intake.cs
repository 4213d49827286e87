using Footfall.Capture;

namespace Footfall.AspNetCore.Capture;

/// <summary>The one way of a request with interactions to the log, whatever their format.</summary>
internal sealed class Intake(Collector collector, BodyReader bodies, AddressLimit addresses, LogTrouble trouble, TimeProvider time)
{
    private const string OurTypes = "send application/json, application/x-ndjson or text/plain, plain or with Content-Encoding: gzip";
    private const string FormType = "application/x-www-form-urlencoded";
    private const string Encodings = "send it plain or with Content-Encoding: gzip";

    /// <summary>Takes a body in our own format.</summary>
    /// <param name="request">Whose body it is.</param>
    /// <param name="form">How it is laid out; null: it says a type that is not read here.</param>
    public ValueTask<CaptureOutcome> TakeAsync(HttpRequest request, BodyForm? form) =>
        TakeAsync(request, form is null ? Unread(request) : null, (body, sender) => collector.TakeAsync(body, form!.Value, sender));

    /// <summary>Takes a body in somebody else's format, whatever type it says: their clients misuse it.</summary>
    /// <param name="request">Whose body it is.</param>
    /// <param name="dialect">Its format.</param>
    /// <param name="unsupported">Why a body of this type is not read all the same; null: it is.</param>
    public ValueTask<CaptureOutcome> TakeAsync(HttpRequest request, Dialect dialect, string? unsupported = null) => TakeAsync(
        request,
        unsupported ?? (BodyForms.IsEncodingRead(request) ? null : Encodings),
        (body, sender) => collector.TakeAsync(body, dialect, sender));

    /// <summary>Also what it said, of a form's type alone: that is what curl says by itself.</summary>
    private static string Unread(HttpRequest request) =>
        request.ContentType?.StartsWith(FormType, StringComparison.OrdinalIgnoreCase) == true ? $"{OurTypes}; this said {FormType}, as curl does without -H 'Content-Type: application/json'" : OurTypes;

    private async ValueTask<CaptureOutcome> TakeAsync(
        HttpRequest request, string? unsupported, Func<ReadOnlyMemory<byte>, Sender, ValueTask<CaptureOutcome>> take)
    {
        // Before all else: whoever is over it costs nothing more.
        if (!addresses.TryTake(request.HttpContext.Connection.RemoteIpAddress))
        {
            return collector.Refuse(Refusal.RateLimited, null);
        }

        if (!Senders.TryRead(request, time, out var sender))
        {
            return collector.Refuse(Refusal.Unreadable, Senders.SentIsNoTime);
        }

        if (unsupported is not null)
        {
            return collector.Refuse(Refusal.UnsupportedMediaType, unsupported);
        }

        var body = await bodies.ReadAsync(request);
        // At hand until its answer has been read: who does not read it gets no room for more.
        request.HttpContext.Response.RegisterForDispose(body);
        if (body.Refusal is { } refusal)
        {
            return collector.Refuse(refusal, body.Detail);
        }

        var outcome = await take(body.Bytes, sender);
        if (outcome.Refusal == Refusal.LogUnavailable)
        {
            trouble.Tell();
        }

        return outcome;
    }
}
