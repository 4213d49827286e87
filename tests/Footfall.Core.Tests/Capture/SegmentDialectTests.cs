using System.Text;

namespace Footfall.Capture;

/// <summary>What Segment's calls become, as whole records: the diff is the review.</summary>
public sealed class SegmentDialectTests
{
    /// <summary>As analytics.js sends it, and more than it sends of what is not kept.</summary>
    private const string Track = """
        {
          "timestamp": "2026-11-24T05:29:47.500Z",
          "integrations": {},
          "userId": "ann@example.com",
          "anonymousId": "7d9c53b6-6b1f-4a0d-9a54-2a4b0f3d3c11",
          "event": " Buy\n Now ",
          "type": "track",
          "properties": {
            "plan": "pro", "seats": 3, "trial": false, "note": null, "revenue": 49.9,
            "products": [{"sku": "sql"}], "by": {"name": "Ann"}
          },
          "context": {
            "ip": "203.0.113.9", "userAgent": "Mozilla/5.0", "traits": {"email": "ann@example.com"},
            "page": {"path": "/courses/12/", "referrer": "", "search": "?mail=ann@example.com", "title": "SQL", "url": "https://shop.example/courses/12/?mail=ann@example.com"},
            "library": {"name": "analytics.js", "version": "npm:next-1.84.3"}
          },
          "messageId": "ajs-next-1795498187500-0f5b6c52-3f62-4a3e-8b1a-1d6a1c9f4b10",
          "writeKey": "any",
          "sentAt": "2026-11-24T05:29:48.000Z",
          "_metadata": {"bundled": ["Segment.io"]}
        }
        """;

    [Fact]
    public void Track_is_an_interaction_without_who_it_was() => Assert.Equal(
        """{"id":"ajs-next-1795498187500-0f5b6c52-3f62-4a3e-8b1a-1d6a1c9f4b10","app":"shop","type":"track","target":"Buy Now","page":"/courses/:id","visitor":"7d9c53b6-6b1f-4a0d-9a54-2a4b0f3d3c11","received":"2026-11-24T05:29:48.123Z","value":49.9,"at":"2026-11-24T05:29:47.500Z","properties":{"plan":"pro","seats":3,"trial":false,"note":null,"revenue":49.9}}""",
        Foreign.One(SegmentDialect.Of("track"), Track));

