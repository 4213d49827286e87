using System.Net;
using System.Text;
using System.Text.Json;
using System.Threading.RateLimiting;
using Footfall.AspNetCore.Log;
using Footfall.Log;
using Footfall.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Footfall.Server.Tests;

/// <summary>The collector inside somebody's app.</summary>
public sealed class AddFootfallCollectorTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("footfall-app-").FullName;
    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _handler.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task What_is_accepted_under_the_prefix_is_in_the_log_that_another_opens_after_the_stop()
    {
        await using (var app = Build())
        {
            var client = await StartAsync(app);
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(client, Given.Click($"{i}"))).Status);
            }

            await app.StopAsync(Token);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), await IdsInLogAsync());
    }

    [Fact]
    public async Task The_log_is_closed_also_where_the_app_does_not_get_as_far_as_its_server()
    {
        await using (var app = Build(builder => builder.Services.AddHostedService<FailingService>()))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(Token));
        }

        Assert.Empty(await IdsInLogAsync());
    }

    [Fact]
    public async Task Requests_under_way_are_answered_before_the_log_is_closed()
    {
        await using var app = Build();
        var client = await StartAsync(app);
        using var body = new SlowBody(Given.Utf8(Given.Click("slow")));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/footfall/v1/interactions") { Content = body };
        var answer = client.SendAsync(request, Token);
        await body.Begun.Task.WaitAsync(Token);
        var stop = app.StopAsync(Token);
        await Eventually.HoldsAsync("it is stopping", () => app.Lifetime.ApplicationStopping.IsCancellationRequested);
        body.Rest.SetResult();

        Assert.Equal(HttpStatusCode.Accepted, (await answer).StatusCode);
        await stop;
        Assert.Equal(["slow"], await IdsInLogAsync());
    }

    [Theory]
    [InlineData("{", "application/json")]
    [InlineData("[]", "application/json")]
    [InlineData("""{"app":"other","target":"x"}""", "application/json")]
    [InlineData("{}", "application/xml")]
    [InlineData(null, "application/json")]
    public async Task What_is_wrong_is_answered_as_by_a_collector_of_its_own(string? body, string type)
    {
        body ??= $"\"{new string('x', Options.Capture.MaxBodyBytes)}\"";
        var log = new MemoryLog();
        await using var alone = await RunningService.CollectorAsync(log.OpenWriter(), Options);
        await using var app = Build();
        var client = await StartAsync(app);

        var expected = await alone.PostAsync(body, type);
        var (status, text, _) = await PostAsync(client, body, type);
        Assert.Equal(expected.StatusCode, status);
        Assert.Equal(await expected.Content.ReadAsStringAsync(Token), text);
        Assert.InRange((int)status, 400, 499);
    }

    [Theory]
    [InlineData("""{"app":"shop","target":"x"}""", HttpStatusCode.Accepted)]
    [InlineData("{", HttpStatusCode.BadRequest)]
    public async Task A_page_of_the_same_origin_is_the_apps_own_and_there_are_no_cors_headers(string body, HttpStatusCode status)
    {
        await using var app = Build();
        var client = await StartAsync(app);

        var (answered, _, headers) = await PostAsync(client, body, headers: ("Origin", client.BaseAddress!.GetLeftPart(UriPartial.Authority)));
        Assert.Equal(status, answered);
        AssertNoCors(headers);

        // Behind a proxy the app may have another name for itself; the browser has told.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/footfall/v1/interactions") { Content = new StringContent(body) };
        request.Headers.Add("Origin", "https://shop.example");
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        Assert.Equal(status, (await client.SendAsync(request, Token)).StatusCode);

        using var script = await client.GetAsync("/footfall/footfall.js", Token);
        AssertNoCors(script.Headers);
    }

    [Fact]
    public async Task A_page_of_another_origin_is_not()
    {
        await using var app = Build();
        var client = await StartAsync(app);

        var (status, text, headers) = await PostAsync(client, Given.Click("1"), headers: ("Origin", "https://other.example"));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("origin_not_allowed", text, StringComparison.Ordinal);
        AssertNoCors(headers);
    }

    [Fact]
    public async Task Authorization_and_antiforgery_of_the_app_do_not_stand_in_the_way_but_of_the_metrics()
    {
        await using var app = Build(
            builder =>
            {
                builder.Services.AddAuthentication().AddCookie();
                builder.Services.AddAuthorization(authorization => authorization.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
                builder.Services.AddAntiforgery();
            },
            app =>
            {
                app.UseAuthentication();
                app.UseAuthorization();
                app.UseAntiforgery();
                app.MapFootfallCollectorMetrics();
            });
        var client = await StartAsync(app);

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(client, Given.Click("1"))).Status);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/footfall/footfall.js"));
        Assert.NotEqual(HttpStatusCode.OK, await StatusAsync(client, "/footfall/metrics"));
    }

    [Fact]
    public async Task The_apps_limits_of_rate_and_size_are_not_the_collectors()
    {
        var begun = new TaskCompletionSource();
        await using var app = Build(
            builder =>
            {
                builder.Services.AddRateLimiter(limiter => limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, int>(
                    _ => RateLimitPartition.GetConcurrencyLimiter(0, _ => new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 0 })));
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 10);
            },
            app =>
            {
                app.UseRateLimiter();
                app.MapGet("/held", async (CancellationToken aborted) =>
                {
                    begun.TrySetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, aborted);
                });
            });
        var client = await StartAsync(app);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var held = client.GetAsync("/held", ends.Token);
        await begun.Task.WaitAsync(Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(client, "/held"));

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(client, Given.Click("1"))).Status);
        await ends.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
    }

    [Fact]
    public async Task It_shows_its_counters_and_its_health_where_the_app_wants_them()
    {
        await using var app = Build(builder => builder.Services.AddHealthChecks().AddFootfallCollector(), app => app.MapFootfallCollectorMetrics("/internal/metrics"));
        var client = await StartAsync(app);
        await PostAsync(client, Given.Click("1"));

        Assert.Contains("footfall_accepted_total{app=\"shop\"} 1\n", await client.GetStringAsync("/internal/metrics", Token), StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Healthy, (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Status);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/footfall/metrics"));
    }

    [Fact]
    public async Task Other_peoples_clients_find_it_under_the_prefix_whatever_json_is_like_in_the_app()
    {
        await using var app = Build(
            builder => builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = null),
            app => app.MapFootfallCollector("/twice"));
        var client = await StartAsync(app);

        var settings = await client.GetStringAsync("/footfall/v1/projects/key/settings", Token);
        Assert.Contains($"\"apiHost\":\"{client.BaseAddress!.Authority}/footfall/v1\"", settings, StringComparison.Ordinal);
        using var track = new StringContent("""{"event":"Bought","anonymousId":"a"}""", Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/twice/v1/track", track, Token);
        Assert.Equal("""{"success":true}""", await answer.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("Capture:MaxBodyBytes", "7", "Capture:MaxBodyBytes is 7: must be from 1024 to 67108864")]
    [InlineData("Capture:MaxBody", "7", "Capture has no key 'MaxBody': must be one of Listen, ")]
    [InlineData("Capture:Apps:shop:Origins:0", "shop", "Capture:Apps:shop: ")]
    [InlineData("Capture:Proxies:0", "10.0.0.7", "Capture:Proxies is not read inside an app, whose middleware says where a request is from: use UseForwardedHeaders")]
    public void Configuration_that_is_wrong_is_told_at_once(string key, string value, string message)
    {
        var error = Assert.Throws<OptionsException>(() => new ServiceCollection().AddFootfallCollector(Configuration((key, value))));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_app_that_names_none_is_told_so()
    {
        var error = Assert.Throws<OptionsException>(() => new ServiceCollection().AddFootfallCollector(new ConfigurationBuilder().Build().GetSection("Footfal")));
        Assert.StartsWith("Capture:Apps names no app", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_needs_no_more_than_its_name()
    {
        using var json = new MemoryStream(Given.Utf8("""{"Footfall":{"Data":"DATA","Capture":{"Listen":"http://localhost:1","Apps":{"shop":{}}},"Expose":{"Listen":"http://localhost:2"}}}""".Replace("DATA", _data, StringComparison.Ordinal)));
        await using var app = Build(section: new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("Footfall"));
        var client = await StartAsync(app);

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(client, """{"target":"x"}""")).Status);
    }

    [Fact]
    public async Task An_app_whose_log_cannot_be_opened_does_not_start_and_says_why()
    {
        var file = Path.Combine(_data, "file");
        await File.WriteAllTextAsync(file, "", Token);
        await using var app = Build(section: Configuration(("Data", file)));
        var error = await Assert.ThrowsAsync<LogException>(() => app.StartAsync(Token));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mapped_without_having_been_added_it_says_what_is_missing()
    {
        using var app = WebApplication.CreateSlimBuilder().Build();
        Assert.Contains("AddFootfallCollector", Assert.Throws<InvalidOperationException>(() => app.MapFootfallCollector()).Message, StringComparison.Ordinal);
    }

    private FootfallOptions Options => Given.OneApp with
    {
        Data = _data,
        Capture = Given.OneApp.Capture with { MaxBodyBytes = 4_096 },
    };

    private IConfiguration Configuration(params (string Key, string Value)[] more) => new ConfigurationBuilder()
        .AddInMemoryCollection([new("Data", _data), new("Capture:Apps:shop:Bots", "Drop")])
        .AddInMemoryCollection(more.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)))
        .Build();

    private WebApplication Build(Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? use = null, IConfiguration? section = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _ = section is null ? builder.Services.AddFootfallCollector(Options) : builder.Services.AddFootfallCollector(section);
        configure?.Invoke(builder);
        var app = builder.Build();
        use?.Invoke(app);
        app.MapFootfallCollector();
        return app;
    }

    private async Task<HttpClient> StartAsync(WebApplication app)
    {
        await app.StartAsync(Token);
        return new HttpClient(_handler, disposeHandler: false) { BaseAddress = new Uri(app.Urls.Single()) };
    }

    private static async Task<(HttpStatusCode Status, string Text, System.Net.Http.Headers.HttpResponseHeaders Headers)> PostAsync(
        HttpClient client, string body, string type = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/footfall/v1/interactions") { Content = new ByteArrayContent(Given.Utf8(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        var answer = await client.SendAsync(request, Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token), answer.Headers);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, Token);
        return answer.StatusCode;
    }

    private static void AssertNoCors(System.Net.Http.Headers.HttpResponseHeaders headers) =>
        Assert.DoesNotContain(headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase) || header.Key.StartsWith("Cross-Origin-", StringComparison.OrdinalIgnoreCase));

    /// <summary>As <c>footfall metrics</c> reads it.</summary>
    private async Task<string[]> IdsInLogAsync()
    {
        var found = new List<string>();
        await using var log = await OpenLog.ForReadingAsync(Options, TimeProvider.System, NullLoggerFactory.Instance, Token);
        var isAssigned = false;
        while (true)
        {
            var read = await log.Consumer.ReadAsync(TimeSpan.Zero, Token);
            found.AddRange(read.Records.SelectMany(records => records.Records).Select(record => JsonDocument.Parse(record.Value).RootElement.GetProperty("id").GetString()!));
            if (isAssigned && read.Records.Count == 0)
            {
                return [.. found];
            }

            foreach (var partition in read.Assigned)
            {
                await log.Consumer.LoadAsync(partition, Token);
                log.Consumer.Seek(partition, 0);
                isAssigned = true;
            }
        }
    }

    private sealed class FailingService : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("of the app's own");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Half of it, and the rest when the test says so.</summary>
    private sealed class SlowBody(byte[] bytes) : HttpContent
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Rest { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            Begun.SetResult();
            await Rest.Task;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
