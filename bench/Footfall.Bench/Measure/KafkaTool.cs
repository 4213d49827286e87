using System.Globalization;
using System.Text.RegularExpressions;
using Footfall.Testing;

namespace Footfall.Bench.Measure;

/// <summary>Kafka's own programs for measuring it.</summary>
internal static partial class KafkaTool
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Writes records of one size with acks=all. Returns records a second, as it tells, and its processor time, Java's start included.</summary>
    public static async Task<(double PerSecond, TimeSpan Cpu)> ProduceAsync(string servers, string topic, int records, int size)
    {
        var (said, cpu) = await RunAsync(
            "kafka-producer-perf-test.sh", "--topic", topic, "--num-records", Text(records), "--record-size", Text(size), "--throughput", "-1",
            "--producer-props", $"bootstrap.servers={servers}", "acks=all");
        var last = Produced().Matches(said).LastOrDefault(match => match.Groups["records"].Value == Text(records))
            ?? throw new InvalidOperationException($"kafka-producer-perf-test.sh did not send {records} records: {said}");
        return (double.Parse(last.Groups["rate"].Value, CultureInfo.InvariantCulture), cpu);
    }

    /// <summary>Reads so many records. Returns seconds of reading, as it tells, and its processor time, Java's start included.</summary>
    public static async Task<(double Seconds, TimeSpan Cpu)> ConsumeAsync(string servers, string topic, long records)
    {
        var (said, cpu) = await RunAsync(
            "kafka-consumer-perf-test.sh", "--topic", topic, "--messages", Text(records), "--bootstrap-server", servers, "--timeout", "60000");
        // start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, ...
        var fields = said.Split('\n').Select(line => line.Split(", ")).LastOrDefault(line => line.Length >= 8 && long.TryParse(line[4], CultureInfo.InvariantCulture, out _));
        return fields is not null && long.Parse(fields[4], CultureInfo.InvariantCulture) >= records
            ? (double.Parse(fields[7], CultureInfo.InvariantCulture) / 1000, cpu)
            : throw new InvalidOperationException($"kafka-consumer-perf-test.sh did not read {records} records: {said}");
    }

    private static async Task<(string Said, TimeSpan Cpu)> RunAsync(string script, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var output = Path.Combine(folder.Path, "tool.log");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["LOG_DIR"] = folder.Path, ["KAFKA_HEAP_OPTS"] = "-Xms128m -Xmx384m" };
        await using var tool = await KeptProcess.StartAsync(Path.Combine(Here.KafkaHome!, "bin", script), arguments, output, environment);
        var ended = tool.EndAsync();
        var cpu = TimeSpan.Zero;
        for (var left = Limit; !ended.IsCompleted && left > TimeSpan.Zero; left -= Look)
        {
            cpu = Cpu.Find(tool.Id) ?? cpu; // gone between two looks
            await Task.WhenAny(ended, Task.Delay(Look, TimeProvider.System));
        }

        return (await File.ReadAllTextAsync(output), cpu);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<records>\d+) records sent, (?<rate>[\d.]+) records/sec", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Produced();
}
