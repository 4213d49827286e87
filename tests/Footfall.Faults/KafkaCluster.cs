using System.Diagnostics;
using System.Globalization;
using System.Net;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>
/// Three brokers, each a controller too, three copies of everything and two of them in sync. Each client has a listener of
/// its own at each broker, and each broker its own address for each other one, so that every pair has a link to cut.
/// </summary>
internal sealed class KafkaCluster : IAsyncDisposable
{
    public const int Brokers = 3;
    public const string Interactions = "footfall.interactions";
    public const string Totals = "footfall.totals";

    private const int Controller = 7100;
    private const int Replication = 7101;
    private const int FirstClient = 7110;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);

    private readonly string _home;
    private readonly string _folder;
    private readonly Func<int, IPAddress> _address;
    private readonly int _clients;
    private readonly KeptProcess?[] _processes = new KeptProcess?[Brokers];
    private readonly Dictionary<(int Client, int Broker), NetworkLink> _clientLinks = [];
    private readonly Dictionary<(int From, int To), NetworkLink[]> _brokerLinks = [];
    private readonly string _id = Convert.ToBase64String(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToByteArray())[..22].Replace('+', 'a').Replace('/', 'b');
    private IAdminClient? _admin;

    /// <param name="home">Where Kafka is unpacked.</param>
    /// <param name="folder">For all that the brokers write.</param>
    /// <param name="address">Loopback addresses of the run's own.</param>
    /// <param name="clients">How many clients have links; one more, ours, has listeners without.</param>
    public KafkaCluster(string home, string folder, Func<int, IPAddress> address, int clients)
    {
        (_home, _folder, _address, _clients) = (home, folder, address, clients);
        for (var broker = 0; broker < Brokers; broker++)
        {
            for (var client = 0; client < clients; client++)
            {
                _clientLinks[(client, broker)] = new(new(ClientAddress(client), FirstClient + broker), new(BrokerAddress(broker), FirstClient + client));
            }

            for (var from = 0; from < Brokers; from++)
            {
                if (from != broker)
                {
                    _brokerLinks[(from, broker)] =
                    [
                        new(new(PairAddress(from, broker), Controller), new(BrokerAddress(broker), Controller)),
                        new(new(PairAddress(from, broker), Replication), new(BrokerAddress(broker), Replication)),
                    ];
                }
            }
        }
    }

    /// <summary>The brokers as we reach them, which is never cut.</summary>
    public string OurServers => string.Join(',', Enumerable.Range(0, Brokers).Select(broker => $"{BrokerAddress(broker)}:{FirstClient + _clients}"));

    public static string LogFolder(string folder, int broker) => Path.Combine(folder, $"broker-{broker + 1}", "data");

    /// <summary>The brokers as a client reaches them.</summary>
    public string Servers(int client) => string.Join(',', Enumerable.Range(0, Brokers).Select(broker => $"{ClientAddress(client)}:{FirstClient + broker}"));

    public NetworkLink ClientLink(int client, int broker) => _clientLinks[(client, broker)];

    /// <summary>All links between two brokers, both ways.</summary>
    public IEnumerable<NetworkLink> BrokerLinks(int one, int other) => [.. _brokerLinks[(one, other)], .. _brokerLinks[(other, one)]];

    public async Task StartAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, Brokers).Select(PrepareAsync));
        await Task.WhenAll(Enumerable.Range(0, Brokers).Select(StartBrokerAsync));
        _admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = OurServers }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        if (!await Patience.UntilAsync(StartPatience, () => Task.Run(() => Metadata()?.Brokers.Count == Brokers)))
        {
            throw new InvalidOperationException($"The brokers are not up; see {_folder}");
        }
    }

    /// <summary>All brokers are there and every partition has all its copies in sync.</summary>
    public bool IsWhole() => Metadata() is { } metadata && metadata.Brokers.Count == Brokers
        && metadata.Topics.TrueForAll(topic => topic.Partitions.TrueForAll(partition => partition.InSyncReplicas.Length == Brokers && partition.Leader >= 0));

    /// <summary>Topics whose partitions have not as many copies as they should.</summary>
    public async Task<List<string>> CheckAsync()
    {
        var wrong = Metadata()!.Topics
            .Where(topic => topic.Partitions.Exists(partition => partition.Replicas.Length != Brokers))
            .Select(topic => $"{topic.Topic} has not {Brokers} copies of each partition").ToList();
        var topics = new[] { Interactions, Totals, "__consumer_offsets", "__transaction_state" };
        var configs = await _admin!.DescribeConfigsAsync(topics.Select(topic => new ConfigResource { Type = ResourceType.Topic, Name = topic }));
        wrong.AddRange(configs.Where(config => config.Entries["min.insync.replicas"].Value != "2")
            .Select(config => $"{config.ConfigResource.Name} has min.insync.replicas={config.Entries["min.insync.replicas"].Value}"));
        return wrong;
    }

    public async Task StartBrokerAsync(int broker)
    {
        if (_processes[broker] is { } former)
        {
            await former.DisposeAsync();
        }

        var folder = Path.Combine(_folder, $"broker-{broker + 1}");
        _processes[broker] = await KeptProcess.StartAsync(
            Path.Combine(_home, "bin", "kafka-server-start.sh"), [Path.Combine(folder, "server.properties")], Path.Combine(folder, "broker.log"),
            Environment(folder));
    }

    public Task KillBrokerAsync(int broker) => _processes[broker]!.KillAsync();

    /// <summary>SIGTERM: it hands its partitions over first.</summary>
    public async Task StopBrokerAsync(int broker) => await _processes[broker]!.StopAsync(TimeSpan.FromSeconds(40));

    /// <summary>Whether Kafka itself sees the broker.</summary>
    public bool IsUp(int broker) => Metadata()?.Brokers.Exists(one => one.BrokerId == broker + 1) ?? false;

    /// <summary>Cuts the last bytes off the newest segment of every partition of a topic, at a broker that is dead.</summary>
    public int TearTails(int broker, string topic, Random random)
    {
        var torn = 0;
        foreach (var partition in Directory.EnumerateDirectories(LogFolder(_folder, broker), topic + "-*"))
        {
            var newest = Directory.EnumerateFiles(partition, "*.log").Max(StringComparer.Ordinal)!;
            using var file = new FileStream(newest, FileMode.Open);
            if (file.Length > 0)
            {
                file.SetLength(file.Length - Math.Min(file.Length, random.Next(1, 2_000)));
                torn++;
            }
        }

        return torn;
    }

    public async ValueTask DisposeAsync()
    {
        _admin?.Dispose();
        foreach (var process in _processes.OfType<KeptProcess>())
        {
            await process.DisposeAsync();
        }

        foreach (var link in _clientLinks.Values.Concat(_brokerLinks.Values.SelectMany(links => links)))
        {
            link.Dispose();
        }
    }

    private IPAddress BrokerAddress(int broker) => _address(broker + 1);

    private IPAddress ClientAddress(int client) => _address(20 + client);

    private IPAddress PairAddress(int from, int to) => _address(100 + (10 * from) + to);

    private static Dictionary<string, string> Environment(string folder) => new(StringComparer.Ordinal)
    {
        ["LOG_DIR"] = Path.Combine(folder, "logs"),
        ["KAFKA_HEAP_OPTS"] = "-Xms96m -Xmx256m",
        // Starts count more than throughput here, so one compiler.
        ["KAFKA_OPTS"] = $"-XX:TieredStopAtLevel=1 -Djdk.net.hosts.file={Path.Combine(folder, "hosts")}",
    };

    private async Task PrepareAsync(int broker)
    {
        var folder = Path.Combine(_folder, $"broker-{broker + 1}");
        Directory.CreateDirectory(folder);
        var all = Enumerable.Range(0, Brokers).ToArray();
        var hosts = all.Select(other => $"{(other == broker ? BrokerAddress(broker) : PairAddress(broker, other))} broker-{other + 1}")
            .Append("127.0.0.1 localhost").Append($"127.0.0.1 {Dns.GetHostName()}");
        await File.WriteAllLinesAsync(Path.Combine(folder, "hosts"), hosts);
        var clients = Enumerable.Range(0, _clients + 1).ToArray();
        var properties = Path.Combine(folder, "server.properties");
        await File.WriteAllTextAsync(properties, string.Create(CultureInfo.InvariantCulture, $"""
            process.roles=broker,controller
            node.id={broker + 1}
            controller.quorum.voters={string.Join(',', all.Select(other => $"{other + 1}@broker-{other + 1}:{Controller}"))}
            listeners={Listeners(_ => BrokerAddress(broker), client => FirstClient + client)},CONTROLLER://{BrokerAddress(broker)}:{Controller},REPLICATION://{BrokerAddress(broker)}:{Replication}
            advertised.listeners={Listeners(client => client == _clients ? BrokerAddress(broker) : ClientAddress(client), client => client == _clients ? FirstClient + client : FirstClient + broker)},REPLICATION://broker-{broker + 1}:{Replication}
            listener.security.protocol.map={string.Join(',', clients.Select(client => $"CLIENT{client}:PLAINTEXT"))},CONTROLLER:PLAINTEXT,REPLICATION:PLAINTEXT
            controller.listener.names=CONTROLLER
            inter.broker.listener.name=REPLICATION
            log.dirs={LogFolder(_folder, broker)}
            auto.create.topics.enable=false
            default.replication.factor=3
            min.insync.replicas=2
            offsets.topic.num.partitions=3
            offsets.topic.replication.factor=3
            transaction.state.log.num.partitions=3
            transaction.state.log.replication.factor=3
            transaction.state.log.min.isr=2
            group.initial.rebalance.delay.ms=0
            # A broker that is away is missed sooner than by default, so that there is time for many faults.
            broker.session.timeout.ms=4000
            broker.heartbeat.interval.ms=500
            replica.lag.time.max.ms=4000
            transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
            # Small: three of them share a machine with all else.
            num.network.threads=1
            num.io.threads=4
            background.threads=2
            num.recovery.threads.per.data.dir=2
            log.cleaner.dedupe.buffer.size=4194304

            """));
        await using var format = await KeptProcess.StartAsync(
            Path.Combine(_home, "bin", "kafka-storage.sh"), ["format", "-t", _id, "-c", properties], Path.Combine(folder, "format.log"), Environment(folder));
        await format.EndAsync();
        if (format.ExitCode != 0)
        {
            throw new InvalidOperationException($"Kafka's storage can't be made: {await File.ReadAllTextAsync(Path.Combine(folder, "format.log"))}");
        }

        string Listeners(Func<int, IPAddress> host, Func<int, int> port) =>
            string.Join(',', clients.Select(client => $"CLIENT{client}://{host(client)}:{port(client)}"));
    }

    private Metadata? Metadata()
    {
        try
        {
            return _admin!.GetMetadata(TimeSpan.FromSeconds(3));
        }
        catch (KafkaException)
        {
            return null;
        }
    }
}
