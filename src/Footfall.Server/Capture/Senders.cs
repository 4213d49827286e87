using System.Net.Http.Headers;
using System.Text;
using Footfall.Capture;

namespace Footfall.Server.Capture;

/// <summary>Who sends a request, by what it says besides its body.</summary>
public static class Senders
{
    /// <summary>Origin and write key; the key of the query comes before that of a header.</summary>
    public static Sender Of(HttpRequest request) => new(
        request.Headers.Origin.Count == 0 ? null : request.Headers.Origin.ToString(),
        request.Query["key"] is { Count: > 0 } keys ? keys.ToString() : KeyOf(request.Headers.Authorization.ToString()));

    /// <summary>A key sent as a token (RFC 6750), or as a user without a password (RFC 7617), as Segment's servers have it.</summary>
    private static string? KeyOf(string authorization)
    {
        if (!AuthenticationHeaderValue.TryParse(authorization, out var header))
        {
            return null;
        }

        return header.Scheme.ToUpperInvariant() switch
        {
            "BEARER" => header.Parameter,
            "BASIC" => UserOf(header.Parameter ?? ""),
            _ => null,
        };
    }

    private static string UserOf(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length)
            ? Encoding.UTF8.GetString(bytes.AsSpan(0, length)).Split(':', 2)[0]
            : "";
    }
}
