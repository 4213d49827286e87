using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>A real Prometheus with our own configuration, which scrapes the whole run every second and is asked at the end.</summary>
internal sealed partial class PrometheusJudge : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };
    private readonly HttpClient _http;
    private readonly KeptProcess _process;
    private readonly Uri _address;

    private PrometheusJudge(KeptProcess process, Uri address)
    {
        (_process, _address) = (process, address);
        _http = new HttpClient(_handler, disposeHandler: false);
    }

    private static string Configuration => Path.Combine(Here.Repository, "deploy", "prometheus");

    /// <summary>The families that our configuration gives one instance: the totals.</summary>
    public static Func<string, bool> Totals()
    {
        var pattern = TotalsPattern().Match(File.ReadAllText(Path.Combine(Configuration, "prometheus.yml"))).Groups["names"].Value;
        var names = new Regex($"^(?:{pattern})$", RegexOptions.Compiled | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        return pattern.Length > 0 ? names.IsMatch : throw new InvalidOperationException("prometheus.yml gives no family a fixed instance");
    }

    /// <summary>Starts it on a copy of deploy/prometheus whose targets are this run's.</summary>
    public static async Task<PrometheusJudge> StartAsync(string folder, Uri address, IEnumerable<Uri> collectors, IEnumerable<Uri> metrics)
    {
        foreach (var file in Directory.EnumerateFiles(Configuration, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(Configuration, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await WriteTargetsAsync(folder, "collector", collectors);
        await WriteTargetsAsync(folder, "metrics", metrics);
        var process = await KeptProcess.StartAsync("prometheus",
        [
            $"--config.file={Path.Combine(folder, "prometheus.yml")}", $"--storage.tsdb.path={Path.Combine(folder, "tsdb")}",
            $"--web.listen-address={address.Authority}",
        ], Path.Combine(folder, "prometheus.log"));
        var judge = new PrometheusJudge(process, address);
        return await Patience.UntilAsync(StartPatience, judge.IsUpAsync)
            ? judge
            : throw new InvalidOperationException($"Prometheus is not up; see {folder}/prometheus.log");
    }

    /// <summary>Whether it has scraped all targets: what was measured before says nothing of this run.</summary>
    public async Task<bool> ScrapesAsync(int targets)
    {
        using var answer = await AskAsync("targets?state=active", []);
        return answer.RootElement.GetProperty("data").GetProperty("activeTargets").EnumerateArray()
            .Count(target => target.GetProperty("scrapePool").GetString() != "footfall-runtime" && target.GetProperty("health").GetString() == "up") == targets;
    }

    /// <summary>Every sample of a counter as it was scraped: labels as our page writes them, without job and instance.</summary>
    public async Task<List<(Series Series, List<(long At, decimal Value)> Samples)>> SamplesAsync(string counter, TimeSpan run)
    {
        using var answer = await AskAsync("query", new() { ["query"] = string.Create(CultureInfo.InvariantCulture, $"{counter}[{(int)run.TotalSeconds + 60}s]") });
        return [.. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(series => (
            SeriesOf(series.GetProperty("metric")),
            series.GetProperty("values").EnumerateArray().Select(Point).ToList()))];
    }

    /// <summary>A query at steps of one second.</summary>
    public async Task<List<(long At, decimal Value)>> RangeAsync(string query, DateTimeOffset from, DateTimeOffset to)
    {
        using var answer = await AskAsync("query_range", new()
        {
            ["query"] = query,
            ["start"] = from.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["end"] = to.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["step"] = "1",
        });
        return [.. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray()
            .SelectMany(series => series.GetProperty("values").EnumerateArray().Select(Point))];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _handler.Dispose();
        await _process.DisposeAsync();
    }

    private static Series SeriesOf(JsonElement metric)
    {
        return new(Label("app"), Label("type"), Label("target"), Label("page"));

        string Label(string name) => metric.TryGetProperty(name, out var value) ? value.GetString()! : "";
    }

    private static (long At, decimal Value) Point(JsonElement point) =>
        ((long)(point[0].GetDouble() * 1_000), decimal.Parse(point[1].GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture));

    private static Task WriteTargetsAsync(string folder, string name, IEnumerable<Uri> addresses) => File.WriteAllTextAsync(
        Path.Combine(folder, "targets", name + ".json"),
        JsonSerializer.Serialize(new[] { new { targets = addresses.Select(address => address.Authority).ToArray() } }));

    private async Task<bool> IsUpAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(_address, "/-/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<JsonDocument> AskAsync(string endpoint, Dictionary<string, string> parameters)
    {
        var address = new Uri(_address, $"/api/v1/{endpoint}");
        using var form = new FormUrlEncodedContent(parameters);
        using var answer = parameters.Count == 0 ? await _http.GetAsync(address) : await _http.PostAsync(address, form);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(text) : throw new InvalidOperationException($"Prometheus: {text}");
    }

    [GeneratedRegex(@"regex: (?<names>footfall_\(.*)\n", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex TotalsPattern();
}
