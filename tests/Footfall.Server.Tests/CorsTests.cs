using System.Net;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>Which pages a browser lets send and read the answer.</summary>
public sealed class CorsTests
{
    [Theory]
    [InlineData("https://shop.example")]
    [InlineData("https://en.blog.example")]
    public async Task A_page_of_an_allowed_origin_may_send_after_a_preflight(string origin)
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var answer = await PreflightAsync(collector, origin);

        Assert.Equal(
            $"""
            204
            Access-Control-Allow-Headers: Content-Type,Content-Encoding,Authorization
            Access-Control-Allow-Methods: POST
            Access-Control-Allow-Origin: {origin}
            Access-Control-Max-Age: 86400
            Vary: Origin


            """,
            await RunningService.WholeAsync(answer));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://shop.example.evil.example")]
    [InlineData("http://shop.example")]
    [InlineData("https://shop.example:8443")]
    [InlineData("https://blog.example")]
    [InlineData("null")]
    public async Task A_page_of_another_origin_may_not_and_can_read_so(string origin)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var preflight = await PreflightAsync(collector, origin);
        Assert.DoesNotContain(preflight.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.Ordinal));

        // Without a preflight, as a browser sends text/plain: CORS would not keep it out.
        using var actual = await collector.PostAsync(Given.Click("1"), "text/plain;charset=UTF-8", origin: origin);
        Assert.Equal(HttpStatusCode.BadRequest, actual.StatusCode);
        Assert.Contains("origin_not_allowed", await actual.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(
            ["Access-Control-Allow-Origin: *"],
            actual.Headers.Where(header => header.Key.StartsWith("Access-Control-", StringComparison.Ordinal)).Select(header => $"{header.Key}: {string.Join(',', header.Value)}"));
        Assert.Equal(0, log.End(0));
    }

    /// <summary>What a browser never sends, and a header of an answer can't have.</summary>
    [Theory]
    [InlineData("\u001b", "x-any")]
    [InlineData("https://shop.example\u007f", "x-any")]
    [InlineData("https://shop.example", "x-\u001b")]
    [InlineData("https://shop.example", "x-any,\u007f")]
    public async Task What_is_no_header_is_not_said_back(string origin, string headers)
    {
        var open = Given.OneApp with { Capture = Given.OneApp.Capture with { Apps = new() { ["shop"] = new AppSection { Origins = ["*"] } } } };
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), open);
        using var answer = await collector.SendAsync(
            "OPTIONS", "/v1/batch", null, ("Origin", origin), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", headers));

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Headers"));
    }

    [Fact]
    public async Task An_allowed_page_reads_when_to_try_again_and_cookies_stay_at_home()
    {
        var log = new MemoryLog();
        log.Faults.Away = true;
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        using var answer = await collector.PostAsync(Given.Click("1"), origin: "https://shop.example");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(["https://shop.example"], answer.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Equal(["Retry-After"], answer.Headers.GetValues("Access-Control-Expose-Headers"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    private static async Task<HttpResponseMessage> PreflightAsync(RunningService collector, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/interactions")
        {
            Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" }, { "Access-Control-Request-Headers", "content-type" } },
        };
        return await collector.Client.SendAsync(request);
    }
}
