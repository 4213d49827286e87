using System.Diagnostics;
using System.Globalization;
using System.Net;
using Footfall.Testing;

namespace Footfall.Bench.Measure;

/// <summary>A process under measurement that answers over HTTP: <c>footfall</c>, or the null server. Killed when disposed of, its files deleted.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Leave = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder;
    private readonly KeptProcess _process;
    private readonly string _output;
    private readonly long _start;
    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };

    private Server(long start, TemporaryFolder folder, KeptProcess process, string output, Uri collector, Uri metrics)
    {
        (_start, _folder, _process, _output, Collector, Metrics) = (start, folder, process, output, collector, metrics);
        Http = new HttpClient(_handler, disposeHandler: false);
    }

    /// <summary>What the environment names, or what <c>bench/run</c> has built.</summary>
    public static string NullProgram { get; } = Environment.GetEnvironmentVariable("FOOTFALL_NULL_EXE") is { Length: > 0 } named
        ? Path.GetFullPath(named)
        : Path.Combine(Here.Repository, "artifacts", "bin", "Footfall.NullServer", "release", "footfall-null");

    public Uri Collector { get; }

    public Uri Metrics { get; }

    public HttpClient Http { get; }

    public int Id => _process.Id;

    public TimeSpan Cpu => Measure.Cpu.Of(Id);

    /// <summary>Resident now, in bytes.</summary>
    public long Memory => Machine.Memory(Id);

    /// <summary>The most that was resident, in bytes.</summary>
    public long PeakMemory => Machine.PeakMemory(Id);

    /// <summary>Since it was started.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>From its start until all that it has was ready; a metrics service alone, until it answered: it may have a log to count first.</summary>
    public TimeSpan StartedIn { get; private set; }

    /// <summary>Where it keeps its log, where nothing else was said.</summary>
    public string Data => Path.Combine(_folder.Path, "data");

    public static Task<Server> StartNullAsync()
    {
        var address = Address();
        return StartAsync(NullProgram, [address.ToString()], new TemporaryFolder(), [], address, address, [address], isCounting: false);
    }

    /// <param name="command">collector, metrics or up.</param>
    /// <param name="settings">Keys of the configuration.</param>
    /// <param name="arguments">Of the command line.</param>
    public static Task<Server> StartAsync(string command, IReadOnlyList<(string Key, string Value)> settings, params string[] arguments)
    {
        var folder = new TemporaryFolder();
        var (collector, metrics) = (Address(), Address());
        return StartAsync(
            Here.Footfall,
            [command, .. arguments.Contains("--data", StringComparer.Ordinal) ? [] : (string[])["--data", Path.Combine(folder.Path, "data")], .. arguments],
            folder,
            [("Capture:Listen", collector.ToString()), ("Expose:Listen", metrics.ToString()), .. settings],
            collector,
            metrics,
            command switch { "collector" => [collector], "metrics" => [metrics], _ => [metrics, collector] },
            isCounting: command == "metrics");
    }

    /// <summary>What its collector or its metrics service says now.</summary>
    public async Task<List<Sample>> SamplesAsync(Uri service) => Exposition.Read(await Http.GetStringAsync(new Uri(service, "/metrics")));

    /// <summary>The sum of one metric.</summary>
    public async Task<long> SumAsync(Uri service, string name) => Sum(await SamplesAsync(service), name);

    public static long Sum(List<Sample> samples, string name) => (long)samples.Where(sample => sample.Name == name).Sum(sample => sample.Value);

    /// <summary>Waits until a condition on a page holds.</summary>
    /// <exception cref="InvalidOperationException">It did not within the time, or the process ended.</exception>
    public async Task UntilAsync(Uri service, string what, TimeSpan within, TimeSpan look, Func<List<Sample>, bool> condition)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition(await SamplesAsync(service)))
        {
            Expect(what, Stopwatch.GetElapsedTime(start) < within);
            await Task.Delay(look, TimeProvider.System);
        }
    }

    /// <summary>SIGTERM.</summary>
    /// <exception cref="InvalidOperationException">It ended with an error.</exception>
    public async Task StopAsync() => Expect("a clean end", await _process.StopAsync(Leave) == 0);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _handler.Dispose();
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static Uri Address() => new($"http://127.0.0.1:{Ports.Free()}");

    private static async Task<Server> StartAsync(
        string program, string[] arguments, TemporaryFolder folder, IEnumerable<(string Key, string Value)> settings, Uri collector, Uri metrics, Uri[] all, bool isCounting)
    {
        var output = Path.Combine(folder.Path, "output.log");
        var environment = settings.ToDictionary(
            setting => "FOOTFALL__" + setting.Key.ToUpper(CultureInfo.InvariantCulture).Replace(":", "__", StringComparison.Ordinal), setting => setting.Value, StringComparer.Ordinal);
        var start = Stopwatch.GetTimestamp();
        var server = new Server(start, folder, await KeptProcess.StartAsync(program, arguments, output, environment), output, collector, metrics);
        try
        {
            foreach (var service in all)
            {
                while (await server.StatusAsync(service) is not HttpStatusCode.OK and var status && (status is null || !isCounting))
                {
                    server.Expect("being ready", server.Elapsed < StartLimit);
                    await Task.Delay(Look, TimeProvider.System);
                }
            }

            server.StartedIn = server.Elapsed;
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task<HttpStatusCode?> StatusAsync(Uri service)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(service, "/health/ready"));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null; // it does not listen yet
        }
    }

    private void Expect(string what, bool condition)
    {
        if (!condition || (_process.HasExited && _process.ExitCode != 0))
        {
            throw new InvalidOperationException($"{(_process.HasExited ? $"The process ended with {_process.ExitCode}" : "The process runs")} without {what}: {File.ReadAllText(_output)}");
        }
    }
}
