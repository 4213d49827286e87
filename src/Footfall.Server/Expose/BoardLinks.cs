using System.Net;

namespace Footfall.Server.Expose;

/// <summary>What the board may point to; null: it is not of this process.</summary>
/// <param name="Collector">Where pages find their script.</param>
public sealed record BoardLinks(CollectorPlace? Collector)
{
    /// <summary>Of a metrics service alone.</summary>
    public static BoardLinks None { get; } = new((CollectorPlace?)null);

    /// <summary>Of one beside its collector.</summary>
    /// <param name="capture">The collector's.</param>
    /// <param name="hasDemo">Whether it has the demo shop.</param>
    public static BoardLinks Of(CaptureSection capture, bool hasDemo)
    {
        // Over TLS it is for the public, where it is that at all. What is no address keeps the service from starting, and is told there.
        var endpoints = capture.Kestrel?.GetSection("Endpoints").GetChildren().Select(endpoint => Parse(endpoint["Url"])) ?? [];
        var address = endpoints.FirstOrDefault(endpoint => endpoint?.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase) is true) ?? Parse(capture.Listen);
        return address is null
            ? None
            : new BoardLinks(new CollectorPlace(address.Scheme.ToLowerInvariant(), IsNamed(address.Host) ? address.Host : null, address.Port, hasDemo));
    }

    private static BindingAddress? Parse(string? url)
    {
        try
        {
            return url is null ? null : BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool IsNamed(string host) =>
        host is not ("*" or "+" or "localhost") && !(IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));
}

/// <summary>Where a collector is.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Host">Null: whatever name one reached the board by.</param>
/// <param name="Port">Its port.</param>
/// <param name="HasDemo">Whether it has the demo shop.</param>
public sealed record CollectorPlace(string Scheme, string? Host, int Port, bool HasDemo);
