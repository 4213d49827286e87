using System.Globalization;
using Footfall.Bench.Measure;
using Footfall.Testing;

namespace Footfall.Bench.Scenarios;

/// <summary>How many interactions a collector takes by HTTP into each log, beside a server that only reads and answers.</summary>
internal sealed class HttpToLog(Run run)
{
    public const string ToNull = "http_to_null";
    public const string ToSqlite = "http_to_sqlite";
    public const string ToKafka = "http_to_kafka";

    private const string PerSecond = "interactions a second";
    private const string PerCpu = "interactions per CPU second of the process";
    private const string Perf = "kafka-producer-perf-test";

    /// <summary>For what Kafka's own program writes in a round, some seconds.</summary>
    private const int PerfRecords = 500_000;

    private const int Warmup = 1; // seconds
    private static readonly int[] Batches = [1, 20, 100];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task RunAsync()
    {
        if (!Wrk.IsHere)
        {
            run.Report.Skip("http_to_…", "wrk is not on the PATH (Debian: apt-get install wrk)");
            return;
        }

        await using var none = await Server.StartNullAsync();
        await using var sqlite = run.Wants(ToSqlite) ? await Server.StartAsync("collector", Settings) : null;
        await using var kafka = run.Wants(ToKafka) ? await run.StartKafkaAsync(ToKafka) : null;
        await using var onKafka = kafka is null ? null : await Server.StartAsync("collector", Settings, "--kafka", kafka.Servers);
        var sinks = new List<Sink> { new(ToNull, none, null) };
        if (sqlite is not null)
        {
            sinks.Add(new(ToSqlite, sqlite, () => SqliteFile.CountAsync(sqlite.Data)));
        }

        if (onKafka is not null)
        {
            sinks.Add(new(ToKafka, onKafka, () => Task.FromResult(kafka!.Look().Records)) { Kafka = kafka });
        }

        foreach (var sink in sinks)
        {
            // What is compiled at run time is compiled by then.
            sink.Add(await Wrk.RunAsync(sink.Server.Collector, batch: 20, Warmup), 20);
        }

        for (var round = 1; round <= run.Rounds; round++)
        {
            foreach (var batch in Batches)
            {
                foreach (var sink in sinks)
                {
                    await MeasureAsync(sink, batch);
                }
            }

            if (kafka is not null)
            {
                await ProduceAsync(kafka);
            }
        }

        foreach (var sink in sinks)
        {
            await sink.CheckAsync(run.Report);
        }
    }

    /// <summary>All requests come from one address; a second of more than the limit would be answered with 429.</summary>
    private static IReadOnlyList<(string, string)> Settings => [("Capture:MaxRequestsPerSecond", "1000000000")];

    private async Task MeasureAsync(Sink sink, int batch)
    {
        Run.Tell($"{sink.Name}, {batch} a request");
        var (cpu, broker) = (sink.Server.Cpu, sink.Kafka?.BrokerCpu);
        var answered = await Wrk.RunAsync(sink.Server.Collector, batch, run.Seconds);
        cpu = sink.Server.Cpu - cpu;
        sink.Add(answered, batch);

        var (report, size) = (run.Report, batch == 1 ? "one a request" : string.Create(CultureInfo.InvariantCulture, $"{batch} a request"));
        var perSecond = report[sink.Name, size, PerSecond].Add(answered.Answered * batch / answered.Seconds);
        var perCpu = report[sink.Name, size, PerCpu].Add(answered.Answered * batch / cpu.TotalSeconds);
        report[sink.Name, size, "99th percentile of answers, ms"].Add(answered.P99);
        if (sink.Name == ToNull)
        {
            return;
        }

        perCpu.Than(report[ToNull, size, PerCpu]);
        perSecond.Than(sink.Kafka is null ? report[ToNull, size, PerSecond] : report[Perf, "acks=all", PerSecond]);
        if (batch == 1)
        {
            perCpu.Wants(Target.PartAtLeast(0.6));
        }
        else if (batch == 100)
        {
            perCpu.Wants(Target.AtLeast(sink.Kafka is null ? 400_000 : 250_000));
        }

        if (broker is { } before)
        {
            report[sink.Name, size, "interactions per CPU second of the broker"].Add(answered.Answered * batch / (sink.Kafka!.BrokerCpu - before).TotalSeconds);
        }
    }

    private async Task ProduceAsync(KafkaLog kafka)
    {
        Run.Tell(Perf);
        var size = kafka.Look().ValueLength;
        var (perSecond, cpu) = await KafkaTool.ProduceAsync(kafka.Servers, await kafka.MakeTopicAsync(), PerfRecords, size);
        run.Report[Perf, "acks=all", PerSecond].Add(perSecond);
        run.Report[Perf, "acks=all", PerCpu].Add(PerfRecords / cpu.TotalSeconds);
    }

    /// <param name="Records">How many the log holds; null: there is none.</param>
    private sealed record Sink(string Name, Server Server, Func<Task<long>>? Records)
    {
        private long _answered;
        private long _unanswered;

        public KafkaLog? Kafka { get; init; }

        public void Add(Wrk answered, int batch)
        {
            _answered += answered.Answered * batch;
            _unanswered += Wrk.Connections * batch; // what was under way at the end may have been taken
        }

        /// <summary>What was answered was accepted, and what was accepted is in the log, to the unit.</summary>
        public async Task CheckAsync(Report report)
        {
            if (Records is null)
            {
                return;
            }

            await Server.UntilAsync(
                Server.Collector, "an end of what is in flight", Patience, TimeSpan.FromMilliseconds(100), page => Server.Sum(page, "footfall_in_flight") == 0 && Server.Sum(page, "footfall_spool_waiting") == 0);
            var page = await Server.SamplesAsync(Server.Collector);
            var accepted = Server.Sum(page, "footfall_accepted_total");
            await Server.StopAsync();
            var records = await Records();
            if (accepted < _answered || accepted > _answered + _unanswered || records != accepted)
            {
                throw new InvalidOperationException($"{_answered} interactions were answered with 202, {accepted} accepted, and {records} are in the log.");
            }

            if (Kafka is not null)
            {
                report[Name, "all", "interactions that went through the spool, %"].Add(100.0 * Server.Sum(page, "footfall_spooled_total") / accepted);
            }
        }
    }
}
