using System.Text;
using System.Text.Json;
using CsCheck;
using Footfall.Count;

namespace Footfall.Capture;

/// <summary>What holds for any bytes in any dialect.</summary>
public sealed class DialectPropertyTests
{
    private const string Segment = """{"writeKey":"k","batch":[{"type":"track","event":"Buy \ud83d\ude00","messageId":"m","anonymousId":"a","timestamp":"2026-11-24T05:29:48Z","properties":{"value":1.5,"a":{"b":[1]},"c":"\u00e9"},"context":{"page":{"path":"/1/b"}}},{"type":"identify"},{"type":"page","name":"n","properties":{"url":"https://a/b"}}],"sentAt":"2026-11-24T05:29:48Z"}""";
    private const string CloudEvents = """[{"specversion":"1.0","id":"1","source":"/a","type":"footfall.interaction.click","time":"2026-11-24T05:29:48Z","data":{"target":"t","page":"/","value":1,"properties":{"a":"\u00e9"}}},{"specversion":"1.0","id":"2","source":"/apps/shop","type":"com.example"}]""";
    private const string Otlp = """{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"s"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1795498187500000000","eventName":"app.widget.click","attributes":[{"key":"app.widget.name","value":{"stringValue":"B"}},{"key":"event.id","value":{"stringValue":"e"}},{"key":"value","value":{"intValue":"5"}}]},{"body":{}}]}]}]}""";

    private static readonly Gen<byte[]> Tokens = Gen.OneOf(
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", "\\ud800", "\\u0000", "null", "1e400", "-1", "\uFEFF", " ", "\"batch\":[", "\"type\":\"track\"", "\"event\":",
        "\"resourceLogs\":[", "\"scopeLogs\":[", "\"logRecords\":[", "\"eventName\":\"e\"", "\"attributes\":[", "\"key\":\"value\"", "\"value\":{", "\"intValue\":\"1\"",
        "\"data\":{", "\"specversion\":\"1.0\"", "\"properties\":{", "\"context\":{")
        .Array[0, 40].Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));

    private static readonly Gen<byte[]> Bodies = Gen.OneOf<byte[]>(Gen.Byte.Array[0, 200], Tokens, Mutated(Segment), Mutated(CloudEvents), Mutated(Otlp));

    private static readonly Gen<string> Header = Gen.OneOf<string>(Texts.Short, Texts.Messy, Gen.String, Gen.OneOf("1.0", "footfall.interaction.click", "/apps/shop", "\ud800"));

    private static readonly Gen<Dialect> Dialects = Gen.OneOf<Dialect>(
        Gen.OneOf<Dialect>(
            SegmentDialect.Batch, SegmentDialect.Of("track"), SegmentDialect.Of("page"), SegmentDialect.Of("identify"), CloudEventsDialect.Structured, OtlpLogsDialect.Instance),
        Header.Array[5].Select(headers => (Dialect)CloudEventsDialect.Binary(name => headers[Math.Abs(name[0] + name.Length) % 5])));

    [Fact]
    public void No_bytes_make_a_dialect_throw_and_whatever_is_taken_can_be_counted() =>
        Gen.Select(Bodies, Dialects).Sample((body, dialect) =>
        {
            using var batch = Reading.Reader().Read(body, dialect, default);
            Assert.Equal(batch.Events, batch.Count + batch.Rejections.Count + batch.Ignored.Count);
            Assert.Equal(batch.Rejections.Count, batch.RejectedApps.Count);
            Assert.All(batch.Records(), record => JsonDocument.Parse(record).Dispose());
            foreach (var record in batch.Records.ToArray())
            {
                Assert.True(LoggedInteraction.TryRead(record.Value.Span, new byte[LoggedInteraction.ScratchBytes], out _));
            }
        }, iter: 20_000);

    private static Gen<byte[]> Mutated(string valid) => Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int[0, 12], Gen.OneOf<byte[]>(Gen.Byte.Array[0, 4], Tokens))
        .Array[0, 3].Select(cuts =>
        {
            var body = Encoding.UTF8.GetBytes(valid).ToList();
            foreach (var (at, length, insert) in cuts)
            {
                var start = Math.Min(at, body.Count);
                body.RemoveRange(start, Math.Min(length, body.Count - start));
                body.InsertRange(start, insert);
            }

            return body.ToArray();
        });
}
