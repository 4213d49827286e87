using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CsCheck;

namespace Footfall.Capture;

/// <summary>The short way to an interaction's fields finds what the general one does, or leaves the object to it.</summary>
public sealed class PlainFormTests
{
    private static readonly string[] Plain =
    [
        """{"id":"0193f1a2-7b3c-7def-8123-000000000001","app":"shop","type":"click","target":"Enroll Now","page":"/courses/rust?x=1","visitor":"v","view":"0193f1a2-7b3c-7def-a123-000000000001","n":12,"at":1795478400123}""",
        """{"type":"view","page":"/courses/1234","n":1,"session":"s","view":""}""",
        """{"at":0,"value":1000000000,"n":2147483647,"target":"Größe  wählen 日本","more":5,"another":"…"}""",
        """{"id":"","visitor":"","target":" t ","type":"no word","app":"blog"}""",
        """{"id":"a","id":"b","id":"","n":1,"n":2,"target":"one","target":"two"}""",
    ];

    private static readonly byte[][] Snippets =
    [
        .. new[]
        {
            "\\u0061", "\\ud800", "\"", "{", "}", "[", "]", ",", ":", " ", "\n", "\u0001", "\u00e9", "\u0085", "-", "+", ".", "e5", "0", "00", "1.5", "9999999999999999", "253402300800000", "null", "true",
            "\"n\":3,", ",\"id\":\"x\"", "\"id\":1,", "\"at\":\"2026-11-24T05:29:48Z\",", "\"value\":1e3,", "\"properties\":{},", "\"target\":null,", "\"target\":\"" + new string('t', 300) + "\",",
            "\"id\":\"" + new string('i', 65) + "\",", "\"\":\"\",",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF],
        [0xC3],
    ];

