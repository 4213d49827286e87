using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Footfall.Capture;
using Microsoft.Extensions.Primitives;

namespace Footfall.AspNetCore.Capture;

/// <summary>Who sends, by the headers and the query of a request.</summary>
internal static class Senders
{
    /// <summary>What is said of <c>sent</c> when it is no time.</summary>
    public const string SentIsNoTime = "sent must be the time of sending in Unix milliseconds";

    /// <summary>Reads it when a request has just come: later, a slow body would look like a slow clock.</summary>
    /// <returns>False when <c>sent</c> is there and no time.</returns>
    public static bool TryRead(HttpRequest request, TimeProvider time, out Sender sender)
    {
        var headers = request.Headers;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        sender = new Sender(
            Origin: headers.Origin.Count == 0 || IsOwn(request) ? null : headers.Origin.ToString(),
            Key: KeyOf(request),
            Bot: Bots.Of(headers.UserAgent.ToString(), FirstOf(headers["Sec-Purpose"], headers["Purpose"], headers["X-Moz"]).ToString()),
            Came: now);
        if (!request.Query.TryGetValue("sent", out var sent))
        {
            return true;
        }

        if (!long.TryParse(sent.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds is < -CaptureLimits.MaxUnixMilliseconds or > CaptureLimits.MaxUnixMilliseconds)
        {
            return false;
        }

        sender = sender with { ClockBehind = now - milliseconds };
        return true;
    }

    /// <summary>The write key of a request: of its query, else of a header; an empty one is none.</summary>
    public static string? KeyOf(HttpRequest request)
    {
        var key = request.Query["key"].ToString();
        return key.Length > 0 ? key : KeyOf(request.Headers.Authorization.ToString());
    }

    /// <summary>
    /// A page of the app that this is in: the browser says so (Fetch Metadata, which no page can set), or it is of the host
    /// that it asks. Whether that had TLS only a proxy may know.
    /// </summary>
    private static bool IsOwn(HttpRequest request)
    {
        if (ForOtherSites.Is(request.HttpContext))
        {
            return false;
        }

        var origin = request.Headers.Origin.ToString();
        return request.Headers["Sec-Fetch-Site"] == "same-origin"
            || (origin.AsSpan(origin.IndexOf(':', StringComparison.Ordinal) + 1) is ['/', '/', .. var host]
                && host.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

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

    private static StringValues FirstOf(StringValues one, StringValues two, StringValues three) =>
        one.Count > 0 ? one : two.Count > 0 ? two : three;
}
