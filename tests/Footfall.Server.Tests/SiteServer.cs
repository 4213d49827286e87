using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Footfall.Server.Tests;

/// <summary>Somebody's web site over real Kestrel, on a port of its own; a test says what it answers.</summary>
internal sealed class SiteServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SiteServer(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
    }

    public Uri Address { get; }

    /// <summary>What it was asked, in order: method, path and query.</summary>
    public List<string> Asked { get; } = [];

    public static Task<SiteServer> StartAsync(RequestDelegate answer) => StartAsync(answer, certificate: null);

    /// <summary>With a certificate that nobody trusts.</summary>
    public static async Task<SiteServer> StartTlsAsync(RequestDelegate answer)
    {
        using var key = RSA.Create(2048);
        var now = TimeProvider.System.GetUtcNow();
        using var made = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return await StartAsync(answer, X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null));
    }

    /// <summary>One page at every path, with headers such as <c>Content-Security-Policy: …</c>.</summary>
    public static Task<SiteServer> StartAsync(string html, params string[] headers) => StartAsync(http => PageAsync(http, html, headers));

    public static Task PageAsync(HttpContext http, string html, params string[] headers)
    {
        http.Response.ContentType = "text/html; charset=utf-8";
        foreach (var header in headers)
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            http.Response.Headers.Append(header[..colon], header[(colon + 1)..].Trim());
        }

        return http.Response.WriteAsync(html);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task<SiteServer> StartAsync(RequestDelegate answer, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        var app = builder.Build();
        SiteServer? server = null;
        app.Run(http =>
        {
            lock (server!.Asked)
            {
                server.Asked.Add($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}");
            }

            return answer(http);
        });
        await app.StartAsync();
        return server = new SiteServer(app);
    }
}