    [Fact]
    public void A_body_that_is_long_on_its_way_is_no_slow_clock()
    {
        var came = Reading.Clock().GetUtcNow() - TimeSpan.FromSeconds(10);
        var sent = $$"""{"type":"track","messageId":"m","event":"e","originalTimestamp":"{{came:O}}","sentAt":"{{came:O}}"}""";

        using var batch = Foreign.Read(SegmentDialect.Of("track"), sent, new Sender(Came: came.ToUnixTimeMilliseconds()));

        Assert.Equal(0, batch.Corrected.Moved);
        Assert.Contains(""""at":"2026-11-24T05:29:38.123Z"""", Assert.Single(batch.Records()), StringComparison.Ordinal);
    }

    [Fact]
    public void Batch_is_read_call_by_call_and_what_says_who_somebody_is_is_ignored()
    {
        using var batch = Foreign.Read(SegmentDialect.Batch, """
            {
              "batch": [
                {"type": "identify", "messageId": "m-0", "userId": "ann", "traits": {"email": "ann@example.com"}},
                {"type": "page", "messageId": "m-1", "userId": "ann", "name": "Pricing", "properties": {"path": "/pricing", "url": "https://shop.example/pricing?x=1", "title": "T"}},
                {"type": "screen", "messageId": "m-2", "anonymousId": "a", "name": "Cart"},
                {"type": "group", "messageId": "m-3", "groupId": "g"},
                {"type": "alias", "messageId": "m-4", "previousId": "p"},
                {"type": "track", "messageId": "m-5", "userId": "ann", "event": "Enrolled", "originalTimestamp": "2026-11-24T05:29:40Z"}
              ],
              "context": {"page": {"path": "/everywhere"}},
              "sentAt": "2026-11-24T05:29:48Z"
            }
            """);
        Assert.Null(batch.Unreadable);
        Assert.Empty(batch.Rejections);
        Assert.Equal([Ignored.Identify, Ignored.Group, Ignored.Alias], batch.Ignored);
        Assert.Equal(
            [
                """{"id":"m-1","app":"shop","type":"view","target":"Pricing","page":"/pricing","received":"2026-11-24T05:29:48.123Z","at":"2026-11-24T05:29:48.123Z"}""",
                """{"id":"m-2","app":"shop","type":"view","target":"Cart","page":"/everywhere","visitor":"a","received":"2026-11-24T05:29:48.123Z","at":"2026-11-24T05:29:48.123Z"}""",
                """{"id":"m-5","app":"shop","type":"track","target":"Enrolled","page":"/everywhere","received":"2026-11-24T05:29:48.123Z","at":"2026-11-24T05:29:40.000Z"}""",
            ],
            batch.Records());
    }

    [Fact]
    public void Place_of_a_rejection_is_that_among_all_calls()
    {
        using var batch = Foreign.Read(SegmentDialect.Batch, """{"batch":[{"type":"identify"},{"type":"track"},5,{"type":"video"},{"type":"track","event":"e"}]}""");
        Assert.Equal(
            [new(1, RejectReason.InvalidTarget), new(2, RejectReason.Malformed), new(3, RejectReason.InvalidType)],
            batch.Rejections);
        Assert.Equal((5, 4, 1), (batch.Events, batch.Received, batch.Count));
    }

    [Fact]
    public void Properties_that_do_not_fit_are_left_out_and_the_track_is_told_as_shortened()
    {
        using var batch = Foreign.Read(SegmentDialect.Of("track"), $$$"""
            {"event":"e","messageId":"m","properties":{"{{{new string('n', 51)}}}":1,"nested":{"a":[1,{"b":2}]},"kept":"k","long":"{{{new string('x', 501)}}}","number":{{{new string('1', 51)}}},"last":true}}
            """);
        Assert.Equal(1, batch.ShortenedProperties);
        Assert.EndsWith(""","properties":{"kept":"k","last":true}}""", Assert.Single(batch.Records()), StringComparison.Ordinal);
    }

    [Fact]
    public void Properties_beyond_their_number_are_left_out()
    {
        var many = string.Join(',', Enumerable.Range(0, 40).Select(i => $"\"p{i}\":{i}"));
        using var batch = Foreign.Read(SegmentDialect.Of("track"), $$$"""{"event":"e","properties":{{{{many}}}}}""");
        Assert.Equal(1, batch.ShortenedProperties);
        Assert.EndsWith("\"p29\":29}}", Assert.Single(batch.Records()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"properties\":\"text\"", 1)]
    [InlineData("\"properties\":[1]", 1)]
    [InlineData("\"properties\":{\"a\":{}}", 1)]
    [InlineData("\"properties\":{}", 0)]
    [InlineData("\"properties\":null", 0)]
    public void Nothing_is_kept_of_properties_none_of_which_fits(string properties, int shortened)
    {
        using var batch = Foreign.Read(SegmentDialect.Of("track"), $$"""{"event":"e",{{properties}}}""");
        Assert.Equal(shortened, batch.ShortenedProperties);
        Assert.DoesNotContain("properties", Assert.Single(batch.Records()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"value\":5,\"revenue\":7", "\"value\":5,\"at\"")]
    [InlineData("\"value\":\"high\",\"revenue\":7", "\"value\":7,\"at\"")]
    [InlineData("\"value\":\"high\"", "123Z\",\"at\"")]
    public void Value_is_the_property_that_is_a_number(string properties, string expected) => Assert.Contains(
        expected, Foreign.One(SegmentDialect.Of("track"), $$$"""{"event":"e","properties":{{{{properties}}}}}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"event":"e","messageId":5}""", RejectReason.InvalidId)]
    [InlineData("""{"event":"e","messageId":""}""", RejectReason.InvalidId)]
    [InlineData("""{"event":"e","anonymousId":{}}""", RejectReason.InvalidVisitor)]
    [InlineData("""{"event":"e","timestamp":"yesterday"}""", RejectReason.InvalidAt)]
    [InlineData("""{"event":"e","properties":{"value":-1}}""", RejectReason.InvalidValue)]
    [InlineData("""{"event":"e","context":{"page":{"path":5}}}""", RejectReason.InvalidPage)]
    [InlineData("""{"event":5}""", RejectReason.InvalidTarget)]
    [InlineData("""{"event":"\ud800"}""", RejectReason.Malformed)]
    [InlineData("""{"event":"e","properties":{"a":"\ud800"}}""", RejectReason.Malformed)]
    [InlineData("[]", RejectReason.Malformed)]
    public void What_a_field_may_be_is_the_same_as_in_our_own_format(string body, RejectReason reason) =>
        Assert.Equal(reason, Foreign.Reason(SegmentDialect.Of("track"), body));

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"batch":{}}""")]
    [InlineData("""{"batch":[}""")]
    public void Body_that_is_no_batch_is_unreadable(string body)
    {
        using var batch = Foreign.Read(SegmentDialect.Batch, body);
        Assert.NotNull(batch.Unreadable);
    }

    [Fact]
    public void Key_in_the_body_names_the_app_wherever_it_stands_and_comes_before_a_headers()
    {
        var shop = new App("shop", [], [], "shop-key-0123456789");
        var blog = new App("blog", [], [], "blog-key-0123456789");
        const string Body = """{"batch":[{"type":"track","event":"e"}],"writeKey":"blog-key-0123456789"}""";
        using var bare = Foreign.Read(SegmentDialect.Batch, Body, default, shop, blog);
        Assert.Equal("blog", Assert.Single(bare.PerApp).App.Name);
        using var both = Foreign.Read(SegmentDialect.Batch, Body, new Sender(Key: "shop-key-0123456789"), shop, blog);
        Assert.Equal("blog", Assert.Single(both.PerApp).App.Name);
        using var wrong = Foreign.Read(SegmentDialect.Of("track"), """{"event":"e","writeKey":"nobodys-key-0123456789"}""", default, shop, blog);
        Assert.Equal(RejectReason.InvalidKey, Assert.Single(wrong.Rejections).Reason);
    }

    [Fact]
    public void Calls_beyond_the_limit_are_too_many_also_where_they_are_ignored()
    {
        var calls = string.Join(',', Enumerable.Repeat("""{"type":"identify"}""", CaptureLimits.BatchCount));
        using var fits = Foreign.Read(SegmentDialect.Batch, $$"""{"batch":[{{calls}}]}""");
        Assert.False(fits.TooMany);
        using var tooMany = Foreign.Read(SegmentDialect.Batch, $$"""{"batch":[{{calls}},{"type":"track","event":"e"}]}""");
        Assert.True(tooMany.TooMany);
    }

    [Fact]
    public void Invalid_utf8_is_told()
    {
        using var batch = Reading.Reader().Read(Encoding.Latin1.GetBytes("{\"event\":\"\u00e9\"}"), SegmentDialect.Of("track"), default);
        Assert.Equal("the body is not valid UTF-8", batch.Unreadable);
    }
}
