using Footfall.Capture;
using Microsoft.Net.Http.Headers;

namespace Footfall.AspNetCore.Capture;

/// <summary>Which content types are read, and how.</summary>
internal static class BodyForms
{
    /// <summary>Whether the body's encoding is one that <see cref="BodyReader"/> reads.</summary>
    public static bool IsEncodingRead(HttpRequest request) =>
        request.Headers.ContentEncoding.ToString().ToLowerInvariant() is "" or "identity" or "gzip";

    /// <summary>The form of the request's body; null when its type or encoding is not read here.</summary>
    public static BodyForm? Of(HttpRequest request)
    {
        if (!IsEncodingRead(request))
        {
            return null;
        }

        // No type at all: navigator.sendBeacon with a typeless Blob, and many a hand-written client.
        if (string.IsNullOrEmpty(request.ContentType))
        {
            return BodyForm.Json;
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        return type.MediaType.Value!.ToLowerInvariant() switch
        {
            "application/json" or "text/plain" => BodyForm.Json,
            "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" => BodyForm.Lines,
            _ => null,
        };
    }
}
