using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Footfall.Capture;
using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Count;

/// <summary>The short way to a record's fields finds what the general one does, or leaves the record to it.</summary>
public sealed class CollectorFormTests
{
    private static readonly string[] Bodies =
    [
        """{"type":"view","page":"/courses/rust"}""",
        """{"id":"0193f1a2-7b3c-7def-8123-000000000001","target":"Enroll Now","page":"/","visitor":"v","view":"0193f1a2-7b3c-7def-a123-000000000001","n":12,"at":1795478400123}""",
        """{"id":"i","target":"Größe wählen 日本","visitor":"v","session":"s","value":12.50}""",
        """{"target":"Buy Now","value":0,"properties":{"a":1.5e3,"b":null,"c":"text","d":true}}""",
        """{"target":"Buy Now","value":999,"view":"no uuid","n":2147483647}""",
    ];

    /// <summary>What others might write, or a log in disorder has.</summary>
    private static readonly byte[][] Snippets =
    [
        .. new[]
        {
            "\\u0061", "\"", "{", "}", "[", ",", ":", " ", "\n", "\u0001", "\u00e9", "-", "+", ".", "e5", "0", "00", "1.", ".5", "9999999999", "null", "\"n\":3,", ",\"id\":\"x\"",
            "2026-02-30T05:29:48.123Z", "2024-02-29T23:59:59.999Z", "2026-11-24T24:00:00.000Z", "2026-11-24T05:60:00.000Z", "2026-11-24T05:29:60.000Z", "2026-11-24t05:29:48.123z",
            "0000-11-24T05:29:48.123Z", "1969-11-24T05:29:48.123Z", "9999-12-31T23:59:59.999Z", "[[[[{}]]]]", "0193F1A2-7B3C-7DEF-A123-000000000001", "0193f1a2-7b3c-7def-a123-00000000000g",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF],
        [0xC3],
    ];

    [Fact]
    public void What_a_collector_writes_is_in_it()
    {
        foreach (var record in Bodies.Select(Written))
        {
            Assert.True(CollectorForm.TryRead(record, new TimeReader(), new TimeReader(), out var form), Encoding.UTF8.GetString(record));
            AssertSame(record, form);
        }
    }

    [Theory]
    [InlineData("Buy Now")]
    [InlineData("/courses")]
    public void A_label_that_is_there_and_empty_leaves_the_labels_without_a_spelling(string label)
    {
        var written = Encoding.UTF8.GetString(Written("""{"target":"Buy Now","page":"/courses"}"""));
        var record = Encoding.UTF8.GetBytes(written.Replace(label, "", StringComparison.Ordinal));
        Assert.True(CollectorForm.TryRead(record, new TimeReader(), new TimeReader(), out var form));
        Assert.True(form.Labels.IsEmpty);
        AssertSame(record, form);
    }

    [Theory]
    [InlineData("""{"target":"say \"hi\""}""")]
    [InlineData("""{"target":"Buy Now","properties":{"path":"C:\\"}}""")]
    public void What_has_escapes_is_left_to_the_general_way(string body)
    {
        var record = Written(body);
        Assert.False(CollectorForm.TryRead(record, new TimeReader(), new TimeReader(), out _));
        Assert.True(LoggedInteraction.TryRead(record, new byte[LoggedInteraction.ScratchBytes], out _));
    }

    [Theory]
    [InlineData("1970-01-01T00:00:00.000Z", true)]
    [InlineData("1969-12-31T23:59:59.999Z", false)]
    [InlineData("2106-02-07T06:28:15.000Z", true)]
    [InlineData("2106-02-07T06:28:15.001Z", false)]
    [InlineData("9999-12-31T23:59:59.999Z", false)]
    public void What_was_received_when_no_seconds_count_is_no_interaction_either_way(string received, bool isRight)
    {
        var written = Encoding.UTF8.GetString(Written("""{"target":"Buy Now"}"""));
        var start = written.IndexOf("\"received\":\"", StringComparison.Ordinal) + 12;
        var record = Encoding.UTF8.GetBytes(written[..start] + received + written[(start + TimeReader.Length)..]);
        Assert.Equal(isRight, CollectorForm.TryRead(record, new TimeReader(), new TimeReader(), out _));
        Assert.Equal(isRight, LoggedInteraction.TryRead(record, new byte[LoggedInteraction.ScratchBytes], out _));
    }

