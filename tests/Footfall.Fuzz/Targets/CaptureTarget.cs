using Footfall.Capture;
using Footfall.Log;

namespace Footfall.Fuzz.Targets;

/// <summary>A body in a form or dialect, for a collector of one app and for one of several with keys.</summary>
internal sealed class CaptureTarget(string name, Func<InteractionReader, byte[], Sender, CapturedBatch> read) : Target(name)
{
    private const string Key = "shop-key-0123456789";

    /// <summary>
    /// For each byte: a document's index of 12 bytes a token, a number's token and its comma being two bytes; texts as
    /// UTF-16; a list's entries of what is rejected or taken, which grow by doubling. For each event, of which there are at
    /// most <see cref="CaptureLimits.BatchCount"/>: the attributes of a log record, or one exception where a line is broken.
    /// So a body of the largest size costs 160 MB at most, which is garbage at once, and takes a core for 0.2 s, or for 1 s
    /// with an exception an event, on a slow machine with others on it and with every branch written down.
    /// </summary>
    private static readonly Bounds Bounds = new(
        BytesAByte: 96, BytesAnEvent: 6 * 1024, BytesAlways: 64 * 1024,
        AByte: TimeSpan.FromMicroseconds(0.2), AnEvent: TimeSpan.FromMicroseconds(100), Always: TimeSpan.FromMilliseconds(20));

    private static readonly App[] Apps =
    [
        new("shop", ["https://shop.example"], ["/courses/:course", "/docs/*", "/"], Key),
        new("blog", ["*"], []) { Bots = BotPolicy.Count },
    ];

    private readonly (InteractionReader Reader, Sender Sender)[] _collectors =
    [
        (Reader(new App("shop", ["https://shop.example"], [])), default),
        (Reader(Apps), new Sender("https://shop.example", Key, ClockBehind: 100_000, BotKind.None)),
        (Reader(Apps), new Sender("https://other.example", Key: null, ClockBehind: null, BotKind.Crawler)),
    ];

    public override void Check(byte[] input)
    {
        foreach (var (reader, sender) in _collectors)
        {
            using var batch = read(reader, input, sender);
            CheckBooks(batch, input.Length);
            foreach (var record in batch.Records.Span)
            {
                RecordOracle.Check(record);
            }

            Bounds.Check(
                () =>
                {
                    using var again = read(reader, input, sender);
                    CheckSame(batch, again);
                },
                input.Length,
                batch.Events);
        }
    }

    private static InteractionReader Reader(params App[] apps) => new(new AppTable(apps), new FixedTime());

    /// <summary>received = accepted + rejected + bots, and each rejection has its app, reason and place.</summary>
    private static void CheckBooks(CapturedBatch batch, int length)
    {
        BrokenPromise.Unless(batch.Events == batch.Count + batch.Rejections.Count + batch.Retries.Count + batch.Bots.Count + batch.Ignored.Count, "events are missing");
        BrokenPromise.Unless(batch.Records.Length == batch.Count && batch.PerApp.Sum(taken => taken.Count) == batch.Count, "records are missing");
        BrokenPromise.Unless(batch.Events <= CaptureLimits.BatchCount, "more events than are taken");
        BrokenPromise.Unless(batch.Rejections.Count == batch.RejectedPlaces.Count && batch.Rejections.Count == batch.RejectedApps.Count, "a rejection without its place or app");
        var last = -1;
        for (var i = 0; i < batch.Rejections.Count; i++)
        {
            var (index, reason) = batch.Rejections[i];
            BrokenPromise.Unless(index > last && index < batch.Events, $"rejection {i} is of event {index}");
            BrokenPromise.Unless(reason == batch.RejectedApps[i].Reason && reason.Name().Length > 0 && reason.Explain().Length > 0, "a rejection has two reasons");
            last = index;
            var (offset, end) = (batch.RejectedPlaces[i].Start.Value, batch.RejectedPlaces[i].End.Value);
            BrokenPromise.Unless(0 <= offset && offset <= end && end <= length, $"a place is outside the body: {offset}..{end}");
        }
    }

    /// <summary>A repeat has the same identities, or it would count twice; only an id that we made is another.</summary>
    private static void CheckSame(CapturedBatch first, CapturedBatch again)
    {
        BrokenPromise.Unless(
            first.Unreadable == again.Unreadable && first.TooMany == again.TooMany && first.Rejections.SequenceEqual(again.Rejections) && first.Count == again.Count,
            "the same bytes are read in two ways");
        var records = first.Records.Span;
        var repeats = again.Records.Span;
        for (var i = 0; i < records.Length; i++)
        {
            BrokenPromise.Unless(IsSame(records[i], repeats[i]), $"record {i} is another one when it is read again");
        }
    }

    private static bool IsSame(LogRecord record, LogRecord repeat)
    {
        if (record.Id.Span.SequenceEqual(repeat.Id.Span))
        {
            return record.Value.Span.SequenceEqual(repeat.Value.Span) && record.Key.Span.SequenceEqual(repeat.Key.Span)
                && record.Source == repeat.Source && record.Type == repeat.Type;
        }

        // {"id":"...": all after an id of 36 bytes.
        return record.Id.Length == 36 && repeat.Id.Length == 36 && record.Value.Span[43..].SequenceEqual(repeat.Value.Span[43..]);
    }
}
