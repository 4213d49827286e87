using System.Net;

namespace Footfall.Capture;

/// <summary>
/// An allowed origin: <c>https://shop.example</c> exactly, <c>https://*.shop.example</c> for its subdomains,
/// <c>local</c> for every origin of this machine, <c>*</c> for any.
/// </summary>
public sealed class OriginRule
{
    private readonly string _scheme = "";
    private readonly string _host = "";
    private readonly int _port;
    private readonly Kind _kind;

    private OriginRule(Kind kind) => _kind = kind;

    private OriginRule(Kind kind, Uri uri)
        : this(kind) => (_scheme, _host, _port) = (uri.Scheme, uri.IdnHost, uri.Port);

    private enum Kind
    {
        Any,
        Local,
        Exact,
        Subdomains,
    }

    /// <exception cref="FormatException">Not one of the four forms.</exception>
    public static OriginRule Parse(string text)
    {
        if (text is "*" or "local")
        {
            return new OriginRule(text == "*" ? Kind.Any : Kind.Local);
        }

        var subdomains = text.Contains("://*.", StringComparison.Ordinal);
        var plain = subdomains ? text.Replace("://*.", "://", StringComparison.Ordinal) : text;
        if (!TryOrigin(plain, out var uri))
        {
            throw new FormatException($"origin '{text}': must be like https://shop.example, https://*.shop.example, local or *");
        }

        return new OriginRule(subdomains ? Kind.Subdomains : Kind.Exact, uri);
    }

    /// <summary>Whether an <c>Origin</c> header's value is allowed.</summary>
    public bool Matches(string origin)
    {
        // ASCII, without blanks and controls (RFC 6454, 6.2). No browser sends anything else, and CORS could not say it back.
        if (origin.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return false;
        }

        if (_kind == Kind.Any)
        {
            return true;
        }

        if (!TryOrigin(origin, out var uri))
        {
            return false;
        }

        return _kind switch
        {
            Kind.Local => IsLocal(uri),
            Kind.Exact => SameSite(uri) && string.Equals(uri.IdnHost, _host, StringComparison.OrdinalIgnoreCase),
            _ => SameSite(uri) && uri.IdnHost.EndsWith("." + _host, StringComparison.OrdinalIgnoreCase),
        };
    }

    private static bool TryOrigin(string text, out Uri uri) =>
        Uri.TryCreate(text, UriKind.Absolute, out uri!)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0;

    private static bool IsLocal(Uri uri) =>
        uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || uri.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(uri.Host, out var address) && IPAddress.IsLoopback(address));

    private bool SameSite(Uri uri) => uri.Scheme == _scheme && uri.Port == _port;
}
