using System.Diagnostics;
using System.Globalization;
using System.Net;
using Footfall.Bench.Measure;
using Footfall.Testing;

namespace Footfall.Bench;

/// <summary>One process of <c>footfall metrics</c>, watched from its start on. Killed when disposed of.</summary>
internal sealed class MetricsService : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>How exactly a time is known; a page of 1,000 series costs the service some milliseconds, which are not to be measured.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>What a stop may take before it is a fault.</summary>
    private static readonly TimeSpan Leave = TimeSpan.FromSeconds(30);

    private readonly long _start;
    private readonly KeptProcess _process;
    private readonly string _log;
    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };
    private readonly HttpClient _http;

    private MetricsService(long start, KeptProcess process, string log, int port)
    {
        (_start, _process, _log) = (start, process, log);
        _http = new HttpClient(_handler, disposeHandler: false) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public Uri Address => _http.BaseAddress!;

    /// <summary>Since it was started.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Of all its threads, since it was started.</summary>
    public TimeSpan Cpu => Measure.Cpu.Of(_process.Id);

    public long PeakMemory => Machine.PeakMemory(_process.Id);

    /// <param name="log">What it reads.</param>
    /// <param name="windowIds">For each partition.</param>
    public static async Task<MetricsService> StartAsync(BenchLog log, int windowIds)
    {
        var port = Ports.Free();
        var output = Path.Combine(log.Folder, "metrics.log");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FOOTFALL__COUNT__DUPLICATEWINDOWIDS"] = windowIds.ToString(CultureInfo.InvariantCulture),
            ["FOOTFALL__EXPOSE__LISTEN"] = $"http://127.0.0.1:{port}",
            ["FOOTFALL__LOG__KAFKA__INSTANCE"] = "bench", // the same after each restart, whatever its port
        };
        var start = Stopwatch.GetTimestamp();
        return new MetricsService(start, await KeptProcess.StartAsync(Here.Footfall, ["metrics", .. log.Arguments], output, environment), output, port);
    }

    /// <summary>Returns after how long it knew its partitions' checkpoints, so that rebuilding could begin.</summary>
    public Task<TimeSpan> LoadedAsync(int partitions) => UntilAsync("its partitions", async () =>
        (await SamplesAsync()).Count(sample => sample.Name == "footfall_log_lag") == partitions);

    /// <summary>Returns after how long it was ready.</summary>
    public Task<TimeSpan> ReadyAsync() => UntilAsync("ready", async () =>
    {
        using var answer = await _http.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.OK;
    });

    /// <summary>Returns after how long it showed so many interactions, each counted once, in so many series.</summary>
    public async Task<TimeSpan> CountedAsync(long interactions, int series)
    {
        var counted = await UntilAsync($"{interactions} interactions", async () => Server.Sum(await SamplesAsync(), "footfall_interactions_total") >= interactions);
        var samples = await SamplesAsync();
        var shown = samples.Count(sample => sample is { Name: "footfall_interactions_total", Value: > 0 });
        return Server.Sum(samples, "footfall_interactions_total") == interactions && Server.Sum(samples, "footfall_duplicates_total") == 0 && shown == series
            ? counted
            : throw new InvalidOperationException(
                $"It shows {Server.Sum(samples, "footfall_interactions_total")} interactions in {shown} series, and not {interactions} in {series}; {Server.Sum(samples, "footfall_duplicates_total")} duplicates.");
    }

    /// <summary>SIGTERM.</summary>
    public Task StopAsync() => _process.StopAsync(Leave);

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _handler.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<List<Sample>> SamplesAsync() => Exposition.Read(await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative)));

    private async Task<TimeSpan> UntilAsync(string what, Func<Task<bool>> condition)
    {
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return Elapsed;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            if (_process.HasExited || Elapsed > Patience)
            {
                throw new InvalidOperationException($"The metrics service {(_process.HasExited ? "ended" : "ran")} without {what}: {await File.ReadAllTextAsync(_log)}");
            }

            await Task.Delay(Look, TimeProvider.System);
        }
    }
}
