using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>Two collectors and three metrics instances on three brokers.</summary>
internal sealed class KafkaWorld : World
{
    private const int CollectorCount = 2;
    private const int MetricsCount = 3;
    private static readonly TimeSpan FailoverLimit = TimeSpan.FromSeconds(10);

    // Between the rounds of a cooperative rebalance there is no longer a pause.
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan SteadyPatience = TimeSpan.FromSeconds(20);

    private readonly KafkaCluster _kafka;
    private readonly List<Service> _collectors = [];
    private readonly List<Service> _metrics = [];
    private readonly List<NetworkLink> _entrances = [];

    private KafkaWorld(string home)
        : base("kafka") => _kafka = new KafkaCluster(home, Path.Combine(Folder, "kafka"), Address, CollectorCount + MetricsCount);

    public override int Partitions => 6;

    public override IReadOnlyList<Service> Collectors => _collectors;

    public override IReadOnlyList<Service> Metrics => _metrics;

    public override IReadOnlyList<Uri> Entrances =>
        [.. Enumerable.Range(0, CollectorCount).Select(collector => new Uri($"http://{Address(60 + collector)}:{_entrances[collector].Port}"))];

    public static async Task<KafkaWorld> StartAsync(string home)
    {
        var world = new KafkaWorld(home);
        try
        {
            await world._kafka.StartAsync();
            await world.PrepareAsync();
            await world.StartServicesAsync();
            if (!await Patience.UntilAsync(TimeSpan.FromSeconds(60), world.IsWholeAsync))
            {
                throw new InvalidOperationException($"The brokers are not in sync; see {world.Folder}");
            }

            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public override Task<bool> IsWholeAsync() => Task.Run(_kafka.IsWhole);

    public override Task<List<string>> CheckLogAsync() => _kafka.CheckAsync();

    public override async Task<string> InflictAsync(PlannedFault fault, Run run)
    {
        var random = new Random(fault.Number);
        var collector = fault.Victim % CollectorCount;
        var metrics = fault.Victim % MetricsCount;
        var broker = fault.Victim % KafkaCluster.Brokers;
        switch (fault.Kind)
        {
            case FaultKind.CollectorKilled:
                await DownAsync(_collectors[collector].KillAsync, fault.Hold, _collectors[collector].StartAsync);
                return _collectors[collector].Name;

            case FaultKind.MetricsKilled:
                return await KillMetricsAsync(_metrics[metrics], fault, run);

            case FaultKind.BrokerKilled:
                await DownAsync(() => _kafka.KillBrokerAsync(broker), fault.Hold, () => _kafka.StartBrokerAsync(broker));
                return $"broker-{broker + 1}";

            case FaultKind.MetricsFrozen:
                _metrics[metrics].Pause();
                await HoldAsync(fault.Hold);
                _metrics[metrics].Continue();
                return _metrics[metrics].Name;

            case FaultKind.ClientCut:
                var client = fault.Victim % (CollectorCount + MetricsCount);
                var all = fault.Other == 5;
                var links = all
                    ? Enumerable.Range(0, KafkaCluster.Brokers).Select(one => _kafka.ClientLink(client, one)).ToArray()
                    : [_kafka.ClientLink(client, fault.Other % KafkaCluster.Brokers)];
                await CutAsync(links, fault);
                return $"{_collectors.Concat(_metrics).ElementAt(client).Name} from {(all ? "all brokers" : $"broker-{(fault.Other % KafkaCluster.Brokers) + 1}")}, {Text(fault.Cut)}";

            case FaultKind.BrokersCut:
                var other = (broker + 1 + (fault.Other % 2)) % KafkaCluster.Brokers;
                await CutAsync([.. _kafka.BrokerLinks(broker, other)], fault);
                return $"broker-{broker + 1} from broker-{other + 1}, {Text(fault.Cut)}";

            case FaultKind.VisitorsCut:
                await CutAsync([_entrances[collector]], fault);
                return $"visitors from {_collectors[collector].Name}, {Text(fault.Cut)}";

            case FaultKind.LogTailTorn:
                await _kafka.KillBrokerAsync(broker);
                var torn = _kafka.TearTails(broker, KafkaCluster.Interactions, random) + _kafka.TearTails(broker, KafkaCluster.Totals, random);
                await HoldAsync(fault.Hold);
                await _kafka.StartBrokerAsync(broker);
                return $"broker-{broker + 1}, {torn} partitions";

            case FaultKind.KilledInRebalance:
                return await KillInRebalanceAsync(metrics, fault, random);

            case FaultKind.KafkaAway:
                await CutAsync([.. Enumerable.Range(0, CollectorCount + MetricsCount)
                    .SelectMany(one => Enumerable.Range(0, KafkaCluster.Brokers).Select(to => _kafka.ClientLink(one, to)))], fault);
                return $"all clients from all brokers, {Text(fault.Cut)}";

            case FaultKind.OneOfTwoKilled:
                return await KillOneOfTwoAsync(_metrics[metrics], fault, run);

            case FaultKind.KafkaDown:
                return await TakeDownAsync(fault, run);

            case FaultKind.RollingRestart:
                await RollAsync();
                return "every process, one after another";

            default:
                throw new InvalidOperationException($"{fault.Kind} is not a fault of Kafka.");
        }
    }

    public override Task<List<Logged>> ReadLogAsync() => Task.Run(() =>
    {
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(new ConsumerConfig
        {
            BootstrapServers = _kafka.OurServers, GroupId = "faults", IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false, EnablePartitionEof = true,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(partition => new TopicPartitionOffset(KafkaCluster.Interactions, partition, Offset.Beginning)));
        var records = new List<Logged>();
        for (var ended = 0; ended < Partitions;)
        {
            var read = consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new InvalidOperationException($"The log can't be read: {records.Count} records so far.");
            if (read.IsPartitionEOF)
            {
                ended++;
            }
            else
            {
                records.Add(LoggedJson.Read(read.Partition.Value, read.Message.Value));
            }
        }

        return records;
    });

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _kafka.DisposeAsync();
        foreach (var entrance in _entrances)
        {
            entrance.Dispose();
        }
    }

    private static string Text(Cut cut) => cut switch
    {
        Cut.Silent => "black hole",
        Cut.AnswersLost => "answers lost",
        _ => "resets",
    };

    private static Task HoldAsync(TimeSpan hold) => Task.Delay(hold, TimeProvider.System);

    private static async Task DownAsync(Func<Task> end, TimeSpan hold, Func<Task> start)
    {
        await end();
        await HoldAsync(hold);
        await start();
    }

    private static async Task CutAsync(NetworkLink[] links, PlannedFault fault)
    {
        foreach (var link in links)
        {
            switch (fault.Cut)
            {
                case Cut.Silent: link.Stall(); break;
                case Cut.AnswersLost: link.StallAnswers(); break;
                default: link.Cut(); break;
            }
        }

        await HoldAsync(fault.Hold);
        foreach (var link in links)
        {
            link.Flow();
        }
    }

    /// <summary>Where it is away for longer than its session, the others have to have taken its partitions by then.</summary>
    private async Task<string> KillMetricsAsync(Service victim, PlannedFault fault, Run run)
    {
        if (run.IsAlone(fault))
        {
            // What the limit is for; a kill in a rebalance is a fault of its own.
            await Patience.UntilAsync(SteadyPatience, () => run.Scraper.Now - run.Watch.Moved > Steady);
        }

        var before = run.Watch.DoneSince(TimeSpan.Zero);
        var killed = run.Scraper.Now;
        await victim.KillAsync();
        if (fault.Hold < TimeSpan.FromSeconds(4))
        {
            await HoldAsync(fault.Hold);
            await victim.StartAsync();
            return victim.Name;
        }

        // Plus a commit and two scrapes, which is how we see it.
        var taken = await Patience.UntilAsync(FailoverLimit * 2, () =>
            run.Watch.DoneSince(killed, name => name != victim.Name) is { } now && now.Count == Partitions && now.All(done => done.Value > before.GetValueOrDefault(done.Key)));
        var took = run.Scraper.Now - killed;
        run.Failover(took, alone: run.IsAlone(fault) && taken, limit: FailoverLimit, victim.Name);
        await victim.StartAsync();
        return string.Create(CultureInfo.InvariantCulture, $"{victim.Name}, {(taken ? "taken over" : "not taken over")} after {took.TotalSeconds:0.0} s");
    }

    /// <summary>
    /// One leaves, so that two are left; of these the one that shows the totals is killed, or the other, and neither comes
    /// back before the last shows interactions of all partitions that were sent after the kill.
    /// </summary>
    private async Task<string> KillOneOfTwoAsync(Service leaver, PlannedFault fault, Run run)
    {
        await leaver.StopAsync();
        var left = run.Scraper.Now;
        if (!await Patience.UntilAsync(SteadyPatience, () => run.Scraper.Now - left > Steady && run.Scraper.Now - run.Watch.Moved > Steady
            && run.Watch.DoneSince(run.Scraper.Now - Steady, name => name != leaver.Name).Count == Partitions && run.Watch.Shower != leaver.Name))
        {
            run.Violate($"fault {fault.Number}: two metrics instances did not come to rest within {SteadyPatience.TotalSeconds:0} s of the third's leaving");
        }

        var two = _metrics.Where(one => one != leaver).OrderBy(one => one.Name == run.Watch.Shower).ToArray();
        var isShower = fault.Other % 2 == 0;
        var (survivor, victim) = isShower ? (two[0], two[1]) : (two[1], two[0]);
        var owned = run.Watch.DoneSince(run.Scraper.Now - Steady, name => name == victim.Name).Count;
        var pressure = Here.CpuStalled();
        var killed = run.Scraper.Now;
        await victim.KillAsync();
        var probed = run.Load.Probed;
        TimeSpan? taken = null;
        var shown = await Patience.UntilAsync(FailoverLimit * 3, () =>
        {
            if (run.Watch.DoneSince(killed, name => name == survivor.Name).Count == Partitions)
            {
                taken ??= run.Scraper.Now - killed;
            }

            return taken is not null && Load.ShowsMore(run.Watch.LastOf(survivor.Name, killed), probed);
        });
        var took = run.Scraper.Now - killed;
        var stalled = Here.CpuStalled() - pressure;
        run.Failover(took, alone: true, FailoverLimit, victim.Name);
        await victim.StartAsync();
        await leaver.StartAsync();
        return string.Create(CultureInfo.InvariantCulture,
            $"{victim.Name} with {owned} partitions{(isShower ? " and the totals" : "")}; {survivor.Name} had them after {taken?.TotalSeconds:0.0} s and {(shown ? "showed" : "DID NOT SHOW")} what came since after {took.TotalSeconds:0.0} s"
            + $" (load {Here.LoadAverage()}, somebody waited for a core {stalled / took:0%} of that)");
    }

    /// <summary>No broker is left, which clients must not notice.</summary>
    private async Task<string> TakeDownAsync(PlannedFault fault, Run run)
    {
        var brokers = Enumerable.Range(0, KafkaCluster.Brokers).ToArray();
        await Task.WhenAll(brokers.Select(_kafka.KillBrokerAsync));
        var (accepted, start) = (run.Ledger.AcceptedCount, run.Scraper.Now);
        await HoldAsync(fault.Hold);
        var (taken, took) = (run.Ledger.AcceptedCount - accepted, run.Scraper.Now - start);
        var waiting = run.Scraper.Spooled;
        await Task.WhenAll(brokers.Select(_kafka.StartBrokerAsync));
        return string.Create(CultureInfo.InvariantCulture, $"all brokers, {taken / took.TotalSeconds:0} a second accepted meanwhile, {waiting} in the spools");
    }

    /// <summary>One leaves, which starts a rebalance, and another is killed in the middle of it; then both come at once.</summary>
    private async Task<string> KillInRebalanceAsync(int metrics, PlannedFault fault, Random random)
    {
        var leaver = _metrics[metrics];
        var victim = _metrics[(metrics + 1 + (fault.Other % 2)) % MetricsCount];
        var leaving = leaver.StopAsync();
        await HoldAsync(TimeSpan.FromMilliseconds(random.Next(0, 600)));
        await victim.KillAsync();
        await leaving;
        await HoldAsync(fault.Hold);
        await leaver.StartAsync();
        await HoldAsync(TimeSpan.FromMilliseconds(random.Next(0, 1_500)));
        await victim.StartAsync();
        return $"{leaver.Name} leaves, {victim.Name} is killed, both come back";
    }

    private async Task RollAsync()
    {
        foreach (var service in Services)
        {
            await service.StopAsync();
            await service.StartAsync();
            await Patience.UntilAsync(TimeSpan.FromSeconds(60), () => IsReadyAsync((service.Collector ?? service.Metrics)!));
        }

        for (var broker = 0; broker < KafkaCluster.Brokers; broker++)
        {
            var one = broker;
            await _kafka.StopBrokerAsync(one);
            await _kafka.StartBrokerAsync(one);
            await Patience.UntilAsync(TimeSpan.FromSeconds(60), IsWholeAsync);
        }
    }

    private async Task PrepareAsync()
    {
        var configuration = await WriteConfigurationAsync();
        for (var number = 0; number < CollectorCount; number++)
        {
            var listen = new Uri($"http://{Address(10 + number)}:7001");
            _entrances.Add(new NetworkLink(new(Address(60 + number), 7001), new(Address(10 + number), 7001)));
            _collectors.Add(Make("collector", number, client: number, new() { ["FOOTFALL__CAPTURE__LISTEN"] = Text(listen) }, listen, null));
        }

        for (var number = 0; number < MetricsCount; number++)
        {
            var listen = new Uri($"http://{Address(15 + number)}:7002");
            _metrics.Add(Make("metrics", number, client: CollectorCount + number, new()
            {
                ["FOOTFALL__EXPOSE__LISTEN"] = Text(listen), ["FOOTFALL__LOG__KAFKA__INSTANCE"] = $"metrics-{number + 1}",
            }, null, listen));
        }

        static string Text(Uri address) => $"http://{address.Authority}";

        Service Make(string command, int number, int client, Dictionary<string, string> environment, Uri? collector, Uri? metrics)
        {
            var name = $"{command}-{number + 1}";
            environment["FOOTFALL__LOG__KAFKA__BOOTSTRAPSERVERS"] = _kafka.Servers(client);
            return new Service(name, Here.Footfall, [command, "--config", configuration, "--data", Path.Combine(Folder, name)], Path.Combine(Folder, name + ".log"), environment)
            {
                Collector = collector, Metrics = metrics,
            };
        }
    }
}

/// <summary>An interaction as it is in the log.</summary>
internal static class LoggedJson
{
    public static Logged Read(int partition, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        return new(
            root.GetProperty("id").GetGuid(),
            new(Text("app"), Text("type"), Text("target"), Text("page")),
            root.TryGetProperty("value", out var value) ? value.GetDecimal() : null,
            Text("visitor"),
            partition);

        string Text(string name) => root.TryGetProperty(name, out var text) ? text.GetString()! : "";
    }
}
