using System.Globalization;
using System.Text;

namespace Footfall.Server.Expose;

/// <summary>Grafana beside Footfall, with deploy/grafana's settings, data source and dashboards.</summary>
public static class GrafanaServer
{
    private const string Embedded = "deploy/grafana/";
    private const string DashboardsInContainer = "/etc/grafana/dashboards";
    private static readonly TimeSpan StartWait = TimeSpan.FromSeconds(60); // its first start makes its database

    /// <summary>Grafana's program and home: from GRAFANA_HOME, else from the PATH; null where there is none.</summary>
    public static (string Program, string? Home)? Find()
    {
        if (Environment.GetEnvironmentVariable("GRAFANA_HOME") is { Length: > 0 } home)
        {
            return (Path.Combine(home, "bin", OperatingSystem.IsWindows() ? "grafana.exe" : "grafana"), home);
        }

        // Distributions keep the home that the program needs here.
        const string PackagedHome = "/usr/share/grafana";
        return Companion.FindOnPath("grafana") is { } program ? (program, Directory.Exists(PackagedHome) ? PackagedHome : null) : null;
    }

    /// <summary>Starts it and waits until it says that it is up.</summary>
    /// <exception cref="StartException">It did not start.</exception>
    public static async Task<ChildProcess> StartAsync(
        (string Program, string? Home) grafana, string directory, int port, Uri prometheus, TimeProvider time, CancellationToken cancellationToken)
    {
        directory = Path.GetFullPath(directory);
        var dashboards = Path.Combine(directory, "dashboards");
        foreach (var name in EmbeddedFile.Names(typeof(GrafanaServer).Assembly, Embedded))
        {
            var file = Path.Combine(directory, name[Embedded.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            // The files say where a container has the dashboards; here they are elsewhere.
            var text = Encoding.UTF8.GetString(EmbeddedFile.Read(typeof(GrafanaServer).Assembly, name)).Replace(DashboardsInContainer, dashboards, StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, text, cancellationToken);
        }

        var log = Path.Combine(directory, "grafana.log");
        string[] home = grafana.Home is { } path ? ["--homepath", path] : [];
        var child = ChildProcess.Start(
            "Grafana",
            grafana.Program,
            ["server", .. home, "--config", Path.Combine(directory, "grafana.ini")],
            log,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["GF_SERVER_HTTP_ADDR"] = "127.0.0.1",
                ["GF_SERVER_HTTP_PORT"] = port.ToString(CultureInfo.InvariantCulture),
                ["GF_PATHS_DATA"] = Path.Combine(directory, "data"),
                ["GF_PATHS_LOGS"] = Path.Combine(directory, "logs"),
                ["GF_PATHS_PLUGINS"] = Path.Combine(directory, "plugins"),
                ["GF_PATHS_PROVISIONING"] = Path.Combine(directory, "provisioning"),
                ["FOOTFALL_PROMETHEUS_URL"] = prometheus.ToString().TrimEnd('/'),
            });
        await child.WaitForLineAsync("HTTP Server Listen", StartWait, time, cancellationToken);
        return child;
    }
}
