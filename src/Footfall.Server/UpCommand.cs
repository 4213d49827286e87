using System.CommandLine;
using System.Globalization;
using Footfall.AspNetCore.Log;
using Footfall.Capture;
using Footfall.Count;
using Footfall.Expose;
using Footfall.Log;
using Footfall.Server.Capture;
using Footfall.Server.Expose;
using Footfall.Server.Log;

namespace Footfall.Server;

/// <summary><c>footfall up</c>: everything on one machine, until Ctrl-C.</summary>
public sealed class UpCommand
{
    /// <summary>Where Kafka listens when it is started here and the port is free.</summary>
    private const int KafkaPort = 9092;

    /// <summary>The app that the demo shop and simulated visitors send as.</summary>
    private const string DemoApp = "demo";

    private static readonly TimeSpan ReadyWait = TimeSpan.FromSeconds(30);

    private readonly CommonOptions _common = new();
    private readonly Option<int?> _prometheusPort = CommonOptions.Port("--prometheus-port", "Prometheus' port (9090)");
    private readonly Option<int?> _grafanaPort = CommonOptions.Port("--grafana-port", "Grafana's port (3000)");
    private readonly Option<bool> _noPrometheus = new("--no-prometheus") { Description = "Don't start Prometheus" };
    private readonly Option<bool> _noGrafana = new("--no-grafana") { Description = "Don't start Grafana" };
    private readonly Option<int?> _simulate = new("--simulate") { Description = $"Add this many simulated interactions a second (1 to {Simulator.MaxRate})", HelpName = "RATE" };

