using System.Net;

namespace Footfall.Server.Capture.Doctor;

/// <summary>What browsers make of an address's scheme, host and port.</summary>
public static class WebOrigin
{
    /// <summary>A page without an origin of its own says so.</summary>
    public const string Opaque = "null";

    /// <summary>The origin as in the header <c>Origin</c>: <c>https://shop.example</c>.</summary>
    public static string Of(Uri url)
    {
        var host = Host(url);
        return url.IsDefaultPort ? $"{url.Scheme}://{host}" : $"{url.Scheme}://{host}:{Shown.Number(url.Port)}";
    }

    /// <summary>Whether two addresses have the same origin.</summary>
    public static bool IsSame(Uri a, Uri b) => Of(a) == Of(b);

    /// <summary>The host in ASCII and lower case, an IPv6 address in brackets.</summary>
    public static string Host(Uri url) => (url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost).ToLowerInvariant();

    /// <summary>This machine itself, which browsers trust without TLS (https://www.w3.org/TR/secure-contexts/, 3.1).</summary>
    public static bool IsLoopback(Uri url) =>
        url.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || url.IdnHost.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Whether a browser asks for it over an encrypted connection.</summary>
    public static bool IsSecure(Uri url) => url.Scheme == Uri.UriSchemeHttps;

    /// <summary>What <c>upgrade-insecure-requests</c> makes of an address: https, but this machine stays as it is.</summary>
    public static Uri Upgraded(Uri url)
    {
        if (url.Scheme != Uri.UriSchemeHttp || IsLoopback(url))
        {
            return url;
        }

        return new UriBuilder(url) { Scheme = Uri.UriSchemeHttps, Port = url.IsDefaultPort ? -1 : url.Port }.Uri;
    }
}
