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

    private readonly Lock _lock = new();
    private Task<string>? _started;
    private KafkaNode? _node;
    private IProducer<Null, Null>? _mock;

    public static string? Home => Environment.GetEnvironmentVariable("KAFKA_HOME");

    public static bool IsReal => !string.IsNullOrEmpty(Home);

    /// <summary>A way to the same broker that a test can stall.</summary>
    public NetworkLink Proxy => _node?.Proxy ?? throw new InvalidOperationException("Only a real broker, once started, has one.");

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
        _mock?.Dispose();
        if (_node is not null)
        {
            await _node.DisposeAsync();
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
        _node = await KafkaNode.StartAsync(home);
        return _node.Servers;
    }
}
