using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Footfall.Server.Expose;

/// <summary>Prometheus beside Footfall, with deploy/prometheus as it is; only the targets are this run's.</summary>
public static class PrometheusServer
{
    private const string Embedded = "deploy/prometheus/";
    private static readonly TimeSpan StartWait = TimeSpan.FromSeconds(20);

    /// <summary>Finds Prometheus on the PATH; else installs the distribution's where that needs no question.</summary>
    /// <param name="say">Told what is done, a line each.</param>
    /// <param name="cancellationToken">Ends the installation.</param>
    /// <returns>Its path, or null: then what to do has been said.</returns>
    public static async Task<string?> FindOrInstallAsync(Action<string> say, CancellationToken cancellationToken)
    {
        if (Companion.FindOnPath("prometheus") is { } found)
        {
            return found;
        }

        if (!Companion.IsDebianLike() || !Companion.IsRoot())
        {
            say("Prometheus is not on the PATH: get it from https://prometheus.io/download or your distribution, and start again. Footfall runs without it.");
            return null;
        }

        say("Prometheus is not here: installing the distribution's (its own service is not started) ...");
        // A policy of 101 keeps the package from starting its service (invoke-rc.d, Debian policy 9.3.3.1).
        const string Install = """
            set -e
            policy=/usr/sbin/policy-rc.d
            if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' > "$policy"; chmod +x "$policy"; trap 'rm -f "$policy"' EXIT; fi
            export DEBIAN_FRONTEND=noninteractive
            apt-get install -y --no-install-recommends prometheus || { apt-get update && apt-get install -y --no-install-recommends prometheus; }
            """;
        using var install = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Install]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = install.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await install.StandardError.ReadToEndAsync(cancellationToken);
        await output;
        await install.WaitForExitAsync(cancellationToken);
        found = Companion.FindOnPath("prometheus");
        if (found is null)
        {
            say($"Prometheus could not be installed: {errors.Split('\n').LastOrDefault(line => line.Length > 0)}. Footfall runs without it.");
        }

        return found;
    }

    /// <summary>Starts it and waits until it says that it is up.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="directory">For its configuration, data and output.</param>
    /// <param name="port">Where it listens, on this machine alone.</param>
    /// <param name="collector">The collector's address.</param>
    /// <param name="metrics">The metrics service's address.</param>
    /// <param name="access">What the metrics service asks for.</param>
    /// <param name="time">The clock of the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StartException">It did not start.</exception>
    public static async Task<ChildProcess> StartAsync(
        string program, string directory, int port, Uri collector, Uri metrics, ExposeSection access, TimeProvider time, CancellationToken cancellationToken)
    {
        directory = Path.GetFullPath(directory);
        foreach (var name in EmbeddedFile.Names(typeof(PrometheusServer).Assembly, Embedded))
        {
            var file = Path.Combine(directory, name[Embedded.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, EmbeddedFile.Read(typeof(PrometheusServer).Assembly, name), cancellationToken);
        }

        await AllowAsync(directory, access, cancellationToken);
        await WriteTargetAsync(directory, "collector", collector, cancellationToken);
        await WriteTargetAsync(directory, "metrics", metrics, cancellationToken);
        var log = Path.Combine(directory, "prometheus.log");
        var child = ChildProcess.Start(
            "Prometheus",
            program,
            [
                "--config.file=" + Path.Combine(directory, "prometheus.yml"),
                "--storage.tsdb.path=" + Path.Combine(directory, "tsdb"),
                "--storage.tsdb.retention.time=30d",
                string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"),
            ],
            log);
        await child.WaitForLineAsync("Server is ready to receive web requests", StartWait, time, cancellationToken);
        return child;
    }

    /// <summary>Lets it show what the metrics service asks for: from a file that nobody else may read.</summary>
    internal static async Task AllowAsync(string directory, ExposeSection access, CancellationToken cancellationToken)
    {
        var secret = Path.Combine(directory, "metrics.secret");
        if (!access.AsksWho)
        {
            File.Delete(secret);
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(secret); // one that is there keeps its mode
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var writer = new StreamWriter(secret, options))
        {
            await writer.WriteAsync((access.BearerToken ?? access.BasicPassword).AsMemory(), cancellationToken);
        }

        var file = Path.Combine(directory, "prometheus.yml");
        var lines = new List<string>();
        foreach (var line in await File.ReadAllLinesAsync(file, cancellationToken))
        {
            lines.Add(line);
            if (line.Trim() is "- job_name: footfall-metrics" or "- job_name: footfall-runtime")
            {
                // The collector, which the second job asks too, does not look at it.
                lines.AddRange(access.BearerToken is not null
                    ? ["    authorization:", $"      credentials_file: {Quote(secret)}"]
                    : ["    basic_auth:", $"      username: {Quote(access.BasicUser!)}", $"      password_file: {Quote(secret)}"]);
            }
        }

        await File.WriteAllLinesAsync(file, lines, cancellationToken);

        // A double-quoted text of YAML is one of JSON (YAML 1.2, 7.3.1).
        static string Quote(string text) => "\"" + System.Text.Encodings.Web.JavaScriptEncoder.Default.Encode(text) + "\"";
    }

    private static Task WriteTargetAsync(string directory, string name, Uri address, CancellationToken cancellationToken)
    {
        var targets = Path.Combine(directory, "targets");
        Directory.CreateDirectory(targets);
        var json = new JsonArray(new JsonObject { ["targets"] = new JsonArray(address.Authority) }).ToJsonString();
        return File.WriteAllTextAsync(Path.Combine(targets, name + ".json"), json + "\n", cancellationToken);
    }
}
