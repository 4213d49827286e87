using Footfall.Log;
using Footfall.Log.Kafka;

namespace Footfall.Log.Tests;

/// <summary>One log of its own on the run's Kafka: two topics and a group that no other test has.</summary>
internal sealed class KafkaFixture : ILogFixture
{
    private static int _number;
    private readonly List<IAsyncDisposable> _open = [];
    private readonly ITestOutputHelper? _output = TestContext.Current.TestOutputHelper; // clients tell from threads of their own
    private int _instances;

    private KafkaFixture(KafkaLogOptions options)
    {
        Options = options;
    }

    public KafkaLogOptions Options { get; }

    public List<KafkaEvent> Events { get; } = [];

    public int Partitions => Options.Partitions;

    public bool SeveralConsumers => true;

    public TimeSpan Patience => TimeSpan.FromSeconds(60);

    public static async Task<KafkaFixture> CreateAsync(KafkaBroker broker, bool topics = true)
    {
        var servers = await broker.StartAsync();
        var name = $"t{Interlocked.Increment(ref _number)}";
        var options = new KafkaLogOptions
        {
            BootstrapServers = servers,
            InteractionsTopic = $"{name}.interactions",
            TotalsTopic = $"{name}.totals",
            Group = name,
            Partitions = 4,
            TransactionTimeout = TimeSpan.FromSeconds(4),
            DeliveryTimeout = TimeSpan.FromSeconds(10),
            Consumer = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                // An instance that reads no more is thrown out soon, and a change of members is soon heard of.
                ["max.poll.interval.ms"] = "10000",
                ["session.timeout.ms"] = "6000",
                ["heartbeat.interval.ms"] = "200",
            },
        };
        if (topics && KafkaBroker.IsReal)
        {
            await KafkaTopics.EnsureAsync(options, TimeSpan.FromSeconds(20), tell: null, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        else if (topics)
        {
            broker.MakeMockTopics(options.InteractionsTopic, options.TotalsTopic);
        }

        return new KafkaFixture(options);
    }

    public ValueTask<IInteractionLog> OpenLogAsync() => new(Keep(new KafkaInteractionLog(Options, Hear)));

    public ValueTask<ILogConsumer> OpenConsumerAsync() => new(OpenConsumer(Options));

    public KafkaLogConsumer OpenConsumer(KafkaLogOptions options) => Keep(new KafkaLogConsumer(
        options with { Instance = $"{options.Instance}-{Interlocked.Increment(ref _instances)}" }, Hear));

    /// <summary>It is not read any more, so within the poll interval its own client leaves the group, unheard by the adapter.</summary>
    public ValueTask<bool> MakeZombieAsync(ILogConsumer consumer) => new(true);

    public async ValueTask ReopenAsync()
    {
        foreach (var open in _open)
        {
            await open.DisposeAsync();
        }

        _open.Clear();
    }

    public ValueTask DisposeAsync() => ReopenAsync();

    public T Keep<T>(T opened)
        where T : IAsyncDisposable
    {
        _open.Add(opened);
        return opened;
    }

    private void Hear(KafkaEvent heard)
    {
        lock (Events)
        {
            Events.Add(heard);
        }

        try
        {
            _output?.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {heard.Client}: {heard.Text}");
        }
        catch (InvalidOperationException)
        {
            // The test is over; a client is on its way out.
        }
    }
}