    [Fact]
    public void What_browsers_write_of_texts_and_whole_numbers_is_in_it()
    {
        foreach (var json in Plain.Select(Encoding.UTF8.GetBytes))
        {
            using var scratch = new Scratch(16);
            var fields = new InteractionFields(scratch);
            Assert.True(fields.TryReadPlain(json));
            Assert.True(fields.IsPlain);
            AssertSame(json, fields, scratch);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "target":"t"}""")]
    [InlineData("""{"target":"t" }""")]
    [InlineData("""{"target":"t"}}""")]
    [InlineData("""{"target":"t",}""")]
    [InlineData("""{"target":"t"} {"target":"t"}""")]
    [InlineData("""{"target":"\u0074"}""")]
    [InlineData("""{"target":null}""")]
    [InlineData("""{"value":1.5}""")]
    [InlineData("""{"value":1e3}""")]
    [InlineData("""{"n":-1}""")]
    [InlineData("""{"n":0}""")]
    [InlineData("""{"n":01}""")]
    [InlineData("""{"n":"1"}""")]
    [InlineData("""{"at":"2026-11-24T05:29:48Z"}""")]
    [InlineData("""{"id":1}""")]
    [InlineData("""{"properties":{}}""")]
    [InlineData("""{"target":"t""")]
    [InlineData("""{"target""")]
    public void Whatever_else_there_is_is_left_to_the_general_way(string json)
    {
        using var scratch = new Scratch(16);
        var fields = new InteractionFields(scratch);
        Assert.False(fields.TryReadPlain(Encoding.UTF8.GetBytes(json)));
        Assert.False(fields.IsPlain);
    }

    [Fact]
    public void Whatever_it_reads_the_general_way_reads_alike()
    {
        var mutation = Gen.Select(Gen.Double[0, 1], Gen.Int[0, 8], Gen.OneOf(Gen.OneOf(Snippets), Gen.Byte.Array[0, 3]));
        var read = 0;
        Gen.Select(Gen.OneOf(Plain), mutation.Array[0, 2]).Sample(
            (body, mutations) =>
            {
                var bytes = Encoding.UTF8.GetBytes(body).ToList();
                foreach (var (place, remove, insert) in mutations)
                {
                    var start = (int)(place * bytes.Count);
                    bytes.RemoveRange(start, Math.Min(remove, bytes.Count - start));
                    bytes.InsertRange(start, insert);
                }

                byte[] json = [.. bytes];
                using var scratch = new Scratch(16);
                var fields = new InteractionFields(scratch);
                if (Utf8.IsValid(json) && fields.TryReadPlain(json))
                {
                    read++;
                    AssertSame(json, fields, scratch);
                }
            },
            iter: 20_000,
            threads: 1);
        Assert.True(read > 2_000);
    }

    /// <summary>A blank after the brace makes it the general one.</summary>
    [Fact]
    public void Records_of_both_ways_are_the_same_bytes()
    {
        string[] fields =
        [
            "\"type\":\"view\"", "\"type\":\"buy.it\"", "\"target\":\"a  b\u007f \u200e Größe\"", "\"target\":\"x\"", "\"page\":\"/courses/rust/é?x\"", "\"page\":\"\"", "\"page\":\"/12/ab\"",
            "\"visitor\":\"v\"", "\"visitor\":\"\"", "\"view\":\"w\"", "\"n\":7", "\"at\":1795478400123", "\"value\":5", "\"session\":\"s\"", "\"more\":1", "\"\":\"\"",
            "\"target\":\"" + new string('é', 400) + "\"", "\"page\":\"/" + new string('q', 4000) + "\"",
        ];
        App[] apps = [new("shop", ["*"], ["/courses/:a\"b\\c/*"]), new("blog", ["*"], [])];
        Gen.OneOf(fields).Array[0, 9].Array[1, 5].Sample(
            lines =>
            {
                var plain = lines.Select((line, number) => $$"""{"id":"i{{number}}","app":"{{(number % 2 == 0 ? "shop" : "blog")}}"{{string.Concat(line.Select(field => "," + field))}}}""").ToList();
                using var one = Reading.Reader(apps).Read(Encoding.UTF8.GetBytes(string.Join('\n', plain)), BodyForm.Lines, default);
                using var other = Reading.Reader(apps).Read(Encoding.UTF8.GetBytes(string.Join('\n', plain.Select(line => "{ " + line[1..]))), BodyForm.Lines, default);
                Assert.Equal(other.Records(), one.Records());
                Assert.Equal(other.Rejections, one.Rejections);
                Assert.Equal((other.ShortenedPages, other.ShortenedTargets), (one.ShortenedPages, one.ShortenedTargets));
            },
            iter: 5_000);
    }

    /// <summary>A text of a pattern is not the sender's, and may have what JSON escapes.</summary>
    [Fact]
    public void Names_of_patterns_are_escaped_in_records()
    {
        var app = new App("shop", ["*"], ["/courses/:a\"b\\c"]);
        using var batch = Reading.Reader(app).Read("""{"id":"i","target":"t","page":"/courses/rust"}"""u8.ToArray(), BodyForm.Json, default);
        using var record = JsonDocument.Parse(Assert.Single(batch.Records()));
        Assert.Equal("/courses/:a\"b\\c", record.RootElement.GetProperty("page").GetString());
    }

    private static void AssertSame(byte[] json, InteractionFields found, Scratch foundTexts)
    {
        using var texts = new Scratch(16);
        var expected = new InteractionFields(texts);
        var reader = new Utf8JsonReader(json);
        Assert.True(reader.Read());
        expected.Read(ref reader);
        Assert.False(reader.Read());
        Assert.Equal(Texts(expected, texts), Texts(found, foundTexts));
        Assert.Equal(
            (expected.Number, expected.At, expected.SentAt, expected.Value, expected.Properties, expected.TargetShortened, expected.Wrong),
            (found.Number, found.At, found.SentAt, found.Value, found.Properties, found.TargetShortened, found.Wrong));
    }

    private static string?[] Texts(InteractionFields fields, Scratch scratch) =>
    [
        .. new[] { fields.Id, fields.App, fields.Type, fields.Target, fields.Page, fields.Visitor, fields.Session, fields.View }
            .Select(slot => slot is { } text ? Encoding.UTF8.GetString(scratch[text]) : null),
    ];
}
