using System.Diagnostics;
using System.Globalization;
using Footfall.Server.Expose;
using Footfall.Server.Log;

namespace Footfall.Server.Tests;

/// <summary>Prometheus, Grafana and Kafka as <c>footfall up</c> starts them, with fakes in their place.</summary>
public sealed class CompanionTests : IDisposable
{
    private const string Up = "Kafka Server started, Server is ready to receive web requests, HTTP Server Listen";
    private const string TellAndStay = "for argument in \"$@\"; do echo \"$argument\"; done; env | grep -E '^(GF_|FOOTFALL_P|LOG_DIR)' | sort; echo '" + Up + "'; exec sleep 600";
    private const string EndAtOnce = "echo 'it is not possible' >&2; exit 1";

    private readonly FakeProgram _fake = new();

    public void Dispose() => _fake.Dispose();

    [Fact]
    public async Task Prometheus_gets_our_configuration_and_this_run_s_targets()
    {
        var directory = _fake.PathOf("prometheus");
        await using var prometheus = await StartPrometheusAsync(_fake.Write("program", TellAndStay), _fake.Port);

        Assert.Equal(
            [
                $"--config.file={directory}/prometheus.yml",
                $"--storage.tsdb.path={directory}/tsdb",
                "--storage.tsdb.retention.time=30d",
                string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{_fake.Port}"),
                Up,
            ],
            await FakeProgram.LinesAsync(Path.Combine(directory, "prometheus.log"), 5));
        Assert.Equal("""[{"targets":["localhost:1"]}]""" + "\n", await File.ReadAllTextAsync(Path.Combine(directory, "targets/collector.json")));
        Assert.Equal("""[{"targets":["localhost:2"]}]""" + "\n", await File.ReadAllTextAsync(Path.Combine(directory, "targets/metrics.json")));
        Assert.Equal(
            await File.ReadAllTextAsync(Repository.PathOf("deploy/prometheus/prometheus.yml")),
            await File.ReadAllTextAsync(Path.Combine(directory, "prometheus.yml")));
        Assert.True(File.Exists(Path.Combine(directory, "rules/footfall.yml")));
    }

