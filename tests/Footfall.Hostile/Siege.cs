using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Footfall.Testing;
using Spectre.Console;

namespace Footfall.Hostile;

/// <summary>
/// A real <c>footfall up</c> with its limits as they are, besieged from many addresses, and a good client beside. In the
/// end its own books have to balance to the unit, and what the good client was told has to be in the totals.
/// </summary>
internal sealed class Siege : IAsyncDisposable
{
    private const int Besiegers = 32;
    private const int SlowOnes = 200;
    private const long MostMemory = 300_000_000; // bytes, resident
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder;
    private readonly Func<int, IPAddress> _network = Here.Network();
    private readonly int _seed;
    private readonly ConcurrentDictionary<(string Attack, int Status), int> _answers = new();
    private readonly ConcurrentBag<string> _violations = [];
    private readonly HttpClient _http = new(new SocketsHttpHandler(), disposeHandler: true);
    private readonly Uri _collector;
    private readonly Uri _metrics;
    private readonly IPEndPoint _at;
    private KeptProcess? _footfall;
    private GoodClient? _good;
    private SlowCrowd? _slow;
    private long _memory;
    private int _left;

    private Siege(int seed)
    {
        _seed = seed;
        _folder = Directory.CreateTempSubdirectory("footfall-hostile-").FullName;
        _at = new IPEndPoint(_network(1), 18_081);
        _collector = new Uri($"http://{_at}/");
        _metrics = new Uri($"http://{_network(1)}:18082/");
    }

    public static async Task<Siege> StartAsync(int seed)
    {
        var siege = new Siege(seed);
        var configuration = Path.Combine(siege._folder, "footfall.json");
        await File.WriteAllTextAsync(configuration, $$"""
            {
              "Capture": { "Listen": "{{siege._collector}}", "Apps": { "shop": { "Origins": ["https://shop.example"], "PinnedTargets": ["{{GoodClient.Target}}"] } } },
              "Expose": { "Listen": "{{siege._metrics}}" }
            }
            """);
        siege._footfall = await KeptProcess.StartAsync(
            Here.Footfall,
            ["up", "--no-prometheus", "--no-grafana", "--config", configuration, "--data", Path.Combine(siege._folder, "data")],
            Path.Combine(siege._folder, "footfall.log"));
        if (!await Footfall.Testing.Patience.UntilAsync(Patience, siege.IsReadyAsync))
        {
            siege._violations.Add($"Footfall was not ready within {Patience.TotalSeconds} s");
            await siege.DisposeAsync();
            throw new InvalidOperationException($"Footfall was not ready within {Patience.TotalSeconds} s");
        }

        return siege;
    }

    /// <summary>What must not be and was.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(int requests)
    {
        _left = requests;
        _good = new GoodClient(_collector);
        _slow = new SlowCrowd(Besieger, _at, SlowOnes);
        using var over = new CancellationTokenSource();
        var beside = new[] { Guard(_good.RunAsync(over.Token)), Guard(_slow.RunAsync(over.Token)) };
        await Task.WhenAll(Enumerable.Range(0, Besiegers).Select(number => Guard(Task.Run(() => BesiegeAsync(number)))));
        await over.CancelAsync();
        await Task.WhenAll(beside);
        await JudgeAsync();
        return [.. _violations];
    }

