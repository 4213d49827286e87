using System.Net;
using System.Text;
using CsCheck;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>Whole answers to other people's clients: whoever changes one sees it here.</summary>
public sealed class DialectAnswersTests
{
    private const string Track = """{"type":"track","event":"Buy Now","messageId":"m-1","anonymousId":"ann"}""";
    private const string Event = """{"specversion":"1.0","id":"1","source":"/orders","type":"com.example.paid"}""";
    private const string Click = """{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"app.widget.click","attributes":[{"key":"app.widget.name","value":{"stringValue":"Buy Now"}}]}]}]}]}""";

    [Theory]
    [InlineData("/v1/batch", $$"""{"batch":[{{Track}}],"sentAt":"2026-11-24T05:29:48Z"}""")]
    [InlineData("/v1/import", $$"""{"batch":[{{Track}}]}""")]
    [InlineData("/v1/b", $$"""{"batch":[{{Track}}]}""")]
    [InlineData("/v1/track", Track)]
    [InlineData("/v1/t", Track)]
    [InlineData("/v1/page", """{"name":"Pricing"}""")]
    [InlineData("/v1/p", """{"name":"Pricing"}""")]
    [InlineData("/v1/screen", """{"name":"Cart"}""")]
    [InlineData("/v1/s", """{"name":"Cart"}""")]
    public async Task Segments_calls_are_answered_with_success_when_the_log_has_them(string path, string body)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), Given.OneApp);
        using var answer = await collector.PostToAsync(path, body, ("Content-Type", "text/plain"));

        Assert.Equal("200\nContent-Type: application/json; charset=utf-8\n\n{\"success\":true}", await RunningService.WholeAsync(answer));
        Assert.Equal(1, log.End(0));
    }

    [Theory]
    [InlineData("/v1/identify", "identify")]
    [InlineData("/v1/i", "identify")]
    [InlineData("/v1/group", "group")]
    [InlineData("/v1/g", "group")]
    [InlineData("/v1/alias", "alias")]
    [InlineData("/v1/a", "alias")]
    public async Task What_says_who_somebody_is_is_answered_counted_and_not_kept(string path, string kind)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), Given.OneApp);
        using var answer = await collector.PostToAsync(path, """{"userId":"ann@example.com","traits":{"email":"ann@example.com"}}""");

        Assert.Equal("200\nContent-Type: application/json; charset=utf-8\n\n{\"success\":true}", await RunningService.WholeAsync(answer));
        Assert.Equal(0, log.End(0));
        Assert.Equal(1, await collector.SampleAsync($$"""footfall_ignored_total{kind="{{kind}}"}"""));
        Assert.Equal(0, await collector.SampleAsync("""footfall_received_total{app="shop"}"""));
    }

    [Fact]
    public async Task Of_segments_batch_what_was_not_taken_is_told_to_people()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Given.OneApp);
        using var answer = await collector.PostToAsync("/v1/batch", $$"""{"batch":[{{Track}},{"type":"track","event":""}]}""");

        Assert.Equal(
            """
            200
            Content-Type: application/json; charset=utf-8

            {"success":true,"rejected":[
            {"index":1,"reason":"invalid_target","detail":"target must be a text that is not empty (only a view or leave may have none)"}]}
            """,
            await RunningService.WholeAsync(answer));
    }

    [Fact]
    public async Task Segments_key_may_stand_in_the_body_and_another_is_401()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Given.WithKey);
        using var right = await collector.PostToAsync("/v1/track", $$"""{"event":"e","writeKey":"{{Given.ShopKey}}"}""");
        using var wrong = await collector.PostToAsync("/v1/track", """{"event":"e","writeKey":"nobodys-key-0123456789"}""");

        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("invalid_key", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Segments_settings_say_where_to_send_and_that_nobody_else_is_told()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Given.WithKey);
        using var answer = await collector.GetAsync(
            $"/v1/projects/{Given.ShopKey}/settings", ("Origin", "https://shop.example"), ("Host", "collect.example"), ("X-Forwarded-Proto", "https"));

        Assert.Equal(
            """
            200
            Access-Control-Allow-Credentials: true
            Access-Control-Allow-Origin: https://shop.example
            Access-Control-Expose-Headers: Retry-After
            Content-Type: application/json; charset=utf-8
            Vary: Origin

            {"integrations":{"Segment.io":{"apiKey":"shop-key-0123456789","apiHost":"collect.example/v1","protocol":"https"}},"plan":{"track":{"__default":{"enabled":true,"integrations":{}}}},"metrics":{"sampleRate":0}}
            """,
            await RunningService.WholeAsync(answer));
        using var unknown = await collector.GetAsync("/v1/projects/nobodys-key-0123456789/settings");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Theory]
    [InlineData("application/cloudevents+json; charset=utf-8", Event)]
    [InlineData("application/cloudevents-batch+json", $"[{Event}]")]
    [InlineData("application/json", Event)]
    [InlineData("text/plain", Event)]
    public async Task CloudEvents_are_202_when_the_log_has_them(string type, string body)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), Given.OneApp);
        using var answer = await collector.PostToAsync("/v1/cloudevents", body, ("Content-Type", type));

        Assert.Equal("202\nContent-Type: application/json\n\n{\"accepted\":1,\"rejected\":[]}", await RunningService.WholeAsync(answer));
        Assert.Contains("\"id\":\"/orders 1\"", Encoding.UTF8.GetString(log.Values(0)[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CloudEvents_in_binary_mode_have_their_attributes_decoded()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), Given.OneApp);
        using var answer = await collector.PostToAsync(
            "/v1/cloudevents", """{"target":"Buy Now","value":49}""",
            ("Content-Type", "application/json"), ("ce-specversion", "1.0"), ("ce-id", "caf%C3%A9%201"), ("ce-source", "\"/orders\""),
            ("ce-type", "footfall.interaction.purchase"), ("ce-time", "2026-11-24T05:29:47Z"), ("ce-someextension", "x"));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var record = Encoding.UTF8.GetString(log.Values(0)[0]);
        Assert.Contains(""" "type":"purchase","target":"Buy Now", """.Trim(), record, StringComparison.Ordinal);
        Assert.Contains("\"id\":\"/orders café 1\"", record, StringComparison.Ordinal);
        Assert.Contains("\"at\":\"2026-11-24T05:29:47.000Z\"", record, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CloudEvents_in_another_format_than_JSON_are_415()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Given.OneApp);
        using var answer = await collector.PostToAsync("/v1/cloudevents", "x", ("Content-Type", "application/cloudevents+protobuf"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal(1, await collector.SampleAsync("""footfall_refused_requests_total{reason="unsupported_media_type"}"""));
    }

    [Fact]
    public async Task A_webhook_that_asks_whether_it_may_deliver_is_told_how_often()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Given.WithKey);
        using var answer = await collector.SendAsync("OPTIONS", $"/v1/cloudevents?key={Given.ShopKey}", null, ("WebHook-Request-Origin", "events.example"));

        Assert.Equal(
            """
            200
            Allow: POST
            WebHook-Allowed-Origin: events.example
            WebHook-Allowed-Rate: 60000000


            """,
            await RunningService.WholeAsync(answer));
        using var wrong = await collector.SendAsync("OPTIONS", "/v1/cloudevents?key=nobodys-key-0123456789", null, ("WebHook-Request-Origin", "events.example"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.False(wrong.Headers.Contains("WebHook-Allowed-Origin"));
    }

    [Theory]
    [InlineData("\u001b")]
    [InlineData("events.example\u007f")]
    [InlineData("")]
    public async Task What_is_no_name_is_not_said_back_to_who_asks_before_delivering(string origin)
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var answer = await collector.SendAsync("OPTIONS", "/v1/cloudevents", null, ("WebHook-Request-Origin", origin));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("WebHook-Allowed-Origin"));
    }

    [Fact]
    public async Task Log_records_are_answered_as_otlp_has_it()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), Given.OneApp);
        using var all = await collector.PostToAsync("/v1/logs", Click, ("Content-Type", "application/json"));
        using var nothing = await collector.PostToAsync("/v1/logs", "{}");
        using var some = await collector.PostToAsync(
            "/v1/logs", """{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"e"},{"eventName":"app.widget.click"},{"body":{"stringValue":"a log"}}]}]}]}""");

        Assert.Equal("200\nContent-Type: application/json; charset=utf-8\n\n{}", await RunningService.WholeAsync(all));
        Assert.Equal("200\nContent-Type: application/json; charset=utf-8\n\n{}", await RunningService.WholeAsync(nothing));
        Assert.Equal(
            "200\nContent-Type: application/json; charset=utf-8\n\n"
            + """{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"record 1: invalid_target, target must be a text that is not empty (only a view or leave may have none)"}}""",
            await RunningService.WholeAsync(some));
        Assert.Equal(2, log.End(0));
        Assert.Equal(1, await collector.SampleAsync("""footfall_ignored_total{kind="log_record"}"""));
    }

    [Fact]
    public async Task Log_records_that_are_refused_are_told_as_a_status()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), Given.OneApp);
        await IsStatusAsync("""{"resourceLogs":5}""", "application/json", 400, """{"code":3,"message":"The body can't be read as interactions: the body is not laid out as its format says"}""");
        await IsStatusAsync(
            """{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"app.widget.click"}]}]}]}""", "application/json", 400,
            """{"code":3,"message":"None of the interactions can be taken: record 0: invalid_target, target must be a text that is not empty (only a view or leave may have none)"}""");
        await IsStatusAsync(
            "x", "application/x-protobuf", 415,
            """{"code":3,"message":"This content type or encoding is not read here: of OTLP's encodings JSON is read: let the exporter use http/json"}""");
        log.Faults.Away = true;
        await IsStatusAsync(
            Click, "application/json", 503,
            """{"code":14,"message":"The log can't take interactions now: send the same again later; with the same ids it counts once"}""", "Retry-After: 2\n");

        async Task IsStatusAsync(string body, string type, int status, string message, string headers = "")
        {
            using var answer = await collector.PostToAsync("/v1/logs", body, ("Content-Type", type));
            Assert.Equal($"{status}\nContent-Type: application/json; charset=utf-8\n{headers}\n{message}", await RunningService.WholeAsync(answer));
        }
    }

    [Fact]
    public async Task Too_many_requests_are_told_in_the_format_of_the_one_who_sent_them()
    {
        var few = Given.OneApp with { Capture = Given.OneApp.Capture with { MaxRequestsPerSecond = 1 } };
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), few);
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => collector.PostToAsync("/v1/logs", Click)));
        var refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);

        Assert.Equal(
            "429\nContent-Type: application/json; charset=utf-8\nRetry-After: 1\n\n" + """{"code":8,"message":"Too many requests from this address."}""",
            await RunningService.WholeAsync(refused));
        foreach (var answer in answers)
        {
            answer.Dispose();
        }
    }

    [Theory]
    [InlineData("/v1/batch")]
    [InlineData("/v1/cloudevents")]
    [InlineData("/v1/logs")]
    public async Task A_page_may_send_whatever_headers_its_client_has_and_with_credentials(string path)
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Given.OneApp);
        using var answer = await collector.SendAsync(
            "OPTIONS", path, null,
            ("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type,x-retry-count"));

        Assert.Equal(
            """
            204
            Access-Control-Allow-Credentials: true
            Access-Control-Allow-Headers: authorization,content-type,x-retry-count
            Access-Control-Allow-Methods: GET,POST
            Access-Control-Allow-Origin: https://shop.example
            Access-Control-Max-Age: 86400
            Vary: Origin


            """,
            await RunningService.WholeAsync(answer));
        using var other = await collector.SendAsync("OPTIONS", path, null, ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"));
        Assert.DoesNotContain(other.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/v1/batch", $$"""{"batch":[{{Track}}]}""")]
    [InlineData("/v1/cloudevents", Event)]
    [InlineData("/v1/logs", Click)]
    [InlineData("/v1/interactions", """{"target":"t"}""")]
    public async Task Gzip_is_found_by_its_first_bytes_where_nothing_says_so(string path, string body)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), Given.OneApp);
        using var said = await collector.SendAsync("POST", path, Given.Gzip(Given.Utf8(body)), ("Content-Type", "text/plain"), ("Content-Encoding", "gzip"));
        using var unsaid = await collector.SendAsync("POST", path, Given.Gzip(Given.Utf8(body)), ("Content-Type", "text/plain"));
        using var broken = await collector.SendAsync("POST", path, [0x1F, 0x8B, 1, 2, 3], ("Content-Type", "text/plain"));

        Assert.True(said.IsSuccessStatusCode && unsaid.IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
        Assert.Equal(2, log.End(0));
    }

    [Theory]
    [InlineData("/v1/batch")]
    [InlineData("/v1/track")]
    [InlineData("/v1/cloudevents")]
    [InlineData("/v1/logs")]
    public async Task No_bytes_are_the_collectors_own_fault(string path)
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Given.OneApp);
        var tokens = Gen.OneOf("{", "}", "[", "]", ",", ":", "\"", "\\ud800", "\"batch\":[", "\"resourceLogs\":", "\"type\":\"track\"", "1", "null", "\u001f").Array[0, 20];
        var bodies = Gen.OneOf<byte[]>(Gen.Byte.Array[0, 100], tokens.Select(parts => Given.Utf8(string.Concat(parts))));
        await Gen.Select(bodies, Gen.OneOf("application/json", "text/plain", "nonsense", "application/cloudevents+json"), Gen.OneOf("", "1.0", "%ZZ%ED%A0%80"))
            .SampleAsync(async (body, type, version) =>
            {
                using var answer = await collector.SendAsync(
                    "POST", path, body, ("Content-Type", type), ("ce-specversion", version), ("ce-type", "footfall.interaction.click"), ("ce-id", "%FF"), ("ce-source", "\""));
                Assert.InRange((int)answer.StatusCode, 200, 499);
            }, iter: 300, threads: 1);
    }
}
