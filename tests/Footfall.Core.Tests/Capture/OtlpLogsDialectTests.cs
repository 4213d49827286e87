namespace Footfall.Capture;

/// <summary>What OpenTelemetry's log records become, as whole records: the diff is the review.</summary>
public sealed class OtlpLogsDialectTests
{
    private static readonly OtlpLogsDialect Dialect = OtlpLogsDialect.Instance;

    [Fact]
    public void Click_of_the_conventions_is_a_click_without_who_it_was() => Assert.Equal(
        """{"id":"e-1","app":"shop","type":"click","target":"Buy Now","page":"/courses/:id","visitor":"p-1","received":"2026-11-24T05:29:48.123Z","value":49.5,"at":"2026-11-24T05:29:47.500Z","session":"s-1"}""",
        Foreign.One(Dialect, """
            {
              "resourceLogs": [{
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "web"}}, {"key": "session.id", "value": {"stringValue": "s-1"}}], "droppedAttributesCount": 0},
                "scopeLogs": [{
                  "scope": {"name": "n", "version": "1"},
                  "logRecords": [{
                    "timeUnixNano": "1795498187500000000", "observedTimeUnixNano": "1795498187501000000", "severityNumber": 9, "severityText": "INFO",
                    "eventName": "app.widget.click", "body": {"stringValue": "x"}, "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174",
                    "attributes": [
                      {"key": "app.widget.id", "value": {"stringValue": "buy"}},
                      {"key": "app.widget.name", "value": {"stringValue": "Buy Now"}},
                      {"key": "url.full", "value": {"stringValue": "https://shop.example/courses/12?mail=ann@example.com"}},
                      {"key": "enduser.pseudo.id", "value": {"stringValue": "p-1"}},
                      {"key": "user.email", "value": {"stringValue": "ann@example.com"}},
                      {"key": "event.id", "value": {"stringValue": "e-1"}},
                      {"key": "value", "value": {"doubleValue": 49.5}},
                      {"key": "app.screen.coordinate.x", "value": {"intValue": 12}}
                    ]
                  }]
                }]
              }]
            }
            """));

    [Theory]
    [InlineData(""" "eventName":"browser.page_view","attributes":[{"key":"url.path","value":{"stringValue":"/a"}}] """, """ "type":"view","page":"/a", """)]
    [InlineData(""" "eventName":"course.enrolled" """, """ "type":"event","target":"course.enrolled", """)]
    [InlineData(""" "attributes":[{"key":"event.name","value":{"stringValue":"course.enrolled"}}] """, """ "type":"event","target":"course.enrolled", """)]
    [InlineData(""" "eventName":"","attributes":[{"key":"event.name","value":{"stringValue":"app.widget.click"}},{"key":"app.widget.id","value":{"stringValue":"buy"}}] """, """ "type":"click","target":"buy", """)]
    [InlineData(""" "eventName":"e","attributes":[{"key":"log.record.uid","value":{"stringValue":"u-1"}}] """, """ {"id":"u-1", """)]
    [InlineData(""" "eventName":"e","attributes":[{"key":"value","value":{"intValue":"5"}}] """, """ "value":5, """)]
    [InlineData(""" "eventName":"e","attributes":[{"key":"value","value":{"intValue":5}}] """, """ "value":5, """)]
    [InlineData(""" "eventName":"e","attributes":[{"key":"app.installation.id","value":{"stringValue":"i-1"}}] """, """ "visitor":"i-1", """)]
    [InlineData(""" "eventName":"e","timeUnixNano":1795498187500000000 """, """ "at":"2026-11-24T05:29:47.500Z" """)]
    [InlineData(""" "eventName":"e","timeUnixNano":"0","observedTimeUnixNano":"1795498187500000000" """, """ "at":"2026-11-24T05:29:47.500Z" """)]
    [InlineData(""" "eventName":"e","timeUnixNano":0 """, """ "at":"2026-11-24T05:29:48.123Z" """)]
    public void Event_is_an_interaction(string record, string kept) =>
        Assert.Contains(kept.Trim(), Foreign.One(Dialect, Logs($$"""{{{record}}}""")), StringComparison.Ordinal);