    [Fact]
    public async Task Promtool_finds_nothing_wrong_with_the_configuration_of_Prometheus()
    {
        Assert.SkipUnless(Companion.FindOnPath("promtool") is not null, "promtool is not on the PATH: it comes with Prometheus.");
        await using var prometheus = await StartPrometheusAsync(_fake.Write("program", TellAndStay), _fake.Port);

        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "config", _fake.PathOf("prometheus/prometheus.yml")])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = promtool.StandardError.ReadToEndAsync();
        var output = await promtool.StandardOutput.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        Assert.True(promtool.ExitCode == 0, output + await errors);
    }

    [Fact]
    public async Task Prometheus_that_ends_at_once_is_told_with_its_log()
    {
        var error = await Assert.ThrowsAsync<StartException>(() => StartPrometheusAsync(_fake.Write("program", EndAtOnce), Companion.FreePort()));
        AssertTellsLog(error, "Prometheus", _fake.PathOf("prometheus/prometheus.log"));
    }

    [Fact]
    public async Task Grafana_gets_our_settings_and_dashboards()
    {
        var directory = _fake.PathOf("grafana");
        await using var grafana = await GrafanaServer.StartAsync(
            (_fake.Write("program", TellAndStay), "/opt/grafana"), directory, _fake.Port, new Uri("http://localhost:9090"), TimeProvider.System, CancellationToken.None);

        Assert.Equal(
            [
                "server", "--homepath", "/opt/grafana", "--config", $"{directory}/grafana.ini",
                "FOOTFALL_PROMETHEUS_URL=http://localhost:9090",
                $"GF_PATHS_DATA={directory}/data",
                $"GF_PATHS_LOGS={directory}/logs",
                $"GF_PATHS_PLUGINS={directory}/plugins",
                $"GF_PATHS_PROVISIONING={directory}/provisioning",
                "GF_SERVER_HTTP_ADDR=127.0.0.1",
                string.Create(CultureInfo.InvariantCulture, $"GF_SERVER_HTTP_PORT={_fake.Port}"),
                Up,
            ],
            await FakeProgram.LinesAsync(Path.Combine(directory, "grafana.log"), 13));
    }

    [Fact]
    public async Task Grafana_s_files_name_what_is_there()
    {
        var directory = _fake.PathOf("grafana");
        await using var grafana = await GrafanaServer.StartAsync(
            (_fake.Write("program", TellAndStay), null), directory, _fake.Port, new Uri("http://localhost:9090"), TimeProvider.System, CancellationToken.None);

        var settings = Settings(await File.ReadAllLinesAsync(Path.Combine(directory, "grafana.ini")));
        Assert.Equal("1s", settings["dashboards/min_refresh_interval"]);
        Assert.True(File.Exists(settings["dashboards/default_home_dashboard_path"]), settings["dashboards/default_home_dashboard_path"]);

        var provisioning = await File.ReadAllTextAsync(Path.Combine(directory, "provisioning/dashboards/footfall.yml"));
        var dashboards = provisioning.Split('\n').Single(line => line.TrimStart().StartsWith("path:", StringComparison.Ordinal)).Split(':', 2)[1].Trim();
        Assert.Equal(
            Directory.GetFiles(Repository.PathOf("deploy/grafana/dashboards")).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Directory.GetFiles(dashboards).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain("/etc/grafana", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Grafana_that_ends_at_once_is_told_with_its_log()
    {
        var error = await Assert.ThrowsAsync<StartException>(() => GrafanaServer.StartAsync(
            (_fake.Write("program", EndAtOnce), null), _fake.PathOf("grafana"), Companion.FreePort(), new Uri("http://localhost:9090"), TimeProvider.System, CancellationToken.None));
        AssertTellsLog(error, "Grafana", _fake.PathOf("grafana/grafana.log"));
    }

    [Fact]
    public async Task Kafka_is_formatted_once_and_started_on_what_it_had()
    {
        var directory = _fake.PathOf("kafka");
        _fake.Write("home/bin/kafka-server-start.sh", TellAndStay);
        _fake.Write("home/bin/kafka-storage.sh", $"""
            echo "$@" >>"{_fake.PathOf("formatted")}"
            if [ "$1" = random-uuid ]; then echo an-id; else mkdir -p "{directory}/data" && touch "{directory}/data/meta.properties"; fi
            """);
        var listeners = new List<string>();
        for (var start = 0; start < 2; start++)
        {
            await using var kafka = await KafkaBroker.StartAsync(_fake.PathOf("home"), directory, _fake.Port, TimeProvider.System, CancellationToken.None);
            Assert.Equal(
                [$"{directory}/server.properties", $"LOG_DIR={directory}/logs", Up],
                await FakeProgram.LinesAsync(Path.Combine(directory, "kafka.log"), 3));
            listeners.Add(Settings(await File.ReadAllLinesAsync(Path.Combine(directory, "server.properties")))["/listeners"]);
        }

        // Its data names the controller's port.
        Assert.Equal(listeners[0], listeners[1]);

        Assert.Equal(
            ["random-uuid", $"format --standalone -t an-id -c {directory}/server.properties"],
            await File.ReadAllLinesAsync(_fake.PathOf("formatted")));
        var properties = Settings(await File.ReadAllLinesAsync(Path.Combine(directory, "server.properties")));
        Assert.Equal($"{directory}/data", properties["/log.dirs"]);
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"PLAINTEXT://127.0.0.1:{_fake.Port},CONTROLLER://127.0.0.1:"), properties["/listeners"], StringComparison.Ordinal);
        Assert.Equal(properties["/listeners"], properties["/advertised.listeners"]);
        Assert.Equal("false", properties["/auto.create.topics.enable"]);
    }

    [Fact]
    public async Task Kafka_that_can_not_be_formatted_is_told_with_what_it_said()
    {
        _fake.Write("home/bin/kafka-server-start.sh", TellAndStay);
        _fake.Write("home/bin/kafka-storage.sh", EndAtOnce);
        var error = await Assert.ThrowsAsync<StartException>(() =>
            KafkaBroker.StartAsync(_fake.PathOf("home"), _fake.PathOf("kafka"), _fake.Port, TimeProvider.System, CancellationToken.None));
        Assert.Equal("Kafka can't be prepared: kafka-storage.sh random-uuid: it is not possible", error.Message);
    }

    [Fact]
    public async Task Kafka_that_ends_at_once_is_told_with_its_log()
    {
        _fake.Write("home/bin/kafka-server-start.sh", EndAtOnce);
        _fake.Write("home/bin/kafka-storage.sh", "echo an-id");
        var error = await Assert.ThrowsAsync<StartException>(() =>
            KafkaBroker.StartAsync(_fake.PathOf("home"), _fake.PathOf("kafka"), Companion.FreePort(), TimeProvider.System, CancellationToken.None));
        AssertTellsLog(error, "Kafka", _fake.PathOf("kafka/kafka.log"));
    }

    private Task<ChildProcess> StartPrometheusAsync(string program, int port) => PrometheusServer.StartAsync(
        program, _fake.PathOf("prometheus"), port, new Uri("http://localhost:1"), new Uri("http://localhost:2"), new ExposeSection(), TimeProvider.System, CancellationToken.None);

    private static void AssertTellsLog(StartException error, string name, string log)
    {
        Assert.StartsWith(name + " ended at once", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("see " + log, error.Message, StringComparison.Ordinal);
        Assert.Equal("it is not possible\n", File.ReadAllText(log));
    }

    /// <summary>Of an ini or properties file: section/name and value.</summary>
    private static Dictionary<string, string> Settings(string[] lines)
    {
        var section = "";
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Where(line => line.Length > 0 && line[0] is not ('#' or ';')))
        {
            if (line[0] == '[')
            {
                section = line.Trim('[', ']');
            }
            else
            {
                var parts = line.Split('=', 2);
                settings.Add($"{section}/{parts[0].Trim()}", parts[1].Trim());
            }
        }

        return settings;
    }
}
