using System.Text;

namespace Footfall.Capture;

/// <summary>How interactions lie in a request's body.</summary>
public sealed class BodyTests
{
    private const string Good = """{"id":"good","target":"t"}""";

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData(" \r\n\t\n")]
    [InlineData("\uFEFF")]
    [InlineData("[]")]
    [InlineData(" [ ] \n")]
    [InlineData("17")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("hello")]
    [InlineData("{")]
    [InlineData("{\"id\":")]
    [InlineData("[" + Good)]
    [InlineData("[" + Good + "] x")]
    [InlineData("[" + Good + "]\n[" + Good + "]")]
    [InlineData("[" + Good + ",\n" + Good)]
    [InlineData("[" + Good + "," + "{\"id\"}]")]
    [InlineData(Good + " x")]
    public void Body_without_a_readable_interaction_is_unreadable_in_either_form(string body)
    {
        using var json = Reading.Read(body);
        Assert.NotNull(json.Unreadable);
        if (!body.Contains('\n', StringComparison.Ordinal))
        {
            using var lines = Reading.Read(body, BodyForm.Lines);
            Assert.NotNull(lines.Unreadable);
        }
    }

    [Fact]
    public void Broken_json_is_told_with_its_place()
    {
        using var batch = Reading.Read("[\n{\"id\" 5}]");
        Assert.Contains("line 2, byte 6", batch.Unreadable, StringComparison.Ordinal);
    }

    [Fact]
    public void Array_is_read_in_its_order()
    {
        using var batch = Reading.Read("""[{"id":"1","target":"a"},{"id":"2","target":"b"},{"id":"3","target":"c"}]""");
        Assert.Equal(["1", "2", "3"], Ids(batch));
    }

    [Fact]
    public void Single_object_may_stand_on_one_line_or_several()
    {
        var flat = Reading.One("""{"id":"i","target":"t","properties":{"a":1}}""");
        Assert.Equal(flat, Reading.One("\n{\n  \"id\": \"i\",\n  \"target\": \"t\",\n  \"properties\": {\n    \"a\": 1\n  }\n}\n\r\n "));
    }

    [Theory]
    [InlineData(BodyForm.Json)]
    [InlineData(BodyForm.Lines)]
    public void Objects_in_a_row_are_lines(BodyForm form)
    {
        using var batch = Reading.Read("{\"id\":\"1\",\"target\":\"a\"}\r\n\n  \n{\"id\":\"2\",\"target\":\"b\"}", form);
        Assert.Empty(batch.Rejections);
        Assert.Equal(["1", "2"], Ids(batch));
    }

    [Theory]
    [InlineData("{\"id\":")]
    [InlineData("17")]
    [InlineData("[{\"id\":\"x\",\"target\":\"t\"}]")]
    [InlineData("{\"id\":\"x\",\"target\":\"t\"} and more")]
    [InlineData("{\"id\":\"x\",\"target\":\"t\"}{\"id\":\"y\",\"target\":\"t\"}")]
    [InlineData("{\"id\":\"\\ud800\",\"target\":\"t\"}")]
    public void Bad_line_is_rejected_alone(string line)
    {
        using var batch = Reading.Read($"{Good}\n\n{line}\n{Good}", BodyForm.Lines);
        Assert.Null(batch.Unreadable);
        Assert.Equal(new Rejection(1, RejectReason.Malformed), Assert.Single(batch.Rejections));
        Assert.Equal(["good", "good"], Ids(batch));
    }

    [Fact]
    public void Bad_first_line_is_rejected_alone_even_where_lines_were_not_promised()
    {
        using var batch = Reading.Read($"{{\"id\":\n{Good}");
        Assert.Equal(new Rejection(0, RejectReason.Malformed), Assert.Single(batch.Rejections));
        Assert.Equal(["good"], Ids(batch));
    }

    [Fact]
    public void Rejection_names_its_place_among_the_interactions()
    {
        using var batch = Reading.Read($$"""[{{Good}},{"id":""},5,{{Good}},{"value":-1}]""");
        Assert.Equal(
            [new(1, RejectReason.InvalidId), new(2, RejectReason.Malformed), new(4, RejectReason.InvalidValue)],
            batch.Rejections);
        Assert.Equal(5, batch.Received);
        Assert.Equal(2, batch.Count);
    }

    [Theory]
    [InlineData(BodyForm.Json)]
    [InlineData(BodyForm.Lines)]
    public void Byte_order_mark_is_no_part_of_the_body(BodyForm form)
    {
        using var batch = Reading.Read("\uFEFF" + Good, form);
        Assert.Equal(["good"], Ids(batch));
    }

    [Fact]
    public void Invalid_utf8_makes_a_json_body_unreadable_and_only_its_own_line_malformed()
    {
        byte[] bad = [.. "{\"id\":\""u8, 0xC3, 0x28, .. "\",\"target\":\"t\"}"u8];
        using var json = Reading.Reader().Read(bad, BodyForm.Json, default);
        Assert.Equal("the body is not valid UTF-8", json.Unreadable);
        byte[] body = [.. bad, (byte)'\n', .. Encoding.UTF8.GetBytes(Good)];
        using var lines = Reading.Reader().Read(body, BodyForm.Lines, default);
        Assert.Equal(new Rejection(0, RejectReason.Malformed), Assert.Single(lines.Rejections));
        Assert.Equal(["good"], Ids(lines));
    }

    [Theory]
    [InlineData("""{"id":"\ud800","target":"t","page":"/"}""")]
    [InlineData("""{"id":"i","target":"\udc00 t","page":"/"}""")]
    [InlineData("""{"id":"i","target":"t","at":"2026-11-24T05:29:48\ud800Z"}""")]
    [InlineData("""{"\ud8":"x","id":"i"}""", false)]
    [InlineData("""{"\ud800":"x","id":"i","target":"t"}""", true, true)]
    [InlineData("""{"\ud8":1}""", false)]
    [InlineData("""{"t\ud800":{"id":"in","a":[1,{"b":2}]},"id":"i","target":"t"}""", true, true)]
    [InlineData("""{"\ud800\u0061":{"id":"in","a":[1,{"b":2}]},"target":"t"}""", true, true)]
    [InlineData("""{"properties":{"a":"\ud800","b":{"c":[1]}},"id":"i","target":"t"}""")]
    [InlineData("""{"properties":{"\ud800":"a","b":{"c":[1]}},"id":"i","target":"t"}""")]
    [InlineData("""{"properties":{"\ud800":{"a":[{"c":{}}]},"b":{"c":[1]}},"id":"i","target":"t"}""")]
    [InlineData("""{"type":"\ud83d\ud83d","target":"t"}""")]
    [InlineData("""{"app":"\udfff","target":"t"}""")]
    public void Next_interaction_is_read_right_after_half_a_surrogate_pair(string bad, bool isJson = true, bool mayPass = false)
    {
        using var batch = Reading.Read($$$"""[{{{bad}}},{"id":"next","target":"Buy Now","properties":{"a":"b"}}]""");
        if (!isJson)
        {
            Assert.NotNull(batch.Unreadable);
            return;
        }

        Assert.Null(batch.Unreadable);
        Assert.Equal(2, batch.Received);
        if (!mayPass)
        {
            // A name that is compared with none of ours is not unescaped, and so is an unknown field like others.
            Assert.Equal(new Rejection(0, RejectReason.Malformed), Assert.Single(batch.Rejections));
        }

        Assert.Equal(
            $$$"""{"id":"next","app":"shop","type":"click","target":"Buy Now","received":"{{{Reading.Received}}}","at":"{{{Reading.Received}}}","properties":{"a":"b"}}""",
            batch.Records()[^1]);
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_not_read_on_and_on()
    {
        var deep = $$$"""{"id":"deep","target":"t","x":{{{new string('[', 100_000)}}}{{{new string(']', 100_000)}}}}""";
        using var batch = Reading.Read(deep);
        Assert.NotNull(batch.Unreadable);
        using var lines = Reading.Read($"{deep}\n{Good}", BodyForm.Lines);
        Assert.Equal(new Rejection(0, RejectReason.Malformed), Assert.Single(lines.Rejections));
        Assert.Equal(["good"], Ids(lines));
    }

    [Fact]
    public void Nesting_within_the_limit_is_skipped() =>
        Assert.NotEmpty(Reading.With($"\"x\":{new string('[', CaptureLimits.JsonDepth - 1)}{new string(']', CaptureLimits.JsonDepth - 1)}"));

    [Theory]
    [InlineData(BodyForm.Json)]
    [InlineData(BodyForm.Lines)]
    public void Batch_of_just_the_limit_is_read_and_one_more_is_too_many(BodyForm form)
    {
        var full = string.Join(form == BodyForm.Json ? "," : "\n", Enumerable.Repeat(Good, CaptureLimits.BatchCount));
        using var fits = Reading.Read(form == BodyForm.Json ? $"[{full}]" : full, form);
        Assert.False(fits.TooMany);
        Assert.Equal(CaptureLimits.BatchCount, fits.Count);
        using var tooMany = Reading.Read(form == BodyForm.Json ? $"[{full},5]" : $"{full}\n5", form);
        Assert.True(tooMany.TooMany);
    }

    private static IEnumerable<string> Ids(CapturedBatch batch) =>
        batch.Records.ToArray().Select(record => Encoding.UTF8.GetString(record.Id.Span));
}
