using System.Globalization;
using Footfall.Capture;
using Microsoft.Extensions.Primitives;

namespace Footfall.Server.Capture;

/// <summary>Who sends, by the headers and the query of a request.</summary>
public static class Senders
{
    /// <summary>What is said of <c>sent</c> when it is no time.</summary>
    public const string SentIsNoTime = "sent must be the time of sending in Unix milliseconds";

    private const long MaxUnixMilliseconds = 253_402_300_799_999; // the end of 9999

    /// <summary>Reads it when a request has just come: later, a slow body would look like a slow clock.</summary>
    /// <returns>False when <c>sent</c> is there and no time.</returns>
    public static bool TryRead(HttpRequest request, TimeProvider time, out Sender sender)
    {
        var headers = request.Headers;
        sender = new Sender(
            Origin: headers.Origin.Count == 0 ? null : headers.Origin.ToString(),
            Bot: Bots.Of(headers.UserAgent.ToString(), FirstOf(headers["Sec-Purpose"], headers["Purpose"], headers["X-Moz"]).ToString()));
        if (!request.Query.TryGetValue("sent", out var sent))
        {
            return true;
        }

        if (!long.TryParse(sent.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds is < -MaxUnixMilliseconds or > MaxUnixMilliseconds)
        {
            return false;
        }

        sender = sender with { ClockBehind = time.GetUtcNow().ToUnixTimeMilliseconds() - milliseconds };
        return true;
    }

    private static StringValues FirstOf(StringValues one, StringValues two, StringValues three) =>
        one.Count > 0 ? one : two.Count > 0 ? two : three;
}
