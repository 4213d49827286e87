using Footfall.Testing;

namespace Footfall.Bench.Measure;

/// <summary>One run of the benchmark: what is wanted, and where its figures go.</summary>
/// <param name="Names">Of scenarios.</param>
/// <param name="Rounds">How often each is measured, in turns with what it is compared with.</param>
/// <param name="Seconds">Of one measurement under load.</param>
internal sealed record Run(IReadOnlySet<string> Names, int Rounds, int Seconds, TimeProvider Time)
{
    public Report Report { get; } = new();

    public bool Wants(string name) => Names.Contains(name);

    /// <summary>What is told when KAFKA_HOME is missing.</summary>
    public const string NoKafka = "KAFKA_HOME is not set";

    /// <summary>A broker of its own; null, and told, where there is no Kafka.</summary>
    public async Task<KafkaLog?> StartKafkaAsync(string scenario)
    {
        if (Here.KafkaHome is { } home)
        {
            return await KafkaLog.StartAsync(home, KafkaLog.DefaultPartitions);
        }

        Report.Skip(scenario, NoKafka);
        return null;
    }

    public Task PauseAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Time);

    /// <summary>What is being done, for whoever watches.</summary>
    public static void Tell(string text) => Console.Error.WriteLine($"  {text}");
}
