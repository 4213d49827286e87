using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Footfall.Bench.Measure;
using Footfall.Testing;

namespace Footfall.Bench.Scenarios;

/// <summary>What a scrape every second costs, beside a server that only writes the same bytes; and how long counting stands still meanwhile.</summary>
internal sealed class MetricsScrape(Run run)
{
    public const string Name = "metrics_scrape";

    private const int LeastScrapes = 5;
    private const string PlainText = "text";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private static readonly (string Name, string Accept, bool IsGzip)[] Forms =
    [
        (PlainText, "text/plain;version=0.0.4", false),
        ("text, gzip", "text/plain;version=0.0.4", true),
        ("OpenMetrics", "application/openmetrics-text;version=1.0.0", false),
        ("OpenMetrics, gzip", "application/openmetrics-text;version=1.0.0", true),
    ];

    public async Task RunAsync()
    {
        await using var none = await Server.StartNullAsync();
        foreach (var size in (int[])[1_000, 10_000, 100_000])
        {
            Run.Tell($"{Name}, {size} series");
            using var folder = new TemporaryFolder();
            await SqliteFile.WriteAsync(folder.Path, log => Fill.WriteAsync(log, DistinctSeries.Batches(size, run.Time)));
            await MeasureAsync(folder.Path, none, size);
            if (size == 100_000)
            {
                Run.Tell($"{Name}, pauses of counting");
                var pauses = await CountingPauses.MeasureAsync(folder.Path, size, Math.Max(LeastScrapes, run.Rounds * run.Seconds), run.Time);
                const string Held = "100,000 series, 10,000 interactions a second, compiled at run time";
                var away = run.Report[Name, Held, "longest that counting is away from the log in a second, ms"];
                var uncounted = run.Report[Name, Held, "longest that a durable interaction is not counted in a second, ms"].Wants(Target.NeverMore(20));
                pauses.ForEach(pause => away.Add(pause.Away.TotalMilliseconds));
                pauses.ForEach(pause => uncounted.Add(pause.Uncounted.TotalMilliseconds));
            }
        }
    }

    private async Task MeasureAsync(string folder, Server none, int size)
    {
        await using var server = await Server.StartAsync(
            "metrics",
            [("Expose:ZeroFirst", "00:00:00"), ("Count:MaxSeries", (2 * size).ToString(CultureInfo.InvariantCulture))],
            "--data", folder);
        await server.UntilAsync(server.Metrics, $"{size} series", Patience, Look, page => Server.Sum(page, "footfall_interactions_total") == size);
        var paused = 0m;
        var scrapes = Math.Max(run.Rounds, LeastScrapes);
        for (var scrape = -1; scrape < scrapes; scrape++)
        {
            paused = scrape == 0 ? await PausedAsync() : paused;
            foreach (var form in Forms)
            {
                var next = Stopwatch.GetTimestamp();
                var ours = await ScrapeAsync(server, "/metrics", form.Accept, form.IsGzip);
                Check(ours.Bytes, form.IsGzip, size);
                using (var bytes = new ByteArrayContent(ours.Bytes))
                using (var put = await none.Http.PutAsync(new Uri(none.Collector, "/page"), bytes))
                {
                    put.EnsureSuccessStatusCode();
                }

                var nulls = await ScrapeAsync(none, "/page", form.Accept, form.IsGzip);
                if (scrape >= 0) // the first makes what the others use again
                {
                    Add(Case(size, form.Name), ours, nulls);
                }

                await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, 1 - Stopwatch.GetElapsedTime(next).TotalSeconds)), run.Time);
            }
        }

        run.Report[Name, Case(size, PlainText), "pauses by the garbage collector, ms a scrape"].Add((double)(await PausedAsync() - paused) * 1000 / scrapes / Forms.Length);
        run.Report[Name, Case(size, PlainText), "memory of the process, MB"].Add(server.Memory / 1e6);
        await server.StopAsync();

        async Task<decimal> PausedAsync() =>
            Exposition.Read(await server.Http.GetStringAsync(new Uri(server.Metrics, "/metrics/runtime"))).Single(sample => sample.Name == "dotnet_gc_pause_time_seconds_total").Value;

        void Add(string @case, (byte[] Bytes, TimeSpan Wall, TimeSpan Cpu) ours, (byte[] Bytes, TimeSpan Wall, TimeSpan Cpu) nulls)
        {
            var limit = run.Report.Limit(Name, @case, "the null server's CPU of the same bytes, ms");
            var cpu = run.Report[Name, @case, "CPU of a scrape, ms"].Add(ours.Cpu.TotalMilliseconds).Than(limit);
            run.Report[Name, @case, "wall, ms"].Add(ours.Wall.TotalMilliseconds);
            run.Report[Name, @case, "kilobytes"].Add(ours.Bytes.Length / 1e3);
            limit.Add(nulls.Cpu.TotalMilliseconds);
            if (@case == Case(100_000, PlainText))
            {
                cpu.Wants(Target.AtMost(60));
            }
        }
    }

    private static string Case(int size, string form) => string.Create(CultureInfo.InvariantCulture, $"{size:n0} series, {form}");

    private static async Task<(byte[] Bytes, TimeSpan Wall, TimeSpan Cpu)> ScrapeAsync(Server server, string path, string accept, bool isGzip)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Metrics, path));
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        if (isGzip)
        {
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        }

        var (start, cpu) = (Stopwatch.GetTimestamp(), server.Cpu);
        using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var bytes = await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
        return (bytes, Stopwatch.GetElapsedTime(start), server.Cpu - cpu);
    }

    /// <summary>Each series once, with one interaction.</summary>
    private static void Check(byte[] bytes, bool isGzip, int size)
    {
        using var stream = new MemoryStream(bytes);
        using var plain = isGzip ? new GZipStream(stream, CompressionMode.Decompress) : (Stream)stream;
        using var reader = new StreamReader(plain, Encoding.UTF8);
        var shown = Exposition.Read(reader.ReadToEnd()).Where(sample => sample is { Name: "footfall_interactions_total", Value: 1 }).Select(sample => sample.Labels);
        if (shown.Distinct(StringComparer.Ordinal).Count() is var series && series != size)
        {
            throw new InvalidOperationException($"A scrape shows {series} series at 1, and not {size}.");
        }
    }
}