    [Theory]
    [InlineData(""" "eventName":"app.widget.click" """, RejectReason.InvalidTarget)]
    [InlineData(""" "eventName":"e","attributes":[{"key":"event.id","value":{"intValue":"5"}}] """, RejectReason.InvalidId)]
    [InlineData(""" "eventName":"e","attributes":[{"key":"session.id","value":{"boolValue":true}}] """, RejectReason.InvalidSession)]
    [InlineData(""" "eventName":"e","attributes":[{"key":"value","value":{"doubleValue":-1}}] """, RejectReason.InvalidValue)]
    [InlineData(""" "eventName":"e","attributes":[{"key":"value","value":{"intValue":"five"}}] """, RejectReason.InvalidValue)]
    [InlineData(""" "eventName":"e","attributes":[{"key":"value","value":{"doubleValue":"NaN"}}] """, RejectReason.InvalidValue)]
    [InlineData(""" "eventName":"e","timeUnixNano":"soon" """, RejectReason.InvalidAt)]
    [InlineData(""" "eventName":"e","timeUnixNano":true """, RejectReason.InvalidAt)]
    [InlineData(""" "eventName":"e","timeUnixNano":-1 """, RejectReason.InvalidAt)]
    [InlineData(""" "eventName":"\ud800" """, RejectReason.Malformed)]
    [InlineData(""" "eventName":"e","attributes":5 """, RejectReason.Malformed)]
    public void What_a_field_may_be_is_the_same_as_in_our_own_format(string record, RejectReason reason) =>
        Assert.Equal(reason, Foreign.Reason(Dialect, Logs($$"""{{{record}}}""")));

    [Fact]
    public void Record_without_an_events_name_is_ignored_and_attributes_that_are_no_value_do_no_harm()
    {
        using var batch = Foreign.Read(Dialect, Logs(
            """{"body":{"stringValue":"started"},"severityNumber":9}""",
            """{"eventName":"e","attributes":[{"key":"value","value":{"stringValue":"high"}},5,{"key":5},{"key":"none"}]}"""));
        Assert.Empty(batch.Rejections);
        Assert.Equal([Ignored.LogRecord], batch.Ignored);
        Assert.Equal(1, batch.Count);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"resourceLogs":[]}""")]
    [InlineData("""{"resourceLogs":[{}],"later":1}""")]
    [InlineData("""{"resourceLogs":[{"scopeLogs":[{"logRecords":null}]}]}""")]
    public void Nothing_is_no_mistake(string body)
    {
        using var batch = Foreign.Read(Dialect, body);
        Assert.Null(batch.Unreadable);
        Assert.Equal(0, batch.Events);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"resourceLogs":{}}""")]
    [InlineData("""{"resourceLogs":[{"scopeLogs":5}]}""")]
    [InlineData("""{"resourceLogs":[{"resource":{"attributes":"x"},"scopeLogs":[]}]}""")]
    public void Other_layout_is_unreadable(string body)
    {
        using var batch = Foreign.Read(Dialect, body);
        Assert.NotNull(batch.Unreadable);
    }

    [Fact]
    public void Service_names_the_app_where_there_are_several_and_no_key_does()
    {
        var shop = new App("shop", [], [], "shop-key-0123456789");
        var blog = new App("blog", [], []);
        const string Of = """{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"NAME"}}]},"scopeLogs":[{"logRecords":[{"eventName":"e"}]}]}]}""";
        using var named = Foreign.Read(Dialect, Of.Replace("NAME", "blog", StringComparison.Ordinal), default, shop, blog);
        Assert.Equal("blog", Assert.Single(named.PerApp).App.Name);
        using var unknown = Foreign.Read(Dialect, Of.Replace("NAME", "other", StringComparison.Ordinal), default, shop, blog);
        Assert.Equal(RejectReason.UnknownApp, Assert.Single(unknown.Rejections).Reason);
        using var keyed = Foreign.Read(Dialect, Of.Replace("NAME", "other", StringComparison.Ordinal), new Sender(Key: "shop-key-0123456789"), shop, blog);
        Assert.Equal("shop", Assert.Single(keyed.PerApp).App.Name);
    }

    private static string Logs(params string[] records) =>
        $$$"""{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[{{{string.Join(',', records)}}}]}]}]}""";
}
