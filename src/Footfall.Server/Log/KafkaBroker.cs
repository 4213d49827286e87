using System.Diagnostics;
using System.Globalization;

namespace Footfall.Server.Log;

/// <summary>A one-node Kafka (KRaft) from KAFKA_HOME beside Footfall, for trying things out.</summary>
public static class KafkaBroker
{
    private static readonly TimeSpan StartWait = TimeSpan.FromSeconds(120);

    /// <summary>Where Kafka is unpacked.</summary>
    /// <exception cref="StartException">There is no KAFKA_HOME or Java; it says what to do.</exception>
    public static string FindHome()
    {
        var home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        if (string.IsNullOrEmpty(home) || !File.Exists(Path.Combine(home, "bin", "kafka-server-start.sh")))
        {
            throw new StartException(
                $"--kafka starts a broker from KAFKA_HOME, which is {(string.IsNullOrEmpty(home) ? "not set" : $"'{home}' and has no bin/kafka-server-start.sh")}. "
                + "Unpack https://kafka.apache.org/downloads and set it, or name a broker that runs: --kafka HOST:PORT.");
        }

        return Companion.FindOnPath("java") is not null || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("JAVA_HOME"))
            ? home
            : throw new StartException("Kafka needs Java 17 or newer (java on the PATH, or JAVA_HOME). On Debian or Ubuntu: apt-get install openjdk-17-jre-headless.");
    }

    /// <summary>Starts it on data that stays, and waits until it says that it is up.</summary>
    /// <param name="home">From <see cref="FindHome"/>.</param>
    /// <param name="directory">For its configuration, data and output.</param>
    /// <param name="port">Where it listens, on this machine alone.</param>
    /// <param name="time">The clock of the wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StartException">It did not start.</exception>
    public static async Task<ChildProcess> StartAsync(string home, string directory, int port, TimeProvider time, CancellationToken cancellationToken)
    {
        home = Path.GetFullPath(home);
        directory = Path.GetFullPath(directory);
        var data = Path.Combine(directory, "data");
        var properties = Path.Combine(directory, "server.properties");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["LOG_DIR"] = Path.Combine(directory, "logs") };
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(properties, Properties(data, port, ControllerPort(properties)), cancellationToken);
        if (!File.Exists(Path.Combine(data, "meta.properties")))
        {
            await FormatAsync(home, properties, environment, cancellationToken);
        }

        var log = Path.Combine(directory, "kafka.log");
        var child = ChildProcess.Start("Kafka", Path.Combine(home, "bin", "kafka-server-start.sh"), [properties], log, environment);
        await child.WaitForLineAsync("Kafka Server started", StartWait, time, cancellationToken);
        return child;
    }

    /// <summary>
    /// The one that the data was made with: the voters' addresses are part of the cluster's metadata (KIP-853), and a node
    /// that moved waits for itself at its old one.
    /// </summary>
    private static int ControllerPort(string properties)
    {
        const string Key = "controller.quorum.bootstrap.servers=127.0.0.1:";
        var line = File.Exists(properties) ? File.ReadLines(properties).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal)) : null;
        if (line is null)
        {
            return Companion.FreePort();
        }

        var port = int.Parse(line[Key.Length..], CultureInfo.InvariantCulture);
        return Companion.IsFree(port)
            ? port
            : throw new StartException($"port {port}, which the Kafka in {Path.GetDirectoryName(properties)} was made with, is taken: is it running already? Or take another --data.");
    }

    private static string Properties(string data, int port, int controllerPort) => string.Create(CultureInfo.InvariantCulture, $"""
        # One node that is broker and controller. Written by footfall at each start.
        process.roles=broker,controller
        node.id=1
        controller.quorum.bootstrap.servers=127.0.0.1:{controllerPort}
        listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllerPort}
        advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controllerPort}
        controller.listener.names=CONTROLLER
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
        inter.broker.listener.name=PLAINTEXT
        log.dirs={data}
        # With one node there is one copy of everything.
        offsets.topic.replication.factor=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        default.replication.factor=1
        # Topics are made with their settings, never by a first write.
        auto.create.topics.enable=false
        # Nobody else joins the group of one metrics service.
        group.initial.rebalance.delay.ms=0

        """);

    private static async Task FormatAsync(string home, string properties, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var storage = Path.Combine(home, "bin", "kafka-storage.sh");
        var cluster = (await RunAsync(storage, ["random-uuid"], environment, cancellationToken)).Trim();
        await RunAsync(storage, ["format", "--standalone", "-t", cluster, "-c", properties], environment, cancellationToken);
    }

    private static async Task<string> RunAsync(string program, string[] arguments, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new StartException($"Kafka can't be prepared: {Path.GetFileName(program)} {arguments[0]}: {(await errors + output).Trim()}");
    }
}
