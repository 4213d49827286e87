using System.Net;
using System.Text.RegularExpressions;
using Footfall.Server.Capture;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>The script for web pages, the demo shop, and the API's description.</summary>
public sealed partial class SiteFilesTests
{
    private static readonly DemoLinks Links = new("http://localhost:8082/", null);

    [Theory]
    [InlineData("/footfall.js")]
    [InlineData("/footfall.mjs")]
    public async Task The_script_may_be_loaded_by_every_site(string path)
    {
        await using var collector = await StartAsync();
        using var answer = await collector.GetAsync(path, ("Origin", "https://elsewhere.example"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/javascript; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("public, max-age=3600", answer.Headers.CacheControl?.ToString());
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["*"], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal(["cross-origin"], answer.Headers.GetValues("Cross-Origin-Resource-Policy"));
        Assert.NotNull(answer.Headers.ETag);
    }

    [Fact]
    public async Task The_script_answers_every_origin_alike_so_that_caches_may_share_it()
    {
        await using var collector = await StartAsync();
        foreach (var origin in new[] { "https://shop.example", "https://elsewhere.example" })
        {
            using var answer = await collector.GetAsync("/footfall.mjs", ("Origin", origin));
            Assert.Equal(["*"], answer.Headers.GetValues("Access-Control-Allow-Origin"));
            Assert.Equal("Accept-Encoding", answer.Headers.Vary.ToString());
        }
    }

    [Theory]
    [InlineData("/footfall.js")]
    [InlineData("/demo/")]
    public async Task What_the_browser_has_is_not_sent_again_compressed_or_not(string path)
    {
        await using var collector = await StartAsync();
        using var plain = await collector.GetAsync(path);
        using var zipped = await collector.GetAsync(path, ("Accept-Encoding", "gzip, deflate, br, zstd"));

        Assert.Empty(plain.Content.Headers.ContentEncoding);
        Assert.Equal(["gzip"], zipped.Content.Headers.ContentEncoding);
        var bytes = await plain.Content.ReadAsByteArrayAsync();
        Assert.Equal(bytes, Given.Gunzip(await zipped.Content.ReadAsByteArrayAsync()));
        Assert.True(zipped.Content.Headers.ContentLength < bytes.Length);
        Assert.NotEqual(plain.Headers.ETag, zipped.Headers.ETag); // two representations, RFC 9110 8.8.3.3

        using var same = await collector.GetAsync(path, ("If-None-Match", plain.Headers.ETag!.ToString()));
        using var sameZipped = await collector.GetAsync(path, ("If-None-Match", zipped.Headers.ETag!.ToString()), ("Accept-Encoding", "gzip"));
        using var other = await collector.GetAsync(path, ("If-None-Match", "\"other\""));
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, sameZipped.StatusCode);
        Assert.Empty(await sameZipped.Content.ReadAsByteArrayAsync());
        Assert.Equal(zipped.Headers.ETag, sameZipped.Headers.ETag);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Who_refuses_gzip_is_not_sent_it()
    {
        await using var collector = await StartAsync();
        using var file = await collector.GetAsync("/footfall.js", ("Accept-Encoding", "gzip;q=0, identity"));
        using var metrics = await collector.GetAsync("/metrics", ("Accept-Encoding", "gzip;q=0"));

        Assert.Empty(file.Content.Headers.ContentEncoding);
        Assert.Empty(metrics.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task The_script_can_be_asked_about_without_being_loaded()
    {
        await using var collector = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/footfall.js");
        using var answer = await collector.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Content.Headers.ContentLength > 0);
    }

    [Theory]
    [InlineData("/demo")]
    [InlineData("/demo/")]
    [InlineData("/demo/courses/practical-sql")]
    [InlineData("/demo/courses/practical-sql/lessons/1")]
    public async Task Every_page_of_the_shop_is_one_document_with_a_strict_policy(string path)
    {
        await using var collector = await StartAsync();
        using var answer = await collector.GetAsync(path);

        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-cache", answer.Headers.CacheControl?.ToString());
        Assert.Equal(
            ["default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"],
            answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(await collector.GetTextAsync("/demo/"), await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_the_shop_s_page_names_is_there_and_kept_for_good()
    {
        await using var collector = await StartAsync();
        var assets = Asset().Matches(await collector.GetTextAsync("/demo/")).Select(match => match.Groups[1].Value).ToArray();

        Assert.Contains(assets, asset => asset.EndsWith(".js", StringComparison.Ordinal));
        Assert.Contains(assets, asset => asset.EndsWith(".css", StringComparison.Ordinal));
        foreach (var asset in assets)
        {
            using var answer = await collector.GetAsync(asset);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl?.ToString());
            Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        }
    }

    [Fact]
    public async Task The_shop_is_told_where_its_numbers_are_and_is_not_told_old_news()
    {
        await using var collector = await StartAsync();
        using var answer = await collector.GetAsync("/demo/config.json");

        Assert.Equal(
            """
            200
            Cache-Control: no-cache
            Content-Type: application/json; charset=utf-8
            X-Content-Type-Options: nosniff

            {"metrics":"http://localhost:8082/","prometheus":null}
            """,
            await RunningService.WholeAsync(answer));
    }

    [Fact]
    public async Task The_root_leads_to_the_shop_where_there_is_one()
    {
        await using var with = await StartAsync();
        await using var without = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());

        using var redirect = await with.GetAsync("/");
        Assert.Equal((HttpStatusCode.Found, "/demo/"), (redirect.StatusCode, redirect.Headers.Location?.ToString()));
        foreach (var path in new[] { "/", "/demo/", "/demo/config.json" })
        {
            using var answer = await without.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task The_description_of_the_API_is_as_reviewed()
    {
        await using var collector = await StartAsync();
        var described = (await collector.GetTextAsync("/openapi/v1.json"))
            .Replace(collector.Address.Authority, "HOST", StringComparison.Ordinal)
            .Replace($"\"version\": \"{ServiceHost.Version}\"", "\"version\": \"VERSION\"", StringComparison.Ordinal);

        await Golden.EqualsAsync("openapi.json", described + "\n");
    }

    [Fact]
    public async Task The_page_that_shows_the_API_needs_nobody_else()
    {
        await using var collector = await StartAsync();
        using var redirected = await collector.GetAsync("/docs");
        var path = redirected.Headers.Location?.ToString() ?? "/docs";
        var page = await collector.GetTextAsync(path.StartsWith('/') ? path : "/" + path);

        Assert.Contains("<title>Footfall collector</title>", page, StringComparison.Ordinal);
        foreach (var setting in new[] { "\"telemetry\":false", "\"showDeveloperTools\":\"never\"", "\"hideClientButton\":true", "\"agent\":{\"disabled\":true}", "\"mcp\":{\"disabled\":true}", "\"withDefaultFonts\":false" })
        {
            Assert.Contains(setting, page, StringComparison.Ordinal);
        }

        Assert.Empty(ForeignUrl().Matches(page).Select(match => match.Value));
        foreach (var script in ScriptSource().Matches(page).Select(match => match.Groups[1].Value))
        {
            using var answer = await collector.GetAsync(new Uri(new Uri(collector.Address, "/docs/"), script).PathAndQuery);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private static Task<RunningService> StartAsync() => RunningService.CollectorAsync(new MemoryLog().OpenWriter(), demo: Links);

    [GeneratedRegex("(?:src|href)=\"(/demo/assets/[^\"]+)\"")]
    private static partial Regex Asset();

    [GeneratedRegex("https?://[^\"' ]+")]
    private static partial Regex ForeignUrl();

    [GeneratedRegex("src=\"([^\"]+)\"")]
    private static partial Regex ScriptSource();
}
