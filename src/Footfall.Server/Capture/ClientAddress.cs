using Footfall.AspNetCore.Capture;
using Microsoft.AspNetCore.HttpOverrides;

namespace Footfall.Server.Capture;

/// <summary>
/// Whose address a request has: the connection's, or, where that is a proxy of ours, the one that the proxy saw. It is for
/// <see cref="Footfall.Capture.AddressLimit"/> alone, and is neither stored nor logged.
/// </summary>
public static class ClientAddress
{
    /// <summary>Reads <c>X-Forwarded-For</c> from its end for as long as each is a proxy of ours; what a client writes before that is its own claim.</summary>
    /// <param name="app">Before everything that asks for an address.</param>
    /// <param name="proxies">Checked; none: the header is not read.</param>
    public static void Use(WebApplication app, IReadOnlyCollection<string> proxies)
    {
        if (proxies.Count == 0)
        {
            return;
        }

        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        // This machine too is a proxy only where it is named.
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            forwarded.KnownIPNetworks.Add(ProxyAddress.TryParse(proxy, out var network) ? network : throw new FormatException($"'{proxy}' is no address"));
        }

        app.UseForwardedHeaders(forwarded);
    }
}
