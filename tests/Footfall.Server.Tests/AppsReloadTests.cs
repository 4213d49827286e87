using System.Net;
using Footfall.Server.Capture;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>Apps that change while the collector runs.</summary>
public sealed class AppsReloadTests : IAsyncLifetime
{
    private const string Shop = """ "shop": { "Origins": ["https://shop.example"], "PinnedTargets": ["Buy Now"] } """;

    private readonly string _directory = Directory.CreateTempSubdirectory("footfall-reload-").FullName;
    private readonly FakeTime _time = new();
    private readonly OptionsSource _source;
    private RunningService? _service;

    public AppsReloadTests() => _source = new OptionsSource(
        Path.Combine(_directory, "footfall.json"), [], [new("Capture:Listen", "http://127.0.0.1:0")]);

    private RunningService Collector => _service!;

    public async ValueTask InitializeAsync()
    {
        Write(Shop);
        _service = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), _source.Read(), _time, source: _source);
    }

    public async ValueTask DisposeAsync()
    {
        await Collector.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_new_app_and_an_apps_new_origin_are_in_force_without_a_restart()
    {
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("wiki", "https://wiki.example"));

        Write("""
            "shop": { "Origins": ["https://new.example"] }, "wiki": { "Origins": ["https://wiki.example"], "PagePatterns": ["/w/:page"], "MaxInteractionsPerSecond": 1 }
            """);
        await HoldsAsync("it is read", "footfall_config_reloads_total", 1);

        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("wiki", "https://wiki.example"));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("shop", "https://new.example"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("shop", "https://shop.example"));
        Assert.Equal(1, await Collector.SampleAsync("""footfall_accepted_total{app="wiki"}"""));
        Assert.Equal(0, await Collector.SampleAsync("footfall_config_reload_failures_total"));
    }

    [Fact]
    public async Task An_app_that_is_gone_is_unknown_and_keeps_what_was_counted()
    {
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("shop", "https://shop.example"));

        Write(""" "wiki": {}, "blog": {} """);
        await HoldsAsync("it is read", "footfall_config_reloads_total", 1);

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("shop", null));
        Assert.Equal(1, await Collector.SampleAsync("""footfall_accepted_total{app="shop"}"""));
        Assert.Equal(1, await Collector.SampleAsync("""footfall_rejected_total{app="(unknown)",reason="unknown_app"}"""));
    }

    [Theory]
    [InlineData("""{ "Capture": { "Apps": { "shop": { "Origins": ["https://""")] // half of it
    [InlineData("""{ "Capture": { "Apps": { "wiki": { "Origins": ["nonsense"] } } } }""")]
    [InlineData("""{ "Capture": { "Apps": { "wiki": {} }, "MaxBodyBytes": 1 } }""")]
    [InlineData("""{ "Capture": { "Apps": { "wiki": { "Origin": [] } } } }""")]
    [InlineData("""{ "Capture": { "Apps": null } }""")] // an app named demo would be there
    [InlineData("{}")]
    [InlineData("")]
    [InlineData(null)] // gone
    public async Task What_can_not_be_used_changes_nothing_and_is_told_once(string? text)
    {
        if (text is null)
        {
            File.Delete(_source.Path);
        }
        else
        {
            File.WriteAllText(_source.Path, text);
        }

        await HoldsAsync("it is told", "footfall_config_reload_failures_total", 1);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(AppsReload.Every);
        }

        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("shop", "https://shop.example"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("wiki", null));
        Assert.Equal(1, await Collector.SampleAsync("footfall_config_reload_failures_total"));
        Assert.Equal(0, await Collector.SampleAsync("footfall_config_reloads_total"));

        Write(Shop + """, "wiki": {} """);
        await HoldsAsync("it is read when it is right again", "footfall_config_reloads_total", 1);
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("wiki", null));
    }

    [Fact]
    public async Task A_service_that_began_with_the_demo_and_has_apps_now_never_gets_it_back()
    {
        await Collector.DisposeAsync();
        File.WriteAllText(_source.Path, "{}");
        _service = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), _source.Read(), _time, source: _source);
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("demo", null));

        Write(Shop);
        await HoldsAsync("it is read", "footfall_config_reloads_total", 1);
        File.WriteAllText(_source.Path, """{ "Log": { "MaxQueueBytes": 33554432 } }""");
        await HoldsAsync("it is refused", "footfall_config_reload_failures_total", 1);

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("demo", null));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("shop", "https://shop.example"));
    }

    [Fact]
    public void Keys_that_only_a_restart_takes_over_are_named()
    {
        var one = _source.Read();
        File.WriteAllText(_source.Path, """
            {
              "Data": "elsewhere",
              "Capture": {
                "MaxConnections": 20, "Proxies": ["10.0.0.7"], "Kestrel": { "Endpoints": { "Public": { "Url": "https://localhost:8443" } } },
                "Apps": { "shop": { "Origins": ["*"], "Bots": "Count", "PinnedTargets": ["Buy Now", "Enroll Now"], "Funnels": { "enroll": { "Steps": ["view", "Buy Now"] } } }, "wiki": { "PagePatterns": ["/w/:page"] } }
              },
              "Log": { "Kafka": { "Producer": { "linger.ms": "5" } } }
            }
            """);

        Assert.Equal(
            ["Data", "Capture:Apps:shop:PinnedTargets", "Capture:Apps:shop:Funnels:enroll:Steps", "Capture:Apps:shop:Funnels:enroll:Window", "Capture:MaxConnections", "Capture:Proxies", "Log:Kafka:Producer:linger.ms", "Capture:Kestrel"],
            OptionsChange.NeedsRestart(one, _source.Read()));
        Assert.Empty(OptionsChange.NeedsRestart(one, one));
    }

    [Fact]
    public void What_is_in_force_from_now_on_is_named()
    {
        var one = _source.Read();
        Assert.Empty(OptionsChange.TakenOver(one, one));

        File.WriteAllText(_source.Path, """
            { "Data": "elsewhere", "Capture": { "MaxConnections": 20, "Apps": { "shop": { "Origins": ["*"], "Bots": "Count", "PinnedTargets": ["Enroll Now"] }, "wiki": { "Origins": ["*"] } } } }
            """);
        var other = _source.Read();
        Assert.Equal(["Capture:Apps:wiki", "Capture:Apps:shop:Origins", "Capture:Apps:shop:Bots"], OptionsChange.TakenOver(one, other));
        Assert.Equal(["Capture:Apps:wiki", "Capture:Apps:shop:Origins", "Capture:Apps:shop:Bots"], OptionsChange.TakenOver(other, one));
        Assert.Equal(["Data", "Capture:Apps:shop:PinnedTargets", "Capture:MaxConnections"], OptionsChange.NeedsRestart(one, other));
    }

    private void Write(string apps) => File.WriteAllText(_source.Path, $$$"""{ "Capture": { "Apps": { {{{apps}}} } } }""");

    private Task HoldsAsync(string what, string sample, decimal value) => Eventually.HoldsAsync(what, async () =>
    {
        _time.Advance(AppsReload.Every);
        return await Collector.SampleAsync(sample) == value;
    });

    private async Task<HttpStatusCode> PostAsync(string app, string? origin)
    {
        using var answer = await Collector.PostAsync($$"""{"app":"{{app}}","target":"t"}""", origin: origin);
        return answer.StatusCode;
    }
}
