using Footfall.Capture;

namespace Footfall.Fuzz.Targets;

/// <summary>What there is to try.</summary>
internal sealed class TargetList(IReadOnlyList<Target> all) : IDisposable
{
    public IReadOnlyList<Target> All => all;

    /// <summary>No server: one thread, and all of it in Footfall.Core.</summary>
    public static TargetList OfCore() => new([
        new CaptureTarget("json", (reader, body, sender) => reader.Read(body, BodyForm.Json, sender)),
        new CaptureTarget("lines", (reader, body, sender) => reader.Read(body, BodyForm.Lines, sender)),
        Dialect("segment-batch", SegmentDialect.Batch),
        Dialect("segment-track", SegmentDialect.Of("track")),
        Dialect("segment-page", SegmentDialect.Of("page")),
        Dialect("cloudevents", CloudEventsDialect.Structured),
        new CaptureTarget("cloudevents-binary", (reader, input, sender) =>
        {
            var (attributes, body) = BinaryEvent.Read(input);
            return reader.Read(body, CloudEventsDialect.Binary(attributes), sender);
        }),
        Dialect("otlp-logs", OtlpLogsDialect.Instance),
        new LoggedTarget(),
    ]);

    /// <summary>Threads of others.</summary>
    public static TargetList OfServer() => new([new HttpTarget(), new ConfigurationTarget()]);

    public static TargetList Every() => new([.. OfCore().All, .. OfServer().All]);

    /// <summary>Of all.</summary>
    public static IReadOnlyList<string> Names
    {
        get
        {
            using var every = Every();
            return [.. every.All.Select(target => target.Name)];
        }
    }

    public void Dispose()
    {
        foreach (var target in all.OfType<IDisposable>())
        {
            target.Dispose();
        }
    }

    private static CaptureTarget Dialect(string name, Dialect dialect) => new(name, (reader, body, sender) => reader.Read(body, dialect, sender));
}