    [Fact]
    public void Whatever_it_reads_the_general_way_reads_alike()
    {
        var (received, at) = (new TimeReader(), new TimeReader()); // with what they know of the records before
        var mutation = Gen.Select(Gen.Double[0, 1], Gen.Int[0, 26], Gen.OneOf(Gen.OneOf(Snippets), Gen.Byte.Array[0, 3]));
        var read = 0;
        Gen.Select(Gen.OneOf(Bodies), mutation.Array[0, 2]).Sample(
            (body, mutations) =>
            {
                var bytes = Written(body).ToList();
                foreach (var (place, remove, insert) in mutations)
                {
                    var start = (int)(place * bytes.Count);
                    bytes.RemoveRange(start, Math.Min(remove, bytes.Count - start));
                    bytes.InsertRange(start, insert);
                }

                byte[] record = [.. bytes];
                if (CollectorForm.TryRead(record, received, at, out var form))
                {
                    read++;
                    AssertSame(record, form);
                }
            },
            iter: 20_000,
            threads: 1);
        Assert.True(read > 1_000);
    }

    [Fact]
    public void Deeper_than_a_reader_goes_is_no_interaction_either_way()
    {
        foreach (var depth in Enumerable.Range(60, 8))
        {
            var plain = Encoding.UTF8.GetString(Written("""{"target":"Buy Now"}"""));
            var record = Encoding.UTF8.GetBytes($$"""{{plain[..^1]}},"properties":{{new string('[', depth)}}{{new string(']', depth)}}}""");
            var isRight = LoggedInteraction.TryRead(record, new byte[LoggedInteraction.ScratchBytes], out _);
            Assert.Equal(isRight, CollectorForm.TryRead(record, new TimeReader(), new TimeReader(), out _));
            Assert.Equal(depth <= 63, isRight);
        }
    }

    private static void AssertSame(byte[] record, in CollectorForm form)
    {
        var text = Encoding.UTF8.GetString(record);
        Assert.True(LoggedInteraction.TryRead(record, new byte[LoggedInteraction.ScratchBytes], out var expected), text);
        var found = new LoggedInteraction(record, form);
        Assert.Equal(Texts(expected), Texts(found));
        Assert.Equal(
            (expected.Received, expected.OwnTime, expected.ViewBegan, expected.Number, expected.Value),
            (found.Received, found.OwnTime, found.ViewBegan, found.Number, found.Value));

        if (found.Labels.IsEmpty)
        {
            Assert.Contains((string[])["target", "page"], label => text.Contains($",\"{label}\":\"\"", StringComparison.Ordinal));
            return;
        }

        // Read by itself, the spelling of its labels says them, and nothing else.
        var labels = JsonNode.Parse($$"""{"app":"{{Encoding.UTF8.GetString(found.Labels)}}"}""")!.AsObject();
        string Label(string name) => (string?)labels[name] ?? "";
        Assert.Equal(Texts(expected)[1..5], new[] { Label("app"), Label("type"), Label("target"), Label("page") });
        Assert.Subset(new HashSet<string>(["app", "type", "target", "page"]), labels.Select(label => label.Key).ToHashSet(StringComparer.Ordinal));
    }

    private static string[] Texts(in LoggedInteraction interaction) =>
    [
        Encoding.UTF8.GetString(interaction.Id), Encoding.UTF8.GetString(interaction.App), Encoding.UTF8.GetString(interaction.Type),
        Encoding.UTF8.GetString(interaction.Target), Encoding.UTF8.GetString(interaction.Page), Encoding.UTF8.GetString(interaction.Visitor),
        Encoding.UTF8.GetString(interaction.View),
    ];

    private static byte[] Written(string body)
    {
        var reader = new InteractionReader(new AppTable([new App("shop", ["*"], [])]), TimeProvider.System);
        using var batch = reader.Read(Encoding.UTF8.GetBytes(body), BodyForm.Json, new Sender("https://shop.example"));
        return batch.Records.Span[0].Value.ToArray();
    }
}
