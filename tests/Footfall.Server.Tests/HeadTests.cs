using System.Net;
using Footfall.Expose;
using Footfall.Server.Capture;
using Footfall.Testing;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Footfall.Server.Tests;

/// <summary>HEAD is answered as GET, without a body (RFC 9110, 9.3.2).</summary>
public sealed class HeadTests
{
    [Fact]
    public async Task The_metrics_service_answers_it()
    {
        var time = new FakeTime();
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog(time: time).OpenConsumer(), time: time);
        await Eventually.HoldsAsync("it is ready", async () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            using var ready = await metrics.GetAsync("/health/ready");
            return ready.IsSuccessStatusCode;
        });

        await LikeGetAsync(metrics, "/", "/health/live", "/health/ready", "/api/v1/totals?app=shop", "/api/v1/series?app=shop&range=7&step=5", "/api/v1/totals?app=none", "/metrics");
        using var live = await metrics.SendAsync("HEAD", "/api/v1/live", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, live.StatusCode);
    }

    [Fact]
    public async Task One_of_metrics_is_no_scrape()
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        var exposure = metrics.App.Services.GetRequiredService<Exposure>();
        await Eventually.HoldsAsync("it has published", () => Task.FromResult(exposure.Lease.Holds && exposure.Current.Version > 0));

        using var head = await metrics.SendAsync("HEAD", "/metrics", null);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.False(exposure.HasServed);
        await metrics.GetTextAsync("/metrics");
        Assert.True(exposure.HasServed);
    }

    [Fact]
    public async Task The_collector_answers_it()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), demo: new DemoLinks(null, null));
        await LikeGetAsync(collector, "/footfall.js", "/footfall.mjs", "/health/live", "/health/ready", "/demo/", "/demo", "/demo/config.json", "/", "/metrics");
    }

    [Fact]
    public async Task Whatever_has_a_GET_has_it()
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), demo: new DemoLinks(null, null));
        Assert.Equal(["/api/v1/live", "/docs", "/openapi"], WithoutHead(metrics));
        Assert.Equal(["/docs", "/openapi"], WithoutHead(collector));
    }

    private static IEnumerable<string> WithoutHead(RunningService service) =>
        service.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { } methods && methods.HttpMethods.Contains("GET") && !methods.HttpMethods.Contains("HEAD"))
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Select(path => path.StartsWith("/docs", StringComparison.Ordinal) ? "/docs" : path.StartsWith("/openapi", StringComparison.Ordinal) ? "/openapi" : path)
            .Distinct().Order(StringComparer.Ordinal);

    private static async Task LikeGetAsync(RunningService service, params string[] paths)
    {
        foreach (var path in paths)
        {
            using var head = await service.SendAsync("HEAD", path, null);
            using var get = await service.GetAsync(path);
            Assert.Equal((path, get.StatusCode), (path, head.StatusCode));
            Assert.Equal((path, get.Content.Headers.ContentType), (path, head.Content.Headers.ContentType));
            Assert.Equal((path, get.Headers.CacheControl?.ToString()), (path, head.Headers.CacheControl?.ToString()));
            Assert.Equal((path, get.Headers.ETag), (path, head.Headers.ETag));
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }
    }
}
