using System.Text;
using System.Text.Json;

namespace Footfall.Capture;

/// <summary>What the log keeps of an interaction, as whole texts: the diff is the review.</summary>
public sealed class RecordTests
{
    [Fact]
    public void Whole_interaction_is_kept_with_what_Count_reads_first() => Assert.Equal(
        """{"id":"019ab3a0-0000-7000-8000-000000000001","app":"shop","type":"submit","target":"Buy Now","page":"/courses/:id","visitor":"v-1","received":"2026-11-24T05:29:48.123Z","value":49.90,"at":"2026-11-24T05:29:47.500Z","view":"019ab3a0-0000-7000-9000-000000000001","n":3,"session":"s-1","properties":{"plan":"pro","seats":3,"trial":false,"note":null}}""",
        Reading.One(
            """
            {
              "properties": {"plan": "pro", "seats": 3, "trial": false, "note": null},
              "session": "s-1",
              "n": 3,
              "view": "019ab3a0-0000-7000-9000-000000000001",
              "at": "2026-11-24T06:29:47.5+01:00",
              "value": 49.90,
              "visitor": "v-1",
              "page": "https://shop.example/courses/12?utm_source=x#top",
              "target": "  Buy\n Now ",
              "type": "submit",
              "app": "shop",
              "id": "019ab3a0-0000-7000-8000-000000000001"
            }
            """));

    [Fact]
    public void Minimal_interaction_is_a_click_of_the_only_app_now() => Assert.Equal(
        """{"id":"i-1","app":"shop","type":"click","target":"Buy Now","received":"2026-11-24T05:29:48.123Z","at":"2026-11-24T05:29:48.123Z"}""",
        Reading.One("""{"id":"i-1","target":"Buy Now"}"""));

    [Fact]
    public void View_needs_no_target() => Assert.Equal(
        """{"id":"i-1","app":"shop","type":"view","page":"/","received":"2026-11-24T05:29:48.123Z","at":"2026-11-24T05:29:48.123Z"}""",
        Reading.One("""{"id":"i-1","type":"view","page":"/"}"""));

    [Fact]
    public void Attributes_beside_the_record_say_the_same_as_it()
    {
        using var batch = Reading.Read("""{"id":"ä","type":"my-type:x","target":"t","visitor":"ü"}""");
        var record = Assert.Single(batch.Records.ToArray());
        Assert.Equal("ä", Encoding.UTF8.GetString(record.Id.Span));
        Assert.Equal("ü", Encoding.UTF8.GetString(record.Key.Span));
        Assert.Equal("/apps/shop", record.Source);
        Assert.Equal("footfall.interaction.my-type:x", record.Type);
        Assert.Equal(Reading.Now.ToUnixTimeMilliseconds(), record.Time);
    }