    private UpCommand()
    {
        _common.Kafka.Arity = ArgumentArity.ZeroOrOne;
        _common.Kafka.Description = "Kafka instead of the embedded log: starts one from KAFKA_HOME, or uses the one named";
        _simulate.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1
                && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) || rate is < 1 or > Simulator.MaxRate))
            {
                result.AddError($"--simulate is '{result.Tokens[0].Value}': must be from 1 to {Simulator.MaxRate} interactions a second");
            }
        });
    }

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var up = new UpCommand();
        var command = new Command("up", "Run everything here: collector, metrics service, the demo shop, and Prometheus and Grafana where they are");
        up._common.AddTo(command, collector: true, metrics: true);
        foreach (var option in new Option[] { up._prometheusPort, up._grafanaPort, up._noPrometheus, up._noGrafana, up._simulate })
        {
            command.Add(option);
        }

        command.SetAction((result, _) => up.RunAsync(result));
        return command;
    }

    private async Task<int> RunAsync(ParseResult result)
    {
        using var stop = Running.ListenForStop();
        var time = TimeProvider.System;
        var source = _common.Source(result);
        var options = source.Read();
        var prometheusPort = result.GetValue(_prometheusPort) ?? 9090;
        var grafanaPort = result.GetValue(_grafanaPort) ?? 3000;
        var withPrometheus = !result.GetValue(_noPrometheus);
        var grafana = result.GetValue(_noGrafana) || !withPrometheus ? null : GrafanaServer.Find();
        var rate = result.GetValue(_simulate);
        if (rate is not null && !HasDemo(options))
        {
            throw new StartException("--simulate sends as an app demo without a write key, and the configuration has none: invented visitors do not belong among real ones. Leave --simulate out, or add the app demo under Capture:Apps.");
        }

        using var data = DataDirectory.Take(options.Data);
        CheckPorts(options, withPrometheus ? prometheusPort : null, grafana is null ? null : grafanaPort);

        // Companions end after the services that use them: they are disposed of in the reverse order.
        await using var companions = new Companions();

        // Prometheus first: it looks for its targets every five seconds, which pass while the rest starts.
        // Each log has a history of its own: with one for both, numbers of the other would stand among this one's.
        var isKafka = result.GetResult(_common.Kafka) is not null || options.Log.Kafka.BootstrapServers is not null;
        var history = Path.Combine(options.Data, isKafka ? "prometheus-kafka" : "prometheus");
        var isPrometheusUp = withPrometheus && await StartPrometheusAsync(options, history, prometheusPort, companions, time, stop.Token);
        if (isPrometheusUp && grafana is { } found)
        {
            companions.Add(await GrafanaServer.StartAsync(
                found, Path.Combine(options.Data, "grafana"), grafanaPort, new Uri($"http://localhost:{prometheusPort}"), time, stop.Token));
        }

        if (result.GetResult(_common.Kafka) is { Tokens.Count: 0 })
        {
            source = await StartKafkaAsync(result, options, companions, time, stop.Token);
            options = source.Read();
        }

        using var loggers = ServiceHost.NewLoggers();
        await using var log = await OpenLog.ForBothAsync(options, time, loggers, stop.Token);
        CaptureCounters? counters = null; // once there is a collector
        await using var metrics = MetricsHost.Build(options, log.Consumer, time, () => NumbersOf(counters, log.Writer), BoardLinks.Of(options.Capture, HasDemo(options)));
        var links = new DemoLinks(WebAddress.Local(options.Expose.Listen).ToString(), isPrometheusUp ? $"http://localhost:{prometheusPort}" : null);
        await using var collector = CollectorHost.Build(options, log.Writer, time, HasDemo(options) ? links : null, source);
        counters = collector.Services.GetRequiredService<CaptureCounters>();
        try
        {
            await Running.StartAsync(metrics, "metrics service", options.Expose.Listen, "--metrics-port", stop.Token);
            await Running.StartAsync(collector, "collector", options.Capture.Listen, "--collector-port", stop.Token);
            await WaitUntilReadyAsync(metrics, isPrometheusUp, time, stop.Token);

            new Banner(options, log.Description)
            {
                Prometheus = isPrometheusUp ? prometheusPort : null,
                Grafana = isPrometheusUp && grafana is not null ? grafanaPort : null,
                Simulated = rate,
                HasDemo = HasDemo(options),
            }.Write();
            await using var simulation = Simulation.Start(rate, options, time, collector.Services);
            companions.TellWhenOneEnds();
            return await Running.WaitAsync(stop, collector, metrics);
        }
        finally
        {
            // Also when a signal came while it started: what was accepted by then is counted and committed.
            Console.WriteLine("Stopping ...");
            await collector.StopAsync(CancellationToken.None);
            await metrics.StopAsync(CancellationToken.None);
        }
    }

    /// <summary>The demo shop sends as the app demo, and knows no write key: where there is no such app, there is no shop.</summary>
    private static bool HasDemo(FootfallOptions options) =>
        options.Capture.AppsOrDemo.TryGetValue(DemoApp, out var demo) && demo.WriteKey is null;

    private static CollectorNumbers? NumbersOf(CaptureCounters? counters, IInteractionLog log) => counters?.Sum() is var (accepted, rejected)
        ? new CollectorNumbers(accepted, rejected, (log as SpooledLog)?.Status)
        : null;

    private static async Task<bool> StartPrometheusAsync(
        FootfallOptions options, string directory, int port, Companions companions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await PrometheusServer.FindOrInstallAsync(Console.WriteLine, cancellationToken) is not { } program)
        {
            return false;
        }

        companions.Add(await PrometheusServer.StartAsync(
            program, directory, port, WebAddress.Local(options.Capture.Listen), WebAddress.Local(options.Expose.Listen), options.Expose, time, cancellationToken));
        return true;
    }

    private async Task<OptionsSource> StartKafkaAsync(
        ParseResult result, FootfallOptions options, Companions companions, TimeProvider time, CancellationToken cancellationToken)
    {
        var home = KafkaBroker.FindHome();
        var port = Companion.IsFree(KafkaPort) ? KafkaPort : Companion.FreePort();
        Console.WriteLine("Starting Kafka, which takes some ten seconds ...");
        companions.Add(await KafkaBroker.StartAsync(home, Path.Combine(options.Data, "kafka"), port, time, cancellationToken));
        return _common.Source(result, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"));
    }

    private static void CheckPorts(FootfallOptions options, int? prometheus, int? grafana)
    {
        (string What, int? Port, string Option)[] ports =
        [
            ("the collector", new Uri(options.Capture.Listen).Port, "--collector-port"),
            ("the metrics service", new Uri(options.Expose.Listen).Port, "--metrics-port"),
            ("Prometheus", prometheus, "--prometheus-port"),
            ("Grafana", grafana, "--grafana-port"),
        ];
        foreach (var (what, port, option) in ports)
        {
            if (port is not { } number)
            {
                continue;
            }

            if (ports.FirstOrDefault(other => other.Port == number && other.Option != option) is { What: { } otherWhat })
            {
                throw new StartException($"{what} and {otherWhat} can't both have port {number}: give another with {option}.");
            }

            if (!Companion.IsFree(number))
            {
                throw new StartException($"port {number} for {what} is taken: give another with {option}.");
            }
        }
    }

    /// <summary>Until everything owned is counted and, where there is Prometheus, the totals have been scraped.</summary>
    private static async Task WaitUntilReadyAsync(WebApplication metrics, bool isPrometheusUp, TimeProvider time, CancellationToken cancellationToken)
    {
        var loop = metrics.Services.GetRequiredService<CountingLoop>();
        var exposure = metrics.Services.GetRequiredService<Exposure>();
        var started = time.GetTimestamp();
        while (!loop.Ready || (isPrometheusUp && !exposure.HasServed))
        {
            if (time.GetElapsedTime(started) > ReadyWait)
            {
                Console.WriteLine(loop.Ready ? "Prometheus does not scrape the metrics service yet." : "The metrics service is still reading the log; its numbers come when it has.");
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }

    /// <summary>The simulated visitors while they run.</summary>
    private sealed class Simulation(CancellationTokenSource cancel, Task running) : IAsyncDisposable
    {
        public static Simulation Start(int? rate, FootfallOptions options, TimeProvider time, IServiceProvider services)
        {
            var cancel = new CancellationTokenSource();
            var running = rate is { } perSecond
                ? new Simulator(WebAddress.Local(options.Capture.Listen), DemoApp, perSecond, time, services.GetRequiredService<ILogger<Simulator>>()).RunAsync(cancel.Token)
                : Task.CompletedTask;
            return new Simulation(cancel, running);
        }

        public async ValueTask DisposeAsync()
        {
            if (!running.IsCompleted)
            {
                await cancel.CancelAsync();
                await running;
            }

            cancel.Dispose();
        }
    }

    /// <summary>The programs beside Footfall, ended in the reverse order of their start.</summary>
    private sealed class Companions : IAsyncDisposable
    {
        private readonly Stack<ChildProcess> _children = new();
        private readonly CancellationTokenSource _ending = new();

        public void Add(ChildProcess child) => _children.Push(child);

        public void TellWhenOneEnds()
        {
            foreach (var child in _children)
            {
                _ = child.EndAsync(_ending.Token).ContinueWith(
                    _ => Console.Error.WriteLine($"{child.Name} has ended by itself; Footfall goes on without it."),
                    _ending.Token,
                    TaskContinuationOptions.OnlyOnRanToCompletion,
                    TaskScheduler.Default);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _ending.CancelAsync();
            while (_children.TryPop(out var child))
            {
                await child.DisposeAsync();
            }

            _ending.Dispose();
        }
    }
}
