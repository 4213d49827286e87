using System.Diagnostics;
using System.Globalization;

namespace Footfall.Testing;

/// <summary>
/// A one-node Kafka from where one is unpacked, on free ports, with data of its own. Ended, and its files deleted, with this
/// process, however that ends.
/// </summary>
public sealed class KafkaNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    // A free port may be anybody's before the broker has it.
    private const int Attempts = 3;

    private readonly Process _process;

    private KafkaNode(Process process, string servers, NetworkLink proxy) => (_process, Servers, Proxy) = (process, servers, proxy);

    /// <summary>The bootstrap servers.</summary>
    public string Servers { get; }

    /// <summary>A way to the same broker that can be stalled.</summary>
    public NetworkLink Proxy { get; }

    /// <summary>The broker's process; Linux.</summary>
    public int Broker => File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(child => int.Parse(child, CultureInfo.InvariantCulture))
        .First(child => File.ReadAllText($"/proc/{child}/comm").StartsWith("java", StringComparison.Ordinal));

    /// <param name="home">Where it is unpacked.</param>
    public static async Task<KafkaNode> StartAsync(string home)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (node, log) = await LaunchAsync(home);
            await Patience.UntilAsync(StartLimit, () => IsStarted() || node._process.HasExited || Read(log).Contains("Exiting Kafka", StringComparison.Ordinal));
            if (IsStarted())
            {
                return node;
            }

            var said = Read(log);
            await node.DisposeAsync();
            if (attempt == Attempts || !said.Contains("Address already in use", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"The broker did not start: {said}");
            }

            bool IsStarted() => Read(log).Contains("Kafka Server started", StringComparison.Ordinal);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Proxy.Dispose();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<(KafkaNode Node, string Log)> LaunchAsync(string home)
    {
        var directory = Directory.CreateTempSubdirectory("footfall-kafka-").FullName;
        var (plain, proxied, controller) = (Ports.Free(), Ports.Free(), Ports.Free());
        var proxy = new NetworkLink(proxied);
        await File.WriteAllTextAsync(Path.Combine(directory, "server.properties"), $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.bootstrap.servers=127.0.0.1:{controller}
            listeners=PLAINTEXT://127.0.0.1:{plain},PROXIED://127.0.0.1:{proxied},CONTROLLER://127.0.0.1:{controller}
            advertised.listeners=PLAINTEXT://127.0.0.1:{plain},PROXIED://127.0.0.1:{proxy.Port},CONTROLLER://127.0.0.1:{controller}
            listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
            inter.broker.listener.name=PLAINTEXT
            controller.listener.names=CONTROLLER
            log.dirs={directory}/data
            auto.create.topics.enable=false
            offsets.topic.num.partitions=4
            offsets.topic.replication.factor=1
            transaction.state.log.num.partitions=4
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            transaction.abort.timed.out.transaction.cleanup.interval.ms=500
            # Old records go within a second, so that a test whose records are old by their own time shows if that counts.
            log.initial.task.delay.ms=1000
            log.retention.check.interval.ms=1000
            log.segment.delete.delay.ms=1000
            group.initial.rebalance.delay.ms=0
            group.min.session.timeout.ms=1000
            group.consumer.min.session.timeout.ms=1000
            group.consumer.min.heartbeat.interval.ms=100
            """);
        // The shell waits on its standard input, which ends with this process in whatever way that ends.
        var start = new ProcessStartInfo("/bin/sh")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            ArgumentList =
            {
                "-c", """
                trap '' INT TERM
                cd "$1" && exec >broker.log 2>&1
                "$0/bin/kafka-storage.sh" format --standalone -t "$("$0/bin/kafka-storage.sh" random-uuid)" -c server.properties
                "$0/bin/kafka-server-start.sh" server.properties </dev/null &
                cat >/dev/null; kill -9 $!; wait; rm -rf "$1"
                """,
                Path.GetFullPath(home), directory,
            },
        };
        start.Environment["LOG_DIR"] = Path.Combine(directory, "logs");
        start.Environment["KAFKA_HEAP_OPTS"] = "-Xms128m -Xmx384m";
        return (new KafkaNode(Process.Start(start)!, $"127.0.0.1:{plain}", proxy), Path.Combine(directory, "broker.log"));
    }

    private static string Read(string file) => File.Exists(file) ? File.ReadAllText(file) : "";
}
