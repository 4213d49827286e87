using System.Diagnostics;
using System.Text;
using Footfall.Expose;
using Footfall.Testing;
using Microsoft.AspNetCore.Http;

namespace Footfall.Server.Tests;

/// <summary><c>/metrics</c> as those who scrape ask for it.</summary>
public sealed class MetricsAnswerTests
{
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";
    private const string Open = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    [Theory]
    [InlineData(null, Text)]
    [InlineData("", Text)]
    [InlineData("*/*", Text)]
    [InlineData("text/plain", Text)]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", Text)]
    [InlineData("application/openmetrics-text", Open)]
    // Prometheus 2.42
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", Open)]
    // Prometheus 3
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", Open)]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.2", Open)]
    [InlineData("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.2", Text)]
    [InlineData("application/openmetrics-text;version=2.0.0", Text)]
    [InlineData("not a type", Text)]
    public async Task Who_scrapes_gets_the_format_that_it_prefers(string? accept, string type)
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var answer = await (accept is null ? collector.GetAsync("/metrics") : collector.GetAsync("/metrics", ("Accept", accept)));

        Assert.Equal(type, answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.Equal(type == Open, (await answer.Content.ReadAsStringAsync()).EndsWith("# EOF\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("gzip, zstd", true)]
    [InlineData("identity", false)]
    public async Task Who_scrapes_gets_it_compressed_when_it_asks_so(string encoding, bool zipped)
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var answer = await collector.GetAsync("/metrics", ("Accept-Encoding", encoding));

        Assert.Equal(zipped ? ["gzip"] : [], answer.Content.Headers.ContentEncoding);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(await collector.GetTextAsync("/metrics"), Encoding.UTF8.GetString(zipped ? Given.Gunzip(bytes) : bytes));
    }

    [Fact]
    public void The_preference_of_a_list_counts_not_its_order()
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = "text/plain;q=0.1, application/openmetrics-text;q=0.9";
        Assert.Equal(MetricsFormat.OpenMetrics, MetricsAnswer.Negotiate(request));
    }

    [Fact]
    public async Task Promtool_finds_nothing_wrong_with_either_service()
    {
        Assert.SkipUnless(Companion.FindOnPath("promtool") is not null, "promtool is not on the PATH: it comes with Prometheus.");
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer());
        (await collector.PostAsync("""{"app":"shop","target":"Say \"hi\" \\ 你好","page":"/a","visitor":"ann","value":1.5}""")).Dispose();
        await Eventually.HoldsAsync("it is counted", async () => await metrics.SampleAsync("""footfall_log_counted_total{partition="0"}""") == 1);

        Assert.Equal((0, ""), await PromtoolAsync(await collector.GetTextAsync("/metrics")));
        Assert.Equal((0, ""), await PromtoolAsync(await metrics.GetTextAsync("/metrics")));
    }

    [Fact]
    public async Task Promtool_would_say_so()
    {
        Assert.SkipUnless(Companion.FindOnPath("promtool") is not null, "promtool is not on the PATH: it comes with Prometheus.");
        var (code, said) = await PromtoolAsync("# TYPE a counter\na 1\n");
        Assert.NotEqual(0, code);
        Assert.Contains("_total", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_process_is_shown_apart()
    {
        await using var metrics = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        var runtime = await metrics.GetTextAsync("/metrics/runtime");

        Assert.Contains("# TYPE dotnet_", runtime, StringComparison.Ordinal);
        Assert.DoesNotContain("footfall_interactions", runtime, StringComparison.Ordinal);
        Assert.DoesNotContain("dotnet_", await metrics.GetTextAsync("/metrics"), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Said)> PromtoolAsync(string document)
    {
        var start = new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var promtool = Process.Start(start)!;
        var errors = promtool.StandardError.ReadToEndAsync();
        var output = promtool.StandardOutput.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(document);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync();
        return (promtool.ExitCode, await output + await errors);
    }
}
