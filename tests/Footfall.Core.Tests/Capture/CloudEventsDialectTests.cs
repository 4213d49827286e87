using System.Text;

namespace Footfall.Capture;

/// <summary>What CloudEvents become, as whole records: the diff is the review.</summary>
public sealed class CloudEventsDialectTests
{
    private const string Received = "\"received\":\"2026-11-24T05:29:48.123Z\"";

    [Fact]
    public void Event_of_ours_has_an_interaction_as_its_data() => Assert.Equal(
        $$$"""{"id":"https://shop.example/checkout 7","app":"shop","type":"purchase","target":"Buy Now","page":"/courses/:id","visitor":"v-1",{{{Received}}},"value":49.90,"at":"2026-11-24T05:29:47.500Z","session":"s-1","properties":{"plan":"pro"}}""",
        Foreign.One(CloudEventsDialect.Structured, """
            {
              "specversion": "1.0", "id": "7", "source": "https://shop.example/checkout", "type": "footfall.interaction.purchase",
              "time": "2026-11-24T05:29:47.5Z", "subject": "x", "datacontenttype": "application/json", "someextension": 5,
              "data": {"id": "not this", "type": "nor-this", "target": "Buy Now", "page": "/courses/12", "visitor": "v-1", "session": "s-1", "value": 49.90, "properties": {"plan": "pro"}}
            }
            """));

    [Fact]
    public void Any_other_event_is_an_interaction_by_its_type_and_its_data_is_not_looked_at() => Assert.Equal(
        $$$"""{"id":"/orders 7","app":"shop","type":"event","target":"com.example.order.paid",{{{Received}}},"at":"2026-11-24T05:29:47.000Z"}""",
        Foreign.One(CloudEventsDialect.Structured, """
            {"specversion":"1.0","id":"7","source":"/orders","type":"com.example.order.paid","time":"2026-11-24T05:29:47Z","data":{"value":"ann@example.com","id":[]}}
            """));

    [Fact]
    public void Record_of_the_log_on_Kafka_comes_back_as_itself()
    {
        using var first = Reading.Read("""{"id":"i-1","type":"purchase","target":"Buy Now","visitor":"v","at":"2026-11-24T05:29:40Z","value":5}""");
        var record = Assert.Single(first.Records.ToArray());
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["specversion"] = "1.0", ["id"] = Encoding.UTF8.GetString(record.Id.Span), ["source"] = record.Source, ["type"] = record.Type, ["time"] = Reading.Received,
        };
        using var again = Reading.Reader().Read(record.Value, CloudEventsDialect.Binary(headers.GetValueOrDefault), default);
        Assert.Equal(first.Records(), again.Records());
    }

    [Fact]
    public void Binary_mode_has_its_attributes_in_headers_and_any_data()
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["specversion"] = "1.0", ["id"] = "7", ["source"] = "/orders", ["type"] = "com.example.order.paid", ["time"] = "2026-11-24T05:29:47Z",
        };
        using var batch = Reading.Reader().Read(new byte[] { 0xFF, 0x00, 0x22 }, CloudEventsDialect.Binary(headers.GetValueOrDefault), default);
        Assert.Equal(
            $$$"""{"id":"/orders 7","app":"shop","type":"event","target":"com.example.order.paid",{{{Received}}},"at":"2026-11-24T05:29:47.000Z"}""",
            Assert.Single(batch.Records()));
    }

    [Theory]
    [InlineData("hello", "the body is not JSON: ")]
    [InlineData("{\"target\":", "the body is not JSON: ")]
    [InlineData("{} {}", "the body is not JSON: ")]
    public void Data_of_ours_that_is_no_JSON_is_unreadable(string data, string told)
    {
        using var batch = Foreign.Read(Ours(), data);
        Assert.StartsWith(told, batch.Unreadable, StringComparison.Ordinal);
    }

    [Fact]
    public void Batch_is_read_event_by_event()
    {
        using var batch = Foreign.Read(CloudEventsDialect.Structured, """
            [
              {"specversion":"1.0","id":"1","source":"/a","type":"t"},
              5,
              {"specversion":"1.0","id":"1","source":"/b","type":"t"},
              {"specversion":"0.3","id":"1","source":"/b","type":"t"},
              {"specversion":"1.0","source":"/b","type":"t"},
              {"specversion":"1.0","id":"1","type":"t"},
              {"specversion":"1.0","id":"1","source":"/b"},
              {"specversion":"1.0","id":"1","source":"/b","type":"footfall.interaction.two words","data":{"target":"t"}},
              {"specversion":"1.0","id":"1","source":"/b","type":"footfall.interaction.click","data":"text"},
              {"specversion":"1.0","id":"1","source":"/b","type":"footfall.interaction.click","data_base64":"e30="},
              {"specversion":"1.0","id":"1","source":"/apps/other","type":"t"}
            ]
            """);
        Assert.Equal(["/a 1", "/b 1"], batch.Records.ToArray().Select(record => Encoding.UTF8.GetString(record.Id.Span)));
        Assert.Equal(
            [
                new(1, RejectReason.Malformed), new(3, RejectReason.Malformed), new(4, RejectReason.InvalidId), new(5, RejectReason.InvalidId),
                new(6, RejectReason.InvalidTarget), new(7, RejectReason.InvalidType), new(8, RejectReason.Malformed), new(9, RejectReason.Malformed),
                new(10, RejectReason.UnknownApp),
            ],
            batch.Rejections);
    }

    [Fact]
    public void Empty_batch_is_no_mistake()
    {
        using var batch = Foreign.Read(CloudEventsDialect.Structured, "[]");
        Assert.Null(batch.Unreadable);
        Assert.Equal(0, batch.Events);
    }

    [Fact]
    public void Identity_is_source_and_id_together_and_a_long_one_is_hashed_always_the_same()
    {
        var longest = new string('s', CaptureLimits.IdLength - 2);
        Assert.Equal(longest + " 7", IdOf(longest, "7"));
        string[] hashed = [IdOf(longest, "77"), IdOf(longest + "7", "7"), IdOf("a b", "c"), IdOf("a", new string('i', 200))];
        Assert.All(hashed, id => Assert.Matches("^[0-9a-f]{64}$", id));
        Assert.Equal(hashed.Length, hashed.Distinct().Count());
        Assert.Equal(hashed[0], IdOf(longest, "77"));
        Assert.Equal("a b c", IdOf("a", "b c"));
    }

    private static CloudEventsDialect Ours() => CloudEventsDialect.Binary(name => name switch
    {
        "specversion" => "1.0",
        "type" => "footfall.interaction.click",
        _ => "x",
    });

    private static string IdOf(string source, string id)
    {
        using var batch = Foreign.Read(CloudEventsDialect.Structured, $$"""{"specversion":"1.0","id":"{{id}}","source":"{{source}}","type":"t"}""");
        return Encoding.UTF8.GetString(Assert.Single(batch.Records.ToArray()).Id.Span);
    }
}
