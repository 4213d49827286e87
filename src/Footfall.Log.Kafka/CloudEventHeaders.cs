using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>
/// A record's headers: CloudEvents 1.0 in binary mode (Kafka Protocol Binding for CloudEvents 1.0.2, section 3.2), so
/// that Connect, ksqlDB and Flink read the value as the interaction's own JSON.
/// </summary>
internal static class CloudEventHeaders
{
    // Sources and types are few (apps, kinds of interaction); a stranger's must not grow this without end.
    private const int CacheBound = 1_000;
    private static readonly Header SpecVersion = new("ce_specversion", "1.0"u8.ToArray());
    private static readonly Header ContentType = new("content-type", "application/json"u8.ToArray());
    private static readonly ConcurrentDictionary<string, Header> Sources = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, Header> Types = new(StringComparer.Ordinal);

    private static KnownTime? _lastTime; // a request's records have one

    public static Headers Of(in LogRecord record) =>
    [
        SpecVersion,
        new Header("ce_id", record.Id.ToArray()),
        Cached(Sources, "ce_source", record.Source),
        Cached(Types, "ce_type", record.Type),
        Time(record.Time),
        ContentType,
    ];

    /// <summary>RFC 3339 in UTC, with milliseconds.</summary>
    private static Header Time(long unixMilliseconds)
    {
        var last = Volatile.Read(ref _lastTime);
        if (last?.UnixMilliseconds != unixMilliseconds)
        {
            var text = new byte[24];
            DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds)
                .TryFormat(text, out _, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            last = new KnownTime(unixMilliseconds, new Header("ce_time", text));
            Volatile.Write(ref _lastTime, last);
        }

        return last.Header;
    }

    private static Header Cached(ConcurrentDictionary<string, Header> cache, string name, string value)
    {
        if (cache.TryGetValue(value, out var header))
        {
            return header;
        }

        header = new Header(name, Encoding.UTF8.GetBytes(value));
        return cache.Count < CacheBound ? cache.GetOrAdd(value, header) : header;
    }

    private sealed record KnownTime(long UnixMilliseconds, Header Header);
}
