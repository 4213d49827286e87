using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Footfall.Log.Tests;
using Footfall.Testing;

[assembly: AssemblyFixture(typeof(KafkaBroker))]

namespace Footfall.Log.Tests;

/// <summary>
/// The Kafka that tests use, started when the first of them asks: a one-node broker from <c>KAFKA_HOME</c>, else
/// librdkafka's mock cluster. Ended, and its files deleted, with the test run, however that ends.
/// </summary>
public sealed class KafkaBroker : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private Task<string>? _started;
    private Process? _process;
    private IProducer<Null, Null>? _mock;
    private NetworkLink? _proxy;

    public static string? Home => Environment.GetEnvironmentVariable("KAFKA_HOME");

    public static bool IsReal => !string.IsNullOrEmpty(Home);

    /// <summary>A way to the same broker that a test can stall.</summary>
    public NetworkLink Proxy => _proxy ?? throw new InvalidOperationException("Only a real broker, once started, has one.");

    public static void SkipUnlessReal(string why) =>
        Assert.SkipUnless(IsReal, $"KAFKA_HOME is not set, and librdkafka's mock cluster can't show this: {why}.");

    /// <summary>The bootstrap servers.</summary>
    public Task<string> StartAsync()
    {
        lock (_lock)
        {
            return _started ??= IsReal ? StartRealAsync(Home!) : Task.FromResult(StartMock());
        }
    }

    /// <summary>Topics of the mock cluster have four partitions and come by being asked for.</summary>
    public void MakeMockTopics(params string[] topics)
    {
        using var admin = new DependentAdminClientBuilder(_mock!.Handle).Build();
        foreach (var topic in topics)
        {
            admin.GetMetadata(topic, StartLimit);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _proxy?.Dispose();
        _mock?.Dispose();
        if (_process is { } process)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private string StartMock()
    {
        _mock = new ProducerBuilder<Null, Null>(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["bootstrap.servers"] = "mock", ["test.mock.num.brokers"] = "1",
        }).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(_mock.Handle).Build();
        var broker = admin.GetMetadata(StartLimit).Brokers[0];
        return $"{broker.Host}:{broker.Port}";
    }

    private async Task<string> StartRealAsync(string home)
    {
        var directory = Directory.CreateTempSubdirectory("footfall-kafka-").FullName;
        var (plain, proxied, controller) = (FreePort(), FreePort(), FreePort());
        _proxy = new NetworkLink(proxied);
        await File.WriteAllTextAsync(Path.Combine(directory, "server.properties"), $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.bootstrap.servers=127.0.0.1:{controller}
            listeners=PLAINTEXT://127.0.0.1:{plain},PROXIED://127.0.0.1:{proxied},CONTROLLER://127.0.0.1:{controller}
            advertised.listeners=PLAINTEXT://127.0.0.1:{plain},PROXIED://127.0.0.1:{_proxy.Port},CONTROLLER://127.0.0.1:{controller}
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
        _process = Process.Start(start);
        var servers = $"127.0.0.1:{plain}";
        await WaitAsync(servers, Path.Combine(directory, "broker.log"));
        return servers;
    }

    private static async Task WaitAsync(string servers, string log)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).SetLogHandler((_, _) => { }).Build();
        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(Look, TimeProvider.System))
        {
            try
            {
                admin.GetMetadata(TimeSpan.FromSeconds(1));
                return;
            }
            catch (KafkaException) when (Stopwatch.GetElapsedTime(start) < StartLimit)
            {
                // Not yet.
            }
            catch (KafkaException error)
            {
                throw new InvalidOperationException($"The broker did not start: {await File.ReadAllTextAsync(log)}", error);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
