using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>An address of its own for the public, with TLS and HTTP/2.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("footfall-tls-").FullName;
    private readonly X509Certificate2 _certificate = SelfSigned();

    public void Dispose()
    {
        _certificate.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Interactions_are_taken_over_tls(string version)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), Options());
        using var handler = Handler();
        using var client = Client(collector, handler, version);

        using var answer = await client.PostAsync("/v1/interactions", new ByteArrayContent(Given.Utf8(Given.Click("1"))));

        Assert.Equal(Version.Parse(version), answer.Version);
        Assert.Equal("""{"accepted":1,"rejected":[]}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(1, log.End(0));
    }

    [Fact]
    public async Task The_public_finds_what_is_for_the_public_and_nothing_else()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Options());
        using var handler = Handler();
        using var client = Client(collector, handler, "2.0");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/footfall.js"));
        foreach (var path in new[] { "/metrics", "/metrics/runtime", "/health/live", "/health/ready", "/openapi/v1.json", "/docs" })
        {
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, path));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(collector.Client, path == "/docs" ? "/docs/" : path));
        }
    }

    [Fact]
    public async Task A_certificate_that_is_not_there_is_told_in_a_line()
    {
        File.WriteAllText(Path.Combine(_directory, "footfall.json"), Json("missing.pfx"));
        await using var app = Server.Capture.CollectorHost.Build(Read(), new MemoryLog().OpenWriter(), TimeProvider.System, demo: null);

        var told = await Assert.ThrowsAsync<StartException>(() => Running.StartAsync(app, "collector", "http://127.0.0.1:0", "--collector-port", default));

        Assert.Contains("missing.pfx", told.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return answer.StatusCode;
    }

    private FootfallOptions Options()
    {
        File.WriteAllBytes(Path.Combine(_directory, "public.pfx"), _certificate.Export(X509ContentType.Pkcs12, "secret"));
        File.WriteAllText(Path.Combine(_directory, "footfall.json"), Json("public.pfx"));
        return Read();
    }

    private FootfallOptions Read() => OptionsReader.Read(Path.Combine(_directory, "footfall.json"), [], []);

    private string Json(string file) => $$"""
        {
          "Capture": {
            "Listen": "http://127.0.0.1:0",
            "Apps": { "shop": {} },
            "Kestrel": {
              "Endpoints": { "Public": { "Url": "https://127.0.0.1:0" } },
              "Certificates": { "Default": { "Path": "{{Path.Combine(_directory, file)}}", "Password": "secret" } }
            }
          }
        }
        """;

    private SocketsHttpHandler Handler() => new()
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == _certificate.GetCertHashString(),
        },
    };

    private static HttpClient Client(RunningService collector, SocketsHttpHandler handler, string version) => new(handler, disposeHandler: false)
    {
        BaseAddress = new Uri(collector.App.Urls.Single(url => url.StartsWith("https://", StringComparison.Ordinal))),
        DefaultRequestVersion = Version.Parse(version),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
