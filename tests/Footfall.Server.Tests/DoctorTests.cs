using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Footfall.Server.Capture;
using Footfall.Server.Capture.Doctor;
using Footfall.Testing;
using Microsoft.AspNetCore.Http;

namespace Footfall.Server.Tests;

/// <summary><c>footfall doctor</c> against real servers: sites with a fault each, and a real collector.</summary>
public sealed class DoctorTests
{
    private const string Tag = """<script defer src="COLLECTOR/footfall.js" data-app="demo"></script>""";

    [Fact]
    public async Task A_healthy_site_is_the_demo_shop()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), Demo, demo: new DemoLinks(null, null));

        var report = await ExamineAsync(new Uri(collector.Address, "/demo/"));

        await Golden.EqualsAsync("doctor-healthy.txt", report.ToString().Replace(collector.Address.Authority, "COLLECTOR", StringComparison.Ordinal));
        Assert.Equal(0, log.End(0)); // the probe is not counted
        Assert.Equal(1, await collector.SampleAsync("""footfall_rejected_total{app="demo",reason="invalid_target"}"""));
    }

    [Fact]
    public async Task A_sick_site_is_told_all_of_it_at_once()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        await using var site = await SiteServer.StartAsync(http => http.Request.Path == "/"
            ? RedirectAsync(http, "/home")
            : SiteServer.PageAsync(
                http,
                $"""
                <meta http-equiv="Content-Security-Policy" content="connect-src 'self'; script-src 'self' 'unsafe-inline'">
                <script async src="{collector.Address}footfall-leave.js" integrity="sha384-AAAA" data-apps="shop" data-visitor="always" data-app="shop"></script>
                <script src="/footfall.js" type="module"></script>
                """,
                "Content-Security-Policy-Report-Only: default-src 'none'",
                "Date: Tue, 24 Nov 2020 05:29:48 GMT"));

        var report = await ExamineAsync(site.Address);

        Assert.False(report.IsWell);
        await Golden.EqualsAsync("doctor-sick.txt", System.Text.RegularExpressions.Regex.Replace(
            report.ToString()
                .Replace(collector.Address.Authority, "COLLECTOR", StringComparison.Ordinal).Replace(site.Address.Authority, "SITE", StringComparison.Ordinal)
                .Replace(Integrity.Of("sha384", EmbeddedFile.Read(typeof(EmbeddedFile).Assembly, "web/footfall-leave.js")).ToString(), "sha384-HASH", StringComparison.Ordinal),
            "[0-9]+ days", "DAYS days"));
    }

    [Fact]
    public async Task What_the_collector_set_aside_as_bots_is_told_where_its_metrics_can_be_read()
    {
        var options = Demo with { Capture = Demo.Capture with { Apps = new() { ["demo"] = new AppSection { Origins = ["*"] }, ["blog"] = new AppSection { Origins = ["*"] } } } };
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), options);
        await using var site = await SiteServer.StartAsync(TagOf(collector.Address));
        Assert.Equal("Since its start the collector has set aside nothing of demo as a bot's", Assert.Single(await FindAsync(site.Address), finding => finding.Subject == "bots").Text);

        foreach (var app in new[] { "demo", "demo", "blog" })
        {
            (await collector.PostToAsync("", $$"""{"app":"{{app}}","target":"t"}""", ("User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"))).Dispose();
        }

        var told = Assert.Single(await FindAsync(site.Address), finding => finding.Subject == "bots");
        Assert.Equal((Level.Ok, "Since its start the collector has set aside 2 interactions of demo as bots', in no total: crawler 2. To count them: Capture:Apps:demo:Bots = Count"), (told.Level, told.Text));
    }

    [Fact]
    public async Task Of_bots_nothing_is_told_where_the_collectors_metrics_are_not_to_be_seen()
    {
        await using var proxy = await SiteServer.StartAsync(http => http.Request.Path == "/v1/interactions"
            ? RejectedAsync(http)
            : RedirectAsync(http, "/login"));
        await using var site = await SiteServer.StartAsync(http => http.Request.Path == "/footfall.js"
            ? TypeAsync(http, "text/javascript")
            : SiteServer.PageAsync(http, $"""<script src="/footfall.js" data-app="demo" data-collector="{proxy.Address}"></script>"""));

        Assert.DoesNotContain(await FindAsync(site.Address), finding => finding.Subject == "bots");
        Assert.Equal("GET /metrics", proxy.Asked[^1]);

        static Task RejectedAsync(HttpContext http)
        {
            http.Response.Headers.AccessControlAllowOrigin = "*";
            http.Response.StatusCode = 400;
            http.Response.ContentType = "application/problem+json";
            return http.Response.WriteAsync("""{"status":400,"reason":"all_rejected","accepted":0,"rejected":[{"index":0,"reason":"invalid_target"}]}""");
        }
    }

    [Theory]
    [InlineData("demo", "https://shop.example", "takes nothing from http://127.0.0.1:")]
    [InlineData("other", "local", "The collector has no app demo")]
    [InlineData("demo", "local", null)]
    [InlineData("demo", "*", null)]
    public async Task The_collector_itself_says_whether_it_would_take(string app, string origin, string? trouble)
    {
        var options = Demo with { Capture = Demo.Capture with { Apps = new() { [app] = new AppSection { Origins = [origin] } } } };
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), options);
        await using var site = await SiteServer.StartAsync(TagOf(collector.Address));

        var wrong = (await FindAsync(site.Address)).Where(finding => finding.Level == Level.Wrong).ToArray();

        Assert.Equal(trouble is null ? 0 : 1, wrong.Length);
        Assert.All(wrong, finding => Assert.Contains(trouble!, finding.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_bundle_may_start_is_not_called_well()
    {
        await using var site = await SiteServer.StartAsync("<script type=module src=/assets/footfall-4711.mjs></script>");

        var report = await ExamineAsync(site.Address);

        Assert.True(report.IsWell);
        Assert.EndsWith("\nNothing is wrong, 1 warning: whether clicks of this page arrive can't be said from here.\n", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_in_a_sandbox_sends_as_nobody()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Demo);
        await using var site = await SiteServer.StartAsync(TagOf(collector.Address), "Content-Security-Policy: sandbox allow-scripts");

        var wrong = Assert.Single(await FindAsync(site.Address), finding => finding.Level == Level.Wrong);
        Assert.Equal("The app demo takes nothing from null: the collector rejects all", wrong.Text);
    }

    [Fact]
    public async Task A_collector_behind_a_proxy_that_breaks_it_is_told()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Demo);
        foreach (var (answer, told) in ((RequestDelegate, string)[])
        [
            (http => RedirectAsync(http, "https://collect.example/"), "leads elsewhere (302): https://collect.example/"),
            (http => StatusAsync(http, 502), "answers 502, but not as a collector"),
            (http => SiteServer.PageAsync(http, "<h1>Welcome"), "answers 200 with text/html, not as a collector does"),
            (http => ProblemAsync(http, null), "has no Access-Control-Allow-Origin"),
            (http => ProblemAsync(http, "https://shop.example"), "has Access-Control-Allow-Origin: https://shop.example, and the page's origin is http://127.0.0.1:"),
        ])
        {
            await using var proxy = await SiteServer.StartAsync(answer);
            await using var site = await SiteServer.StartAsync(
                $"""<script src="{collector.Address}footfall.js" data-collector="{proxy.Address}" data-key="a b&amp;c"></script>""");

            var wrong = Assert.Single(await FindAsync(site.Address), finding => finding.Level == Level.Wrong);

            Assert.Equal("collector", wrong.Subject);
            Assert.Contains(told, wrong.Text, StringComparison.Ordinal);
            Assert.Equal(["POST /v1/interactions?key=a%20b%26c"], proxy.Asked);
        }
    }

    [Fact]
    public async Task A_script_that_is_not_there_is_told_and_so_is_what_stands_in_its_place()
    {
        foreach (var (answer, told) in ((RequestDelegate, string)[])
        [
            (http => StatusAsync(http, 404), "answers 404"),
            (http => SiteServer.PageAsync(http, "<!doctype html>"), "is a page and no script"),
            (http => RedirectAsync(http, "http://127.0.0.1:1/footfall.js"), "can't be loaded: nothing listens on 127.0.0.1:1"),
            (http => RedirectAsync(http, "/footfall.js"), "can't be loaded: it sends on and on: 20 redirects"),
        ])
        {
            await using var site = await SiteServer.StartAsync(http =>
                http.Request.Path == "/" ? SiteServer.PageAsync(http, "<script src=/footfall.js></script>") : answer(http));

            var wrong = Assert.Single(await FindAsync(site.Address), finding => finding is { Level: Level.Wrong, Subject: "script" });

            Assert.Contains(told, wrong.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_that_can_t_be_opened_is_told_plainly()
    {
        await using var tls = await SiteServer.StartTlsAsync(http => SiteServer.PageAsync(http, ""));
        await using var image = await SiteServer.StartAsync(http => TypeAsync(http, "image/png"));
        await using var lost = await SiteServer.StartAsync(http => RedirectAsync(http, "ftp://shop.example/"));

        var named = new UriBuilder(tls.Address) { Host = "localhost" }.Uri;
        Assert.Equal($"{named} can't be opened: TLS fails with {named.Authority}: nobody this machine trusts signed its certificate", await PageTroubleAsync(named));
        Assert.StartsWith($"{tls.Address} can't be opened: TLS fails with {tls.Address.Authority}: its certificate is for another name", await PageTroubleAsync(tls.Address), StringComparison.Ordinal);
        Assert.Contains("can't be opened: TLS fails with ", await PageTroubleAsync(new UriBuilder(image.Address) { Scheme = "https" }.Uri), StringComparison.Ordinal);
        Assert.Equal($"{image.Address} is image/png, no page", await PageTroubleAsync(image.Address));
        Assert.Equal($"{lost.Address} can't be opened: it sends on to ftp://shop.example/, which is not on the web", await PageTroubleAsync(lost.Address));
        var closed = new Uri($"http://127.0.0.1:{Companion.FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture)}/");
        Assert.Equal($"{closed} can't be opened: nothing listens on {closed.Authority}", await PageTroubleAsync(closed));
    }

    [Fact]
    public async Task A_page_that_never_comes_is_given_up_and_one_without_end_is_cut()
    {
        using var done = new CancellationTokenSource();
        await using var silent = await SiteServer.StartAsync(http => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, done.Token));
        await using var endless = await SiteServer.StartAsync(async http =>
        {
            http.Response.ContentType = "text/html";
            await http.Response.WriteAsync("<script src=/footfall.js></script>");
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.WriteAsync(new string('x', 1_000), http.RequestAborted);
            }
        });
        // Of a real clock: what is bounded is the network.
        var bounds = new SiteBounds { Time = TimeSpan.FromSeconds(1) };

        var given = Assert.Single(await FindAsync(silent.Address, bounds));
        Assert.EndsWith("can't be opened: no whole answer within 1 s", given.Text, StringComparison.Ordinal);
        var cut = await FindAsync(endless.Address, new SiteBounds { PageBytes = 10_000, ScriptBytes = 10_000 });
        Assert.Contains(cut, finding => finding.Text == "The page is so long that only its beginning was read");
        Assert.Contains(cut, finding => finding is { Subject: "script tag", Level: Level.Ok });
        await done.CancelAsync();
    }

    [Fact]
    public async Task A_page_that_takes_for_ever_to_read_is_given_up()
    {
        await using var deep = await SiteServer.StartAsync(string.Concat(Enumerable.Repeat("<div>", 20_000)));

        var findings = await FindAsync(deep.Address, new SiteBounds { Reading = TimeSpan.Zero });

        Assert.Equal($"{deep.Address} can't be read within 0 s: it is nested too deeply", findings[^1].Text);
    }

    [Fact]
    public async Task The_command_ends_with_a_code_and_writes_plain_text()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Demo, demo: new DemoLinks(null, null));
        await using var site = await SiteServer.StartAsync("<h1>Welcome</h1>");

        var (well, text, _) = await RunAsync(new Uri(collector.Address, "/demo/").AbsoluteUri);
        Assert.True(well == ExitCode.Done, text);
        Assert.StartsWith("ok       page           http://", text, StringComparison.Ordinal);
        Assert.EndsWith("\nNothing is wrong: as far as can be seen, clicks of this page arrive.\n", text, StringComparison.Ordinal);

        var (sick, told, _) = await RunAsync(site.Address.AbsoluteUri);
        Assert.Equal(ExitCode.Failed, sick);
        Assert.EndsWith("\n1 wrong: as far as can be seen, clicks of this page don't arrive.\n", told, StringComparison.Ordinal);

        var (usage, _, errors) = await RunAsync("shop.example");
        Assert.Equal(ExitCode.Usage, usage);
        Assert.Contains("'shop.example' is not an address such as https://shop.example/: it begins with http:// or https://", errors, StringComparison.Ordinal);
    }

    /// <summary>As without configuration: the app demo, for pages of this machine.</summary>
    private static FootfallOptions Demo => Given.TwoApps with { Capture = new CaptureSection { Listen = "http://127.0.0.1:0" } };

    private static string TagOf(Uri collector) => Tag.Replace("COLLECTOR/", collector.AbsoluteUri, StringComparison.Ordinal);

    private static async Task<DoctorReport> ExamineAsync(Uri url) => new(await FindAsync(url));

    private static async Task<IReadOnlyList<Finding>> FindAsync(Uri url, SiteBounds? bounds = null)
    {
        bounds ??= new SiteBounds();
        using var client = new SiteClient(bounds, TimeProvider.System);
        return await new Examination(client, bounds, TimeProvider.System).RunAsync(url, CancellationToken.None);
    }

    private static async Task<string> PageTroubleAsync(Uri url)
    {
        var finding = Assert.Single(await FindAsync(url));
        Assert.Equal((Level.Wrong, "page"), (finding.Level, finding.Subject));
        return finding.Text;
    }

    private static Task RedirectAsync(HttpContext http, string location)
    {
        http.Response.Redirect(location);
        return Task.CompletedTask;
    }

    private static Task StatusAsync(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task TypeAsync(HttpContext http, string type)
    {
        http.Response.ContentType = type;
        return http.Response.WriteAsync("x");
    }

    private static Task ProblemAsync(HttpContext http, string? allowed)
    {
        http.Response.StatusCode = 400;
        http.Response.ContentType = "application/problem+json";
        if (allowed is not null)
        {
            http.Response.Headers.AccessControlAllowOrigin = allowed;
        }

        return http.Response.WriteAsync("""{"reason":"all_rejected","rejected":[{"index":0,"reason":"invalid_target"}]}""");
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(string url) => FootfallProcess.RunAsync(["doctor", url]);
}
