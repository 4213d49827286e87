using System.Net;
using Footfall.Server.Expose;
using Footfall.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Footfall.Server.Tests;

/// <summary>How the board's files are served; these are of the tests' own.</summary>
public sealed class BoardFilesTests
{
    [Fact]
    public async Task Page_runs_nothing_but_its_own_files_and_is_asked_for_again()
    {
        await using var site = await StartAsync();
        using var http = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(http, disposeHandler: false) { BaseAddress = new Uri(site.Urls.Single()) };
        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
        Assert.Equal(
            ["default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"],
            answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["no-referrer"], answer.Headers.GetValues("Referrer-Policy"));
        Assert.False(answer.Headers.Contains("Set-Cookie"));

        using var again = new HttpRequestMessage(HttpMethod.Get, "/");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var unchanged = await client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task Assets_are_kept_for_good_and_what_is_not_there_is_not()
    {
        await using var site = await StartAsync();
        using var http = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(http, disposeHandler: false) { BaseAddress = new Uri(site.Urls.Single()) };
        using var asset = await client.GetAsync(new Uri("/assets/index-abc123.js", UriKind.Relative));
        using var none = await client.GetAsync(new Uri("/assets/index.js", UriKind.Relative));

        Assert.Equal("public, max-age=31536000, immutable", asset.Headers.CacheControl?.ToString());
        Assert.Equal("text/javascript; charset=utf-8", asset.Content.Headers.ContentType?.ToString());
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task The_root_of_the_metrics_service_is_the_board()
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        using var answer = await metrics.GetAsync("/");

        Assert.Equal((HttpStatusCode.OK, "text/html; charset=utf-8"), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        Assert.Contains("require-trusted-types-for 'script'", string.Join(' ', answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:8081", null, "http", null, 8081)]
    [InlineData("http://127.0.0.1:9000", null, "http", null, 9000)]
    [InlineData("http://0.0.0.0:80", null, "http", null, 80)]
    [InlineData("http://[::]:8081", null, "http", null, 8081)]
    [InlineData("http://*:8081", null, "http", null, 8081)]
    [InlineData("http://10.0.0.5:8081", null, "http", "10.0.0.5", 8081)]
    [InlineData("http://localhost:8081", "https://*:8443", "https", null, 8443)]
    [InlineData("http://localhost:8081", "https://collect.example", "https", "collect.example", 443)]
    [InlineData("http://localhost:8081", "http://collect.example", "http", null, 8081)]
    [InlineData("http://localhost:8081", "https://", "http", null, 8081)]
    [InlineData("http://localhost:8081", "https:foo", "http", null, 8081)]
    public void Collector_of_the_same_process_is_where_the_public_or_who_looks_reaches_it(string listen, string? other, string scheme, string? host, int port)
    {
        var kestrel = new ConfigurationBuilder().AddInMemoryCollection([new("Kestrel:Endpoints:Public:Url", other)]).Build().GetSection("Kestrel");

        Assert.Equal(
            new CollectorPlace(scheme, host, port, HasDemo: true),
            BoardLinks.Of(new CaptureSection { Listen = listen, Kestrel = other is null ? null : kestrel }, hasDemo: true).Collector);
    }

    [Fact]
    public async Task Page_is_told_where_the_collector_is_and_by_a_metrics_service_alone_that_there_is_none()
    {
        await using var alone = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        await using var beside = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer(), links: new BoardLinks(new CollectorPlace("http", null, 8081, HasDemo: true)));

        Assert.Equal("""{"collector":null}""", await alone.GetTextAsync("/config.json"));
        Assert.Equal("""{"collector":{"scheme":"http","host":null,"port":8081,"hasDemo":true}}""", await beside.GetTextAsync("/config.json"));
    }

    private static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapBoard(BoardLinks.None, typeof(BoardFilesTests).Assembly);
        await app.StartAsync();
        return app;
    }
}
