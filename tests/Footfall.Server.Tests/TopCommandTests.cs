using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Footfall.Server.Expose;
using Footfall.Server.Expose.Top;
using Footfall.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Footfall.Server.Tests;

/// <summary><c>footfall top</c> as people run it, and what it asks with, against a metrics service.</summary>
public sealed class TopCommandTests : IDisposable
{
    private static readonly FootfallOptions Closed = Given.TwoApps with
    {
        Expose = Given.TwoApps.Expose with { BasicUser = "ann", BasicPassword = "correct-horse", BearerToken = "token-0123456789" },
    };

    private readonly string _directory = Directory.CreateTempSubdirectory("footfall-top-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task It_writes_once_what_is_counted_of_the_app_that_was_asked_for()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer());
        (await collector.PostAsync($"[{Given.Click("1")},{Given.Click("2")}]")).Dispose();
        await Eventually.HoldsAsync("it is counted", async () => (long)JsonNode.Parse(await metrics.GetTextAsync("/api/v1/totals?app=shop"))!["total"]! == 2);

        var (code, output, errors) = await TopAsync(metrics.Address.AbsoluteUri, "--once", "--app", "shop");
        Assert.Equal((ExitCode.Done, ""), (code, errors));
        Assert.StartsWith("Footfall  shop  counted up to ", output, StringComparison.Ordinal);
        Assert.Matches(@"(?s)Enroll Now\s+click\s+2\s+2.*enroll: view 0 → Enroll Now 0 → Buy Now 0", output);

        (code, output, errors) = await TopAsync("--url", metrics.Address.AbsoluteUri, "--json");
        Assert.Equal((ExitCode.Done, ""), (code, errors));
        Assert.Equal(("blog", 0L), ((string?)JsonNode.Parse(output)!["app"], (long)JsonNode.Parse(output)!["total"]!)); // the first

        // Where the output is no terminal it is written once, too.
        (code, output, _) = await TopAsync(metrics.Address.AbsoluteUri);
        Assert.Equal(ExitCode.Done, code);
        Assert.StartsWith("Footfall  blog  nothing counted yet", output, StringComparison.Ordinal);

        (code, _, errors) = await TopAsync("--url", metrics.Address.AbsoluteUri, "--app", "none", "--once");
        Assert.Equal((ExitCode.Failed, "There is no such app: app must be one of blog, shop"), (code, errors.Trim()));
    }

