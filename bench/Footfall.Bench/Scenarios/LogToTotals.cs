using System.Diagnostics;
using System.Globalization;
using Footfall.Bench.Measure;

namespace Footfall.Bench.Scenarios;

/// <summary>How fast the metrics service counts a log, beside reading the same and doing nothing.</summary>
internal sealed class LogToTotals(Run run)
{
    public const string FromSqlite = "sqlite_to_totals";
    public const string FromKafka = "kafka_to_totals";

    private const int Count = 5_000_000;
    private const double Repeats = 0.05;
    private const string Case = "5 million, 5% repeats";
    private const string PerSecond = "interactions a second";
    private const string PerCpu = "interactions per CPU second of the process";
    private const string Reading = "reading alone";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public async Task SqliteAsync()
    {
        using var folder = new TemporaryFolder();
        var different = 0L;
        Run.Tell("filling the embedded log");
        await SqliteFile.WriteAsync(folder.Path, async log => different = await FillAsync(log));
        for (var round = 1; round <= run.Rounds; round++)
        {
            Run.Tell($"{FromSqlite}, round {round}");
            var (start, cpu) = (Stopwatch.GetTimestamp(), Cpu.Own);
            Expect(await SqliteFile.ReadAsync(folder.Path) == Count, "reading read something else");
            Add(FromSqlite, $"{Reading}, by our adapter", Stopwatch.GetElapsedTime(start).TotalSeconds, Cpu.Own - cpu);

            using var copy = new TemporaryFolder();
            await SqliteFile.CopyAsync(folder.Path, copy.Path);
            await CountAsync(FromSqlite, different, 1_500_000, $"{Reading}, by our adapter", [], "--data", copy.Path);
        }
    }

    public async Task KafkaAsync()
    {
        await using var kafka = await run.StartKafkaAsync(FromKafka);
        if (kafka is null)
        {
            return;
        }

        Run.Tell("filling Kafka");
        var different = await FillAsync(kafka.Writer);
        const string Perf = "kafka-consumer-perf-test";
        for (var round = 1; round <= run.Rounds; round++)
        {
            Run.Tell($"{FromKafka}, round {round}");
            var (seconds, java) = await KafkaTool.ConsumeAsync(kafka.Servers, kafka.Topic, Count);
            Add(FromKafka, Perf, seconds, java);

            var name = string.Create(CultureInfo.InvariantCulture, $"bench-{round}");
            await CountAsync(
                FromKafka, different, 700_000, Perf, [("Log:Kafka:Group", name), ("Log:Kafka:Instance", name), ("Log:Kafka:TotalsTopic", name)], "--kafka", kafka.Servers);
        }
    }

    /// <returns>How many there are to be counted.</returns>
    private async Task<long> FillAsync(Log.IInteractionLog log)
    {
        var interactions = new Interactions(Repeats);
        await Fill.WriteAsync(log, interactions, Count, run.Time);
        return interactions.Different;
    }

    private async Task CountAsync(string scenario, long different, double target, string beside, IReadOnlyList<(string, string)> settings, params string[] arguments)
    {
        // Zero first would make the second for which new series stand at 0 a part of it.
        await using var server = await Server.StartAsync("metrics", [("Expose:ZeroFirst", "00:00:00"), .. settings], arguments);
        await server.UntilAsync(
            server.Metrics, "all counted", Patience, Look, page => Server.Sum(page, "footfall_interactions_total") + Server.Sum(page, "footfall_duplicates_total") >= Count);
        var (elapsed, cpu) = (server.Elapsed, server.Cpu);
        var page = await server.SamplesAsync(server.Metrics);
        var (counted, duplicates) = (Server.Sum(page, "footfall_interactions_total"), Server.Sum(page, "footfall_duplicates_total"));
        var series = page.Count(sample => sample is { Name: "footfall_interactions_total", Value: > 0 });
        Expect(
            counted == different && duplicates == Count - different && series == Interactions.Series && Server.Sum(page, "footfall_late_total") == 0,
            $"it counted {counted} in {series} series and {duplicates} repeats, and not {different} and {Count - different}");
        Add(scenario, Case, elapsed.TotalSeconds, cpu);
        run.Report[scenario, Case, PerSecond].Than(run.Report[scenario, beside, PerSecond]);
        run.Report[scenario, Case, PerCpu].Than(run.Report[scenario, beside, PerCpu]).Wants(Target.AtLeast(target));
        run.Report[scenario, Case, "peak memory, MB"].Add(server.PeakMemory / 1e6);
        await server.StopAsync();
    }

    private void Add(string scenario, string @case, double seconds, TimeSpan cpu)
    {
        run.Report[scenario, @case, PerSecond].Add(Count / seconds);
        run.Report[scenario, @case, PerCpu].Add(Count / cpu.TotalSeconds);
    }

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