    [Fact]
    public void Interaction_without_visitor_has_its_id_as_key()
    {
        using var batch = Reading.Read("""{"id":"i","target":"t","visitor":""}""");
        // Without a visitor the id is the key: a repeat meets its first try in the same partition.
        var record = Assert.Single(batch.Records.ToArray());
        Assert.Equal(record.Id.ToArray(), record.Key.ToArray());
        Assert.DoesNotContain("visitor", batch.Records()[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Interaction_without_visitor_has_its_view_as_key_so_that_its_numbers_are_in_one_place()
    {
        using var batch = Reading.Read("""[{"id":"i","target":"t","view":"p","n":1},{"id":"j","target":"t","view":"p","n":2,"visitor":"v"}]""");
        Assert.Equal(["p", "v"], batch.Records.ToArray().Select(record => Encoding.UTF8.GetString(record.Key.Span)));
    }

    [Fact]
    public void Missing_id_becomes_a_uuid_of_version_7_of_now()
    {
        using var batch = Reading.Read("""[{"target":"a"},{"target":"b"}]""");
        var ids = batch.Records.ToArray().Select(record => Guid.Parse(Encoding.UTF8.GetString(record.Id.Span))).ToArray();
        Assert.NotEqual(ids[0], ids[1]);
        Assert.All(ids, id =>
        {
            Assert.Equal(7, id.Version);
            var time = Convert.ToInt64(id.ToString("N")[..12], 16);
            Assert.Equal(Reading.Now.ToUnixTimeMilliseconds(), time);
        });
    }

    [Fact]
    public void Texts_are_escaped_only_where_json_demands_it()
    {
        var record = Reading.One("""{"id":"\"\\/<é","target":"say \"hi\" \\ 😀","properties":{"p":"\u0001"}}""");
        Assert.Contains("""
            "id":"\"\\/<é"
            """.Trim(), record, StringComparison.Ordinal);
        Assert.Contains("""
            "target":"say \"hi\" \\ 😀"
            """.Trim(), record, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(record);
        Assert.Equal("\"\\/<é", document.RootElement.GetProperty("id").GetString());
        Assert.Equal("\u0001", document.RootElement.GetProperty("properties").GetProperty("p").GetString());
    }

    [Fact]
    public void Property_texts_are_escaped_anew() => Assert.Contains(
        """
        "properties":{"a\"\u0000b":"é\\\n"}
        """.Trim().Replace("\\n", "\\u000a", StringComparison.Ordinal),
        Reading.With("""
            "properties":{"a\"\u0000b":"\u00e9\\\n"}
            """),
        StringComparison.Ordinal);

    [Fact]
    public void Unknown_fields_are_ignored() => Assert.Equal(
        Reading.One("""{"id":"i","target":"t"}"""),
        Reading.One("""{"v":2,"id":"i","extra":{"id":"not this",  "target":[1,[2]]},"target":"t","more":[{"id":"x"}]}"""));

    [Fact]
    public void Null_stands_for_a_field_that_is_not_there() => Assert.Equal(
        Reading.One("""{"id":"i","target":"t"}"""),
        Reading.One(
            """{"id":"i","app":null,"type":null,"target":"t","page":null,"visitor":null,"session":null,"view":null,"n":null,"at":null,"value":null,"properties":null}"""));

    [Fact]
    public void Empty_texts_stand_for_fields_that_are_not_there() => Assert.Equal(
        Reading.One("""{"id":"i","target":"t"}"""),
        Reading.With("""
            "page":"","visitor":"","session":"","view":"","properties":{}
            """));

    [Fact]
    public void Last_of_duplicate_names_wins() => Assert.Equal(
        Reading.One("""{"id":"2","target":"b","page":"/b","visitor":"w","value":2}"""),
        Reading.One("""{"id":"1","target":"a","page":"/a","visitor":"v","value":1,"id":"2","target":"b","page":"/b","visitor":"w","value":2}"""));

    [Fact]
    public void Escaped_field_names_are_the_same_names() => Assert.Equal(
        Reading.One("""{"id":"i","target":"t"}"""),
        Reading.One("""{"\u0069d":"i","t\u0061rget":"t"}"""));

    [Fact]
    public void Last_target_alone_says_whether_one_was_shortened()
    {
        using var batch = Reading.Read($$"""{"type":"view","target":"{{new string('x', 300)}}","target":null}""");
        Assert.Equal(1, batch.Count);
        Assert.Equal(0, batch.ShortenedTargets);
    }

    [Theory]
    [InlineData("\"2026-11-24T05:29:48Z\"", "2026-11-24T05:29:48.000Z")]
    [InlineData("\"2026-11-24T05:29:48.1239Z\"", "2026-11-24T05:29:48.123Z")]
    [InlineData("\"2026-11-24T05:29:48+01:30\"", "2026-11-24T03:59:48.000Z")]
    [InlineData("\"2026-11-23T23:29:48-01:00\"", "2026-11-24T00:29:48.000Z")]
    [InlineData("\"2026-11-24T05:29:48\\u002B01:00\"", "2026-11-24T04:29:48.000Z")]
    [InlineData("\"2026\\u002d11-24T05:29:48\\u005a\"", "2026-11-24T05:29:48.000Z")]
    [InlineData("1795498188123", "2026-11-24T05:29:48.123Z")]
    [InlineData("1795498188123.987", "2026-11-24T05:29:48.123Z")]
    [InlineData("1794893388123", "2026-11-17T05:29:48.123Z")]
    public void Time_is_kept_in_utc_with_milliseconds(string at, string expected) =>
        Assert.Contains($"\"at\":\"{expected}\"", Reading.With($"\"at\":{at}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("0", "0")]
    [InlineData("49.90", "49.90")]
    [InlineData("1000000000", "1000000000")]
    [InlineData("1e9", "1000000000")]
    [InlineData("0.1234564", "0.123456")]
    [InlineData("0.1234566", "0.123457")]
    [InlineData("0.00000000000000000000000000000000001", "0.000000")]
    public void Value_is_kept_exactly_to_six_decimals(string value, string expected) =>
        Assert.Contains($"\"value\":{expected},", Reading.With($"\"value\":{value}"), StringComparison.Ordinal);

    [Fact]
    public void Negative_zero_is_no_negative_value()
    {
        using var document = JsonDocument.Parse(Reading.With("\"value\":-0"));
        Assert.Equal("0", document.RootElement.GetProperty("value").GetRawText());
    }

    [Fact]
    public void Properties_at_their_limits_are_kept_whole()
    {
        var properties = string.Join(',', Enumerable.Range(10, CaptureLimits.Properties)
            .Select(i => $"\"{i}{new string('é', CaptureLimits.PropertyNameLength - 2)}\":\"{new string('é', CaptureLimits.PropertyTextLength)}\""));
        Assert.EndsWith($$$""","properties":{{{{properties}}}}}""", Reading.With($$"""
            "properties":{ {{properties}} }
            """), StringComparison.Ordinal);
    }

    [Fact]
    public void Identities_at_their_limits_are_kept_whole()
    {
        var id = string.Concat(Enumerable.Repeat("😀", CaptureLimits.IdLength));
        var record = Reading.One($$"""{"id":"{{id}}","target":"t","visitor":"{{id}}","session":"{{id}}","view":"{{id}}","n":2147483647,"type":"{{new string('x', CaptureLimits.TypeLength)}}"}""");
        Assert.Equal(5, record.Split(id).Length);
        Assert.Contains("\"n\":2147483647,", record, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_that_is_too_long_is_cut_and_told()
    {
        using var batch = Reading.Read($$"""[{"id":"i","target":"t","page":"/{{new string('x', 200)}}"},{"id":"j","target":"t","page":"/{{new string('x', 199)}}"}]""");
        Assert.Equal(1, batch.ShortenedPages);
        Assert.Contains($"\"page\":\"/{new string('x', 198)}…\"", batch.Records()[0], StringComparison.Ordinal);
        Assert.Contains($"\"page\":\"/{new string('x', 199)}\"", batch.Records()[1], StringComparison.Ordinal);
    }
}
