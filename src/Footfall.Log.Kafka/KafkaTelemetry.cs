using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;

namespace Footfall.Log.Kafka;

/// <summary>
/// The meter <c>Footfall.Log.Kafka</c>. Librdkafka's statistics (once a second) are asked for only by clients made
/// while somebody listens, so a listener is to be there before the log.
/// </summary>
public static class KafkaTelemetry
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Footfall.Log.Kafka";

    private static readonly Meter Meter = new(MeterName);
    private static readonly ConcurrentDictionary<string, (long Queue, double Trip)> Seen = new(StringComparer.Ordinal);

    internal static readonly Counter<long> Sent = Meter.CreateCounter<long>(
        "footfall.log.kafka.sent", "{record}", "Interactions that Kafka acknowledged.");

    internal static readonly Counter<long> Received = Meter.CreateCounter<long>(
        "footfall.log.kafka.received", "{record}", "Interactions read from Kafka.");

    internal static readonly Counter<long> Errors = Meter.CreateCounter<long>(
        "footfall.log.kafka.errors", "{error}", "Errors that a Kafka client reported.");

    internal static readonly Counter<long> Replaced = Meter.CreateCounter<long>(
        "footfall.log.kafka.replaced", "{client}", "Producers replaced after a fatal error, a fence or an unknown end.");

    internal static readonly Counter<long> Abandoned = Meter.CreateCounter<long>(
        "footfall.log.kafka.abandoned", "{client}", "Clients left to themselves because a call into librdkafka did not return.");

    private static readonly ObservableGauge<long> Queue = Meter.CreateObservableGauge(
        "footfall.log.kafka.queue", () => Measure(seen => seen.Queue), "{record}", "Records waiting in a Kafka client.");

    private static readonly ObservableGauge<double> Trip = Meter.CreateObservableGauge(
        "footfall.log.kafka.round_trip", () => Measure(seen => seen.Trip), "s", "The slowest broker's mean round trip.");

    internal static bool WantsStatistics => Queue.Enabled || Trip.Enabled;

    /// <summary>Takes a client's statistics (librdkafka's STATISTICS.md): <c>msg_cnt</c>, and the brokers' <c>rtt.avg</c> in µs.</summary>
    internal static void Read(string client, string json)
    {
        using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(json));
        var queue = document.RootElement.TryGetProperty("msg_cnt", out var count) ? count.GetInt64() : 0;
        var trip = 0L;
        if (document.RootElement.TryGetProperty("brokers", out var brokers))
        {
            foreach (var broker in brokers.EnumerateObject())
            {
                if (broker.Value.TryGetProperty("rtt", out var rtt) && rtt.TryGetProperty("avg", out var average))
                {
                    trip = Math.Max(trip, average.GetInt64());
                }
            }
        }

        Seen[client] = (queue, trip / 1e6);
    }

    private static IEnumerable<Measurement<T>> Measure<T>(Func<(long Queue, double Trip), T> of)
        where T : struct =>
        Seen.Select(seen => new Measurement<T>(of(seen.Value), new KeyValuePair<string, object?>("client", seen.Key)));
}