    [Fact]
    public async Task Who_is_asked_who_they_are_is_told_what_says_so_and_what_of_it_is_wrong()
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer(), Closed);
        var url = metrics.Address.AbsoluteUri;
        async Task<(int Code, string Errors)> AsksAsync(string? expose)
        {
            var file = Path.Combine(_directory, "footfall.json");
            if (expose is not null)
            {
                await File.WriteAllTextAsync(file, $$"""{ "Expose": {{expose}} }""");
            }

            var (code, _, errors) = await TopAsync([.. expose is null ? Array.Empty<string>() : ["--config", file], "--url", url, "--json"]);
            return (code, errors.Trim());
        }

        Assert.Equal((ExitCode.Failed, $"{url} asks who this is: name the file that has Expose:BasicUser and Expose:BasicPassword, or Expose:BearerToken, with --config FILE"), await AsksAsync(null));
        Assert.Equal((ExitCode.Failed, $"{url} refuses: the user or password is wrong (Expose:BasicUser, Expose:BasicPassword)"), await AsksAsync("""{ "BasicUser": "ann", "BasicPassword": "wrong-horse" }"""));
        Assert.Equal((ExitCode.Failed, $"{url} refuses: the token is wrong (Expose:BearerToken)"), await AsksAsync("""{ "BearerToken": "token-9876543210" }"""));
        Assert.Equal((ExitCode.Done, ""), await AsksAsync("""{ "BasicUser": "ann", "BasicPassword": "correct-horse" }"""));
        Assert.Equal((ExitCode.Done, ""), await AsksAsync("""{ "BearerToken": "token-0123456789" }"""));

        var (code, _, errors) = await TopAsync(url.Replace("://", "://ann:correct%2Dhorse@", StringComparison.Ordinal), "--json");
        Assert.Equal((ExitCode.Done, ""), (code, errors));
        (code, _, errors) = await TopAsync(url.Replace("://", "://ann:wrong-horse@", StringComparison.Ordinal), "--json");
        Assert.Equal((ExitCode.Failed, $"{url} refuses: the user or password is wrong (Expose:BasicUser, Expose:BasicPassword)"), (code, errors.Trim()));
    }

    [Fact]
    public async Task An_address_that_is_none_or_is_another_s_is_told()
    {
        var (code, _, errors) = await TopAsync("--url", "localhost:8082", "--once");
        Assert.Equal((ExitCode.Usage, "The metrics service's address (--url) is 'localhost:8082': must be one such as http://localhost:8082"), (code, errors.Trim()));

        (code, _, errors) = await TopAsync("http://127.0.0.1:1", "--once");
        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith("http://127.0.0.1:1/ does not answer: ", errors, StringComparison.Ordinal);

        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        (code, _, errors) = await TopAsync(collector.Address.AbsoluteUri, "--once");
        Assert.Equal((ExitCode.Failed, $"{collector.Address} answers 404: is it a metrics service?"), (code, errors.Trim()));

        (code, _, errors) = await TopAsync("http://localhost:8082", "--url", "http://localhost:8082", "--once");
        Assert.NotEqual(ExitCode.Done, code);
        Assert.Contains("The address is there twice", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_comes_a_whole_first_and_then_ticks_and_ends_when_the_service_does()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer());
        using var client = new LiveClient(metrics.Address, null, TimeProvider.System);
        var view = new TopView();
        var stopped = Task.CompletedTask;
        var isFirst = true;
        await foreach (var (isWhole, document) in client.LiveAsync("shop", CancellationToken.None))
        {
            Assert.True(isWhole || !isFirst);
            if (isWhole)
            {
                view.Replace(document);
            }
            else
            {
                view.Apply(document);
            }

            if (isFirst)
            {
                (await collector.PostAsync(Given.Click("1"))).Dispose();
                isFirst = false;
            }

            if (view.Current!.Total == 1 && stopped.IsCompleted)
            {
                Assert.Equal(("shop", 1L), (view.Current.App, view.Targets.Single(target => target.Target == "Enroll Now").Total));
                stopped = metrics.App.StopAsync();
            }
        }

        await stopped;
        Assert.Equal(1, view.Current!.Total);
    }

    [Fact]
    public async Task It_asks_below_the_path_that_a_proxy_has()
    {
        await using var proxy = await SiteServerAsync(context => context.Request.Path == "/footfall/api/v1/totals" ? context.Response.WriteAsync("{}") : NotFound(context));
        using var client = new LiveClient(new Uri(new Uri(proxy.Urls.Single()), "/footfall"), null, TimeProvider.System);
        Assert.Equal("{}", await client.TotalsAsync(null, CancellationToken.None));
    }

    [Fact]
    public async Task Who_is_silent_has_gone_and_what_is_no_document_is_told()
    {
        var time = new FakeTime();
        await using var other = await SiteServerAsync(async context =>
        {
            if (context.Request.Query["app"] == "silent")
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync("event: state\ndata: {}\n\n");
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            await context.Response.WriteAsync("event: state\ndata: <html>\n\n");
        });
        using var client = new LiveClient(new Uri(other.Urls.Single()), new AuthenticationHeaderValue("Bearer", "x"), time);

        await using var silent = client.LiveAsync("silent", CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await silent.MoveNextAsync());
        var next = silent.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains("has been silent for 5 s", (await Assert.ThrowsAsync<LiveException>(() => next)).Message, StringComparison.Ordinal);

        await using var page = client.LiveAsync("page", CancellationToken.None).GetAsyncEnumerator();
        Assert.Contains("no metrics service", (await Assert.ThrowsAsync<LiveException>(() => page.MoveNextAsync().AsTask())).Message, StringComparison.Ordinal);
    }

    private static Task<(int Code, string Output, string Errors)> TopAsync(params string[] arguments) => FootfallProcess.RunAsync(["top", .. arguments]);

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = (int)HttpStatusCode.NotFound;
        return Task.CompletedTask;
    }

    private static async Task<WebApplication> SiteServerAsync(RequestDelegate answer)
    {
        var app = ServiceHost.NewBuilder("http://127.0.0.1:0", TimeProvider.System).Build();
        app.Run(answer);
        await app.StartAsync();
        return app;
    }
}
