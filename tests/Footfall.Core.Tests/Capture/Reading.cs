using System.Buffers;
using System.Text;
using Footfall.Expose;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Capture;

/// <summary>A reader at a known time, and what its batches hold as text.</summary>
internal static class Reading
{
    public const string Received = "2026-11-24T05:29:48.123Z";

    public static readonly DateTimeOffset Now = new(2026, 11, 24, 5, 29, 48, 123, TimeSpan.Zero);

    public static App Shop { get; } = new("shop", ["https://shop.example"], []);

    public static FakeTimeProvider Clock() => new(Now);

    public static InteractionReader Reader(params App[] apps) => new(new AppTable(apps.Length == 0 ? [Shop] : apps), Clock());

    public static CapturedBatch Read(string body, BodyForm form = BodyForm.Json, string? origin = null) =>
        Reader().Read(Encoding.UTF8.GetBytes(body), form, new Sender(origin));

    public static IReadOnlyList<string> Records(this CapturedBatch batch) =>
        [.. batch.Records.ToArray().Select(record => Encoding.UTF8.GetString(record.Value.Span))];

    /// <summary>The collector's <c>/metrics</c>.</summary>
    public static string Page(this CaptureCounters counters, MetricsFormat format = MetricsFormat.Text)
    {
        var output = new ArrayBufferWriter<byte>();
        counters.Write(new MetricsWriter(output, format), "1.2.3", spool: null);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>The only record of a body that brings just one.</summary>
    public static string One(string body)
    {
        using var batch = Read(body);
        Assert.Null(batch.Unreadable);
        Assert.Empty(batch.Rejections);
        return Assert.Single(batch.Records());
    }

    /// <summary>The record of an interaction that has this field too.</summary>
    public static string With(string field) => One($$"""{"id":"i","target":"t",{{field}}}""");

    /// <summary>The only rejection of a body.</summary>
    public static RejectReason Reason(string body, InteractionReader? reader = null, string? origin = null)
    {
        using var batch = (reader ?? Reader()).Read(Encoding.UTF8.GetBytes(body), BodyForm.Json, new Sender(origin));
        Assert.Null(batch.Unreadable);
        Assert.Equal(0, batch.Count);
        return Assert.Single(batch.Rejections).Reason;
    }
}
