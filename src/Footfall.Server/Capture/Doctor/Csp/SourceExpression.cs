using System.Globalization;
using System.Text.RegularExpressions;

namespace Footfall.Server.Capture.Doctor.Csp;

/// <summary>
/// Whether an address matches one expression of a source list
/// (https://www.w3.org/TR/CSP3/#match-url-to-source-expression and the four sections after it).
/// </summary>
public static partial class SourceExpression
{
    /// <summary>Whether it matches.</summary>
    /// <param name="expression">Such as <c>https://*.example.com:*/js/</c>, <c>https:</c>, <c>'self'</c>, <c>*</c>.</param>
    /// <param name="url">What is to be loaded or reached.</param>
    /// <param name="self">The page's address.</param>
    /// <param name="isRedirected">The address is where a redirect led: paths are not compared then.</param>
    public static bool Matches(string expression, Uri url, Uri self, bool isRedirected)
    {
        if (expression == "*")
        {
            return url.Scheme is "http" or "https" || url.Scheme == self.Scheme;
        }

        if (expression.Equals("'self'", StringComparison.OrdinalIgnoreCase))
        {
            return IsSelf(url, self);
        }

        if (SchemeSource().Match(expression) is { Success: true } scheme)
        {
            return SchemeMatches(scheme.Groups["scheme"].Value, url.Scheme);
        }

        return HostSource().Match(expression) is { Success: true } host
            && SchemeMatches(host.Groups["scheme"] is { Success: true, Value: var given } ? given : self.Scheme, url.Scheme)
            && HostMatches(host.Groups["host"].Value, WebOrigin.Host(url))
            && PortMatches(host.Groups["port"] is { Success: true, Value: var port } ? port : null, url)
            && (isRedirected || PathMatches(host.Groups["path"].Value, url.AbsolutePath));
    }

    private static bool IsSelf(Uri url, Uri self) => WebOrigin.IsSame(url, self)
        || (WebOrigin.Host(url) == WebOrigin.Host(self)
            && (url.Port == self.Port || (url.IsDefaultPort && self.IsDefaultPort))
            && (url.Scheme is "https" or "wss" || (self.Scheme == "http" && url.Scheme is "http" or "ws")));

    /// <summary>The same, or its encrypted sister: never the way back.</summary>
    private static bool SchemeMatches(string pattern, string scheme) =>
        (pattern.ToLowerInvariant(), scheme.ToLowerInvariant()) switch
        {
            ("http", "https") or ("ws", "wss" or "http" or "https") or ("wss", "https") => true,
            var (a, b) => a == b,
        };

    // The standard lets no IP address match; browsers compare it as text, and what they do is asked here.
    private static bool HostMatches(string pattern, string host)
    {
        pattern = pattern.ToLowerInvariant();
        return pattern == "*" || (pattern.StartsWith("*.", StringComparison.Ordinal) ? host.EndsWith(pattern[1..], StringComparison.Ordinal) : host == pattern);
    }

    private static bool PortMatches(string? pattern, Uri url) => pattern switch
    {
        null => url.IsDefaultPort,
        "*" => true,
        _ => int.TryParse(pattern, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port == url.Port,
    };

    private static bool PathMatches(string pattern, string path)
    {
        if (pattern.Length == 0)
        {
            return true;
        }

        var isFolder = pattern[^1] == '/';
        var wanted = pattern.Split('/');
        var actual = path.Split('/');
        if (wanted.Length > actual.Length || (!isFolder && wanted.Length != actual.Length))
        {
            return false;
        }

        // A folder's last piece is empty, and anything may stand there.
        return wanted.Take(isFolder ? wanted.Length - 1 : wanted.Length).Zip(actual)
            .All(pieces => Uri.UnescapeDataString(pieces.First) == Uri.UnescapeDataString(pieces.Second));
    }

    [GeneratedRegex("^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SchemeSource();

    [GeneratedRegex(
        @"^((?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?<host>\*|(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.?)(:(?<port>[0-9]+|\*))?(?<path>/[^;,?#]*)?$",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex HostSource();
}
