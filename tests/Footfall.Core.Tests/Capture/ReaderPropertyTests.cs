using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Footfall.Count;

namespace Footfall.Capture;

/// <summary>What holds for any input.</summary>
public sealed class ReaderPropertyTests
{
    private const string Valid = """[{"id":"i","app":"shop","type":"click","target":"Buy \ud83d\ude00","page":"https://a/1/b?c","visitor":"v","session":"s","at":"2026-11-24T05:29:48Z","value":1.5,"properties":{"a":"\u00e9","b":1}},{"target":"\n"}]""";

    private static readonly Gen<byte[]> Tokens = Gen.OneOf(
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", "\\ud800", "\\udc00", "\\u0000", "\"id\"", "\"at\"", "\"target\":", "\"properties\":{", "null",
        "1e400", "-1", "{\"target\":\"t\"}", "\uFEFF", " ").Array[0, 40].Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));

    private static readonly Gen<byte[]> Mutated = Gen.Select(Gen.Int[0, Valid.Length - 1], Gen.Int[0, 12], Gen.OneOf<byte[]>(Gen.Byte.Array[0, 4], Tokens))
        .Array[1, 4].Select(cuts =>
        {
            var body = Encoding.UTF8.GetBytes(Valid).ToList();
            foreach (var (at, length, insert) in cuts)
            {
                var start = Math.Min(at, body.Count);
                body.RemoveRange(start, Math.Min(length, body.Count - start));
                body.InsertRange(start, insert);
            }

            return body.ToArray();
        });

    private static readonly Gen<string> Identities = Texts.Short.Where(text => !text.Any(c => c < ' '));

    private static readonly Gen<Sent> Interactions = Gen.Select(
        Gen.OneOf<string>(Identities, Gen.OneOf("019ab3a0-0000-7000-8000-000000000001")),
        Gen.OneOf("click", "view", "my.type:x-1_"),
        Gen.OneOf<string>(Texts.Valid, Texts.Messy, Texts.Short),
        Gen.OneOf<string>(Texts.Valid, Texts.Messy, Texts.Short),
        Identities,
        Gen.Long[0, 253_402_300_799_999],
        Gen.Int[-1, 1_000_000_000]).Select((id, type, target, page, visitor, at, value) =>
            new Sent(id, type, target, page, visitor, at, value < 0 ? null : value / 1000m));

    [Fact]
    public void No_bytes_make_the_reader_throw() =>
        Gen.Select(Gen.OneOf<byte[]>(Gen.Byte.Array[0, 200], Tokens, Mutated), Gen.Bool).Sample((body, lines) =>
        {
            using var batch = Reading.Reader().Read(body, lines ? BodyForm.Lines : BodyForm.Json, default);
            Assert.True(batch.Unreadable is not null || batch.Received == batch.Count + batch.Rejections.Count);
            Assert.Equal(batch.Rejections.Count, batch.RejectedApps.Count);
            Assert.Equal(batch.Rejections.Count, batch.RejectedPlaces.Count);
            Assert.All(batch.RejectedPlaces, place => Assert.True(body[place].Length <= body.Length));
            Assert.All(batch.Records(), record => JsonDocument.Parse(record).Dispose());
        }, iter: 20_000);

    [Fact]
    public void Whatever_is_taken_can_be_counted() =>
        Gen.OneOf<byte[]>(Tokens, Mutated).Sample(body =>
        {
            using var batch = Reading.Reader().Read(body, BodyForm.Json, default);
            foreach (var record in batch.Records.ToArray())
            {
                Assert.True(LoggedInteraction.TryRead(record.Value.Span, new byte[LoggedInteraction.ScratchBytes], out _));
            }
        }, iter: 5_000);

    [Fact]
    public void Interaction_is_counted_with_the_fields_it_was_taken_with() =>
        Interactions.Sample(sent =>
        {
            using var batch = Reading.Read(sent.ToJson());
            if (batch.Count == 0)
            {
                // Nothing but blanks and controls.
                Assert.Equal(RejectReason.InvalidTarget, Assert.Single(batch.Rejections).Reason);
                Assert.Empty(Cleaned(sent.Target));
                return;
            }

            var record = batch.Records.Span[0];
            Assert.True(LoggedInteraction.TryRead(record.Value.Span, new byte[LoggedInteraction.ScratchBytes], out var counted));
            Assert.Equal(sent.Id, Text(counted.Id));
            Assert.Equal(sent.Id, Text(record.Id.Span));
            Assert.Equal("shop", Text(counted.App));
            Assert.Equal(sent.Type, Text(counted.Type));
            Assert.Equal(Cleaned(sent.Target), Text(counted.Target));
            Assert.Equal(Page(sent.Page), Text(counted.Page));
            Assert.Equal(sent.Visitor, Text(counted.Visitor));
            Assert.Equal(sent.Visitor, Text(record.Key.Span));
            Assert.Equal(Reading.Now.ToUnixTimeMilliseconds(), counted.Received);
            Assert.Equal(sent.Id.StartsWith("019ab3a0-", StringComparison.Ordinal) ? 0x019ab3a00000 : InWindow(sent.At), counted.OwnTime);
            Assert.Equal(sent.Value, counted.Value);
        }, iter: 3_000);

    private static long InWindow(long at)
    {
        var now = Reading.Now.ToUnixTimeMilliseconds();
        return Math.Clamp(at, now - (long)CaptureLimits.OldestAt.TotalMilliseconds, now);
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static string Page(string page)
    {
        var bytes = Encoding.UTF8.GetBytes(page);
        var label = new byte[Reading.Shop.Pages.MaxBytes(bytes.Length)];
        return page.Length == 0 ? "" : Cleaned(Text(label.AsSpan(0, Reading.Shop.Pages.Normalise(bytes, label))));
    }

    private static string Cleaned(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var label = new byte[Labels.MaxBytes(bytes.Length, CaptureLimits.TargetLength)];
        return Text(label.AsSpan(0, Labels.Clean(bytes, label, CaptureLimits.TargetLength, out _)));
    }

    private sealed record Sent(string Id, string Type, string Target, string Page, string Visitor, long At, decimal? Value)
    {
        public string ToJson() => $$"""
            {"id":{{JsonSerializer.Serialize(Id)}},"type":"{{Type}}","target":{{JsonSerializer.Serialize(Target)}},"page":{{JsonSerializer.Serialize(Page)}},
             "visitor":{{JsonSerializer.Serialize(Visitor)}},"at":{{At.ToString(CultureInfo.InvariantCulture)}},"value":{{Value?.ToString(CultureInfo.InvariantCulture) ?? "null"}}}
            """;
    }
}
