using System.Net.Sockets;

namespace Footfall.Server.Capture.Doctor;

/// <summary>Why an address gave no answer, for people who know their site and not .NET.</summary>
public static class NetworkTrouble
{
    // As SslStream names them in its message; the most telling first.
    private static readonly (string Name, string Text)[] Certificates =
    [
        ("RemoteCertificateNotAvailable", "it shows no certificate"),
        ("RemoteCertificateNameMismatch", "its certificate is for another name"),
        ("NotTimeValid", "its certificate has expired, or is not valid yet"),
        ("Revoked", "its certificate was revoked"),
        ("UntrustedRoot", "nobody this machine trusts signed its certificate"),
        ("PartialChain", "its certificate's issuer is unknown here: self-signed, or an intermediate certificate is missing"),
        ("RemoteCertificateChainErrors", "this machine does not trust its certificate"),
    ];

    /// <summary>In a clause: <c>nothing listens on shop.example:443</c>.</summary>
    public static string Of(HttpRequestException error, Uri url)
    {
        var place = $"{WebOrigin.Host(url)}:{Shown.Number(url.Port)}";
        return error.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => $"the name {WebOrigin.Host(url)} has no address (DNS)",
            HttpRequestError.ConnectionError => OfSocket(error.InnerException as SocketException, place) ?? $"no connection to {place}: {Reason(error)}",
            HttpRequestError.SecureConnectionError => $"TLS fails with {place}: {OfCertificate(error)}",
            HttpRequestError.ResponseEnded => $"{place} took the connection and ended it without an answer",
            HttpRequestError.InvalidResponse => $"what {place} answers is not HTTP",
            _ => Reason(error),
        };
    }

    /// <summary>The bound on time was met.</summary>
    public static string Late(TimeSpan bound) => $"no whole answer within {Shown.Time(bound)}";

    private static string? OfSocket(SocketException? error, string place) => error?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => $"nothing listens on {place}",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => $"there is no way from here to {place}",
        SocketError.TimedOut => $"{place} does not answer: a firewall, or nobody there",
        _ => null,
    };

    private static string OfCertificate(HttpRequestException error)
    {
        var reason = Reason(error);
        var known = Array.FindAll(Certificates, certificate => reason.Contains(certificate.Name, StringComparison.Ordinal));
        return known.Length == 0 ? reason : string.Join("; ", known.Select(certificate => certificate.Text));
    }

    private static string Reason(Exception error)
    {
        while (error.InnerException is { } inner)
        {
            error = inner;
        }

        return Shown.Clean(error.Message).TrimEnd('.');
    }
}
