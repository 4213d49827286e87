using System.Net.Sockets;
using Footfall.Server.Capture;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>What the server answers before there is a request for us: bounded, and counted all the same.</summary>
public sealed class ConnectionLimitsTests
{
    private static readonly string Long = new('x', 20_000);

    public static TheoryData<string, string, string> Requests => new()
    {
        { $"POST /v1/interactions HTTP/1.1\r\nHost: c\r\nCookie: {Long}\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large", "headers_too_large" },
        { $"POST /v1/interactions HTTP/1.1\r\nHost: c\r\n{string.Concat(Enumerable.Repeat("A: b\r\n", 100))}\r\n", "HTTP/1.1 431 Request Header Fields Too Large", "headers_too_large" },
        { $"POST /v1/interactions?{Long} HTTP/1.1\r\nHost: c\r\n\r\n", "HTTP/1.1 414 URI Too Long", "headers_too_large" },
        { "\u0016\u0003\u0001\r\n\r\n", "HTTP/1.1 400 Bad Request", "not_http" },
        { "POST /v1/interactions HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request", "not_http" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task What_is_no_request_is_refused_and_counted_once(string sent, string status, string reason)
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());

        Assert.Equal(status, await FirstLineAsync(collector, sent));

        await Eventually.HoldsAsync("it is counted", async () => await RefusedAsync(collector, reason) == 1);
    }

    [Fact]
    public async Task Headers_that_do_not_come_in_time_are_refused_and_counted()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());

        Assert.Equal("HTTP/1.1 408 Request Timeout", await FirstLineAsync(collector, "POST /v1/interactions HTTP/1.1\r\nHost: c\r\nX-Slow: "));

        await Eventually.HoldsAsync("it is counted", async () => await RefusedAsync(collector, "too_slow") == 1);
    }

    [Fact]
    public async Task One_connection_too_many_is_closed_at_once_and_counted()
    {
        var few = Given.TwoApps with { Capture = Given.TwoApps.Capture with { MaxConnections = 2 } };
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), few);
        Assert.Equal("live\n", await collector.GetTextAsync("/health/live")); // its connection is kept
        using (var second = await ConnectAsync(collector, "GET /health/live HTTP/1.1\r\nHost: c\r\n\r\n"))
        {
            Assert.Equal("HTTP/1.1 200 OK", await new StreamReader(second.GetStream()).ReadLineAsync());

            Assert.Null(await FirstLineAsync(collector, "GET /health/live HTTP/1.1\r\nHost: c\r\n\r\n"));
        }

        // The exporter keeps an answer for a moment.
        await Eventually.HoldsAsync("it is counted", async () =>
            (await collector.GetTextAsync("/metrics/runtime")).Contains("\nkestrel_rejected_connections_total{", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.8", false)]
    [InlineData("203.0.113.9", "203.0.113.9:4711", true)]
    [InlineData("198.51.100.1, 203.0.113.9", "198.51.100.2, 203.0.113.9", true)] // what stands before is the client's own claim
    [InlineData("203.0.113.9, 10.1.2.3", "203.0.113.9, 10.3.2.1", true)] // through two proxies
    [InlineData("2001:db8::1", "2001:db8::2", true)]
    public async Task Behind_a_proxy_of_ours_the_limit_is_of_the_address_that_it_saw(string one, string other, bool same)
    {
        await using var collector = await OneASecondAsync("127.0.0.0/8", "::1", "10.0.0.0/8");
        Assert.Equal("202 202 429", await ThreeAsync(collector, one));
        Assert.Equal(same ? "429 429 429" : "202 202 429", await ThreeAsync(collector, other));
    }

    [Theory]
    [InlineData]
    [InlineData("192.0.2.1")]
    public async Task What_another_says_to_be_forwarded_is_not_believed(params string[] proxies)
    {
        await using var collector = await OneASecondAsync(proxies);
        Assert.Equal("202 202 429", await ThreeAsync(collector, "203.0.113.9"));
        Assert.Equal("429 429 429", await ThreeAsync(collector, "203.0.113.8"));
        Assert.Equal(4, await RefusedAsync(collector, "rate_limited"));
    }

    [Fact]
    public void The_bounds_are_all_set_by_us()
    {
        var limits = new Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerLimits();
        ConnectionLimits.Apply(limits, 100);
        Assert.Equal(100, limits.MaxConcurrentConnections);
        Assert.Equal(ConnectionLimits.HeadersWithin, limits.RequestHeadersTimeout);
        Assert.Equal(ConnectionLimits.LeastRate, limits.MinRequestBodyDataRate?.BytesPerSecond);
        Assert.True(limits.MaxRequestBufferSize >= limits.MaxRequestHeadersTotalSize + limits.MaxRequestLineSize);
    }

    private static Task<RunningService> OneASecondAsync(params string[] proxies)
    {
        var options = Given.TwoApps with { Capture = Given.TwoApps.Capture with { MaxRequestsPerSecond = 1, Proxies = proxies } };
        return RunningService.CollectorAsync(new MemoryLog().OpenWriter(), options, new FakeTime());
    }

    private static async Task<string> ThreeAsync(RunningService collector, string forwardedFor)
    {
        var statuses = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await collector.PostToAsync("", Given.Click("1"), ("X-Forwarded-For", forwardedFor));
            statuses.Add((int)answer.StatusCode);
        }

        return string.Join(' ', statuses);
    }

    private static Task<decimal?> RefusedAsync(RunningService collector, string reason) =>
        collector.SampleAsync($"footfall_refused_requests_total{{reason=\"{reason}\"}}");

    private static async Task<string?> FirstLineAsync(RunningService collector, string sent)
    {
        try
        {
            using var client = await ConnectAsync(collector, sent);
            return await new StreamReader(client.GetStream()).ReadLineAsync();
        }
        catch (IOException)
        {
            return null; // reset
        }
    }

    private static async Task<TcpClient> ConnectAsync(RunningService collector, string sent)
    {
        var client = new TcpClient();
        await client.ConnectAsync(collector.Address.Host, collector.Address.Port);
        await client.GetStream().WriteAsync(Given.Utf8(sent));
        return client;
    }
}