    public void Tell(TextWriter output)
    {
        var table = new Table().AddColumn("attack").AddColumn(new TableColumn("requests").RightAligned()).AddColumn("answers").Border(TableBorder.Simple);
        foreach (var attack in Attacks.All)
        {
            var answers = _answers.Where(answer => answer.Key.Attack == attack.Name).OrderBy(answer => answer.Key.Status).ToList();
            table.AddRow(attack.Name, Number(answers.Sum(answer => answer.Value)), string.Join("  ", answers.Select(answer =>
                $"{(answer.Key.Status == 0 ? "none" : Number(answer.Key.Status))} × {Number(answer.Value)}")));
        }

        AnsiConsole.Profile.Width = 120; // also where the output is a file
        AnsiConsole.Write(table);
        output.WriteLine($"{SlowOnes} slow connections, ended {_slow!.Ended} times");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"good: {_good!.Accepted} accepted, {_good.Repeated} tries not; median {_good.Quantile(0.5):0.0} ms, p99 {_good.Quantile(0.99):0.0} ms, longest {_good.Quantile(1):0.0} ms"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak memory of the process: {_memory / 1e6:0} MB, of {MostMemory / 1e6:0}"));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_footfall is not null)
        {
            await _footfall.DisposeAsync();
        }

        if (_violations.IsEmpty)
        {
            Directory.Delete(_folder, recursive: true);
        }
        else
        {
            Console.WriteLine($"Logs and data: {_folder}");
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    // Not the good client's, and not the service's own.
    private IPAddress Besieger(int number) => _network(10 + (number % 200));

    private async Task Guard(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception error)
        {
            _violations.Add($"{error.GetType().Name}: {error.Message}");
        }
    }

    private async Task BesiegeAsync(int number)
    {
        // The same for the same seed, but for which of them comes first.
        var random = new Random(_seed + number);
        var weights = Attacks.All.Sum(attack => attack.Weight);
        using var connection = new RawConnection(Besieger(number), _at);
        while (Interlocked.Decrement(ref _left) >= 0)
        {
            var attack = Choose(random.Next(weights));
            var request = attack.Make(random);
            var status = 0;
            if (attack.BreaksOff)
            {
                await connection.BreakOffAsync(request, CancellationToken.None);
            }
            else
            {
                status = await connection.SendAsync(request, keep: !attack.IsIncomplete, CancellationToken.None);
            }

            _answers.AddOrUpdate((attack.Name, status), 1, (_, times) => times + 1);
            if (status >= 500 && status is not (501 or 503 or 505))
            {
                _violations.Add($"{attack.Name} was answered with {status}");
            }
        }
    }

    private static Attack Choose(int at)
    {
        foreach (var attack in Attacks.All)
        {
            at -= attack.Weight;
            if (at < 0)
            {
                return attack;
            }
        }

        throw new InvalidOperationException("the weights' sum is wrong");
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            foreach (var service in (Uri[])[_collector, _metrics])
            {
                using var answer = await _http.GetAsync(new Uri(service, "health/ready"));
                if (!answer.IsSuccessStatusCode)
                {
                    return false;
                }
            }

            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task JudgeAsync()
    {
        var settled = await Footfall.Testing.Patience.UntilAsync(Patience, async () =>
            Sum(await PageAsync(_collector), "footfall_in_flight") == 0 && Sum(await PageAsync(_metrics), "footfall_log_lag") == 0
            && await BooksAsync() is null);
        if (!settled)
        {
            _violations.Add(await BooksAsync() ?? "interactions are in flight, or not counted, long after the last was sent");
        }

        var shown = (await PageAsync(_metrics)).Where(sample => sample.Name == "footfall_interactions_total" && sample.Label("target") == GoodClient.Target).Sum(sample => sample.Value);
        if (shown != _good!.Accepted)
        {
            _violations.Add($"the good client was told of {_good.Accepted}, the totals say {shown}");
        }

        _memory = await PeakMemoryAsync();
        if (_memory > MostMemory)
        {
            _violations.Add(string.Create(CultureInfo.InvariantCulture, $"the process had {_memory / 1e6:0} MB"));
        }
    }

    /// <summary>What does not balance; null when all does.</summary>
    private async Task<string?> BooksAsync()
    {
        var collector = await PageAsync(_collector);
        var metrics = await PageAsync(_metrics);
        var (received, accepted, rejected) = (Sum(collector, "footfall_received_total"), Sum(collector, "footfall_accepted_total"), Sum(collector, "footfall_rejected_total"));
        var (written, counted) = (Sum(metrics, "footfall_log_written_total"), Sum(metrics, "footfall_log_counted_total"));
        var others = Sum(metrics, "footfall_log_duplicates_total") + Sum(metrics, "footfall_log_unreadable_total") + Sum(metrics, "footfall_log_missed_total");
        var shown = Sum(metrics, "footfall_interactions_total");
        var bots = Sum(collector, "footfall_bots_total");
        return received != accepted + rejected + bots ? $"received {received}, accepted {accepted}, rejected {rejected}, bots {bots}"
            : written != accepted ? $"accepted {accepted}, written {written}"
            : written != counted + others ? $"written {written}, counted {counted}, others {others}"
            : shown != counted ? $"counted {counted}, shown {shown}"
            : null;
    }

    private async Task<List<Sample>> PageAsync(Uri service) => Exposition.Read(await _http.GetStringAsync(new Uri(service, "metrics")));

    private static decimal Sum(List<Sample> page, string name) => page.Where(sample => sample.Name == name).Sum(sample => sample.Value);

    /// <summary>The most that was resident (VmHWM).</summary>
    private async Task<long> PeakMemoryAsync()
    {
        var status = await File.ReadAllLinesAsync($"/proc/{_footfall!.Id}/status");
        return long.Parse(status.First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))["VmHWM:".Length..^"kB".Length], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
