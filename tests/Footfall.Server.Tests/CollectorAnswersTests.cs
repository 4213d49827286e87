using System.Net;
using System.Net.Sockets;
using Footfall.Capture;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>Whole answers: whoever changes one sees it here.</summary>
public sealed class CollectorAnswersTests
{
    [Fact]
    public async Task Of_a_mixed_batch_each_that_is_rejected_is_named_with_its_place_and_reason()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var answer = await collector.PostAsync(
            $$$$"""
            [{"app":"shop","target":"Buy Now"},
             5,
             {"app":"nobody's","target":"x"},
             {"app":"blog","target":"x"},
             {"app":"shop","target":"x","id":""},
             {"app":"shop","target":"x","type":"two words"},
             {"app":"shop","target":" "},
             {"app":"shop","target":"x","page":5},
             {"app":"shop","target":"x","visitor":"{{{{new string('v', 101)}}}}"},
             {"app":"shop","target":"x","session":5},
             {"app":"shop","target":"x","view":5},
             {"app":"shop","target":"x","n":0},
             {"app":"shop","target":"x","at":"2026-01-01T00:00:00"},
             {"app":"shop","target":"x","value":-1},
             {"app":"shop","target":"x","properties":{"deep":{"er":1}}},
             {"app":"shop","type":"view"}]
            """,
            origin: "https://shop.example");

        Assert.Equal(
            """
            202
            Access-Control-Allow-Origin: https://shop.example
            Access-Control-Expose-Headers: Retry-After
            Content-Type: application/json
            Vary: Origin

            {"accepted":2,"rejected":[
            {"index":1,"reason":"malformed","detail":"not a readable JSON object"},
            {"index":2,"reason":"unknown_app","detail":"app is not configured here (or is missing, and several are)"},
            {"index":3,"reason":"origin_not_allowed","detail":"the page's origin is not among those that the app allows"},
            {"index":4,"reason":"invalid_id","detail":"id must be a text of 1 to 100 characters, none of them a control character"},
            {"index":5,"reason":"invalid_type","detail":"type must be a word of 1 to 50 letters, digits, '_', '-', '.' or ':'"},
            {"index":6,"reason":"invalid_target","detail":"target must be a text that is not empty (only a view or leave may have none)"},
            {"index":7,"reason":"invalid_page","detail":"page must be a text: a path or a URL"},
            {"index":8,"reason":"invalid_visitor","detail":"visitor must be a text of at most 100 characters, none of them a control character"},
            {"index":9,"reason":"invalid_session","detail":"session must be a text of at most 100 characters, none of them a control character"},
            {"index":10,"reason":"invalid_view","detail":"view must be a text of at most 100 characters, none of them a control character"},
            {"index":11,"reason":"invalid_n","detail":"n must be a whole number from 1 to 2147483647"},
            {"index":12,"reason":"invalid_at","detail":"at must be ISO 8601 with an offset, or Unix milliseconds"},
            {"index":13,"reason":"invalid_value","detail":"value must be a number from 0 to 1000000000"},
            {"index":14,"reason":"invalid_properties","detail":"properties must be a flat object of at most 30 texts (up to 500 characters), numbers, booleans and nulls, names up to 50 characters"}]}
            """,
            await RunningService.WholeAsync(answer));
        Assert.Equal(2, log.End(0));
    }

    [Fact]
    public void The_mixed_batch_above_has_every_reason_but_the_key_s_and_those_that_pass() =>
        Assert.Equal(14, RejectReasons.All.Count(reason => reason is not (RejectReason.InvalidKey or RejectReason.LogUnavailable or RejectReason.AppRateLimited)));

    [Fact]
    public async Task What_can_not_be_read_is_400_with_the_place()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var answer = await collector.PostAsync("{\"app\": \"shop\", target: 1}");

        Assert.Equal(
            """
            400
            Content-Type: application/problem+json

            {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"The body can't be read as interactions.","status":400,"detail":"the body is not JSON: 't' is an invalid start of a property name. Expected a '\"', line 1, byte 16","reason":"unreadable"}
            """,
            await RunningService.WholeAsync(answer));
    }

    [Fact]
    public async Task A_batch_of_which_nothing_can_be_taken_is_400_with_each_reason()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var answer = await collector.PostAsync("""[{"app":"shop"},{"app":"shop","target":"x","value":"12"}]""");

        Assert.Equal(
            """
            400
            Content-Type: application/problem+json

            {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.1","title":"None of the interactions can be taken.","status":400,"reason":"all_rejected","rejected":[
            {"index":0,"reason":"invalid_target","detail":"target must be a text that is not empty (only a view or leave may have none)"},
            {"index":1,"reason":"invalid_value","detail":"value must be a number from 0 to 1000000000"}]}
            """,
            await RunningService.WholeAsync(answer));
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_413_with_the_limit()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var answer = await collector.PostAsync(new byte[1_048_577]);

        Assert.Equal(
            """
            413
            Content-Type: application/problem+json

            {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.14","title":"The body is too large.","status":413,"detail":"at most 1048576 bytes are taken, compressed or not","reason":"body_too_large"}
            """,
            await RunningService.WholeAsync(answer));
    }

    [Fact]
    public async Task A_body_that_does_not_come_in_time_is_408_and_may_be_sent_again()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var client = new TcpClient();
        await client.ConnectAsync(collector.Address.Host, collector.Address.Port);
        await client.GetStream().WriteAsync("POST /v1/interactions HTTP/1.1\r\nHost: c\r\nContent-Type: text/plain\r\nContent-Length: 9000\r\n\r\n{"u8.ToArray());

        // Kestrel gives a body five seconds before it looks at its rate.
        using var answer = new StreamReader(client.GetStream());
        Assert.Equal("HTTP/1.1 408 Request Timeout", await answer.ReadLineAsync());
        Assert.Contains("too_slow", await answer.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await collector.SampleAsync("""footfall_refused_requests_total{reason="too_slow"}"""));
    }

    [Fact]
    public async Task Another_type_is_415_with_those_that_are_read()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var answer = await collector.PostAsync("app=shop", "application/x-www-form-urlencoded");

        Assert.Equal(
            """
            415
            Content-Type: application/problem+json

            {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.16","title":"This content type or encoding is not read here.","status":415,"detail":"send application/json, application/x-ndjson or text/plain, plain or with Content-Encoding: gzip; this said application/x-www-form-urlencoded, as curl does without -H 'Content-Type: application/json'","reason":"unsupported_media_type"}
            """,
            await RunningService.WholeAsync(answer));
    }

    [Fact]
    public async Task Too_many_requests_are_429_and_told_when_to_come_back()
    {
        var few = Given.TwoApps with { Capture = Given.TwoApps.Capture with { MaxRequestsPerSecond = 1 } };
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), few);

        // A burst of two and one a second are taken: among many at once, most are not.
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => collector.PostAsync(Given.Click("1"), origin: "https://shop.example")));
        var refused = answers.Where(answer => answer.StatusCode != HttpStatusCode.Accepted).ToArray();

        Assert.InRange(answers.Length - refused.Length, 2, 45);
        Assert.Equal(
            """
            429
            Access-Control-Allow-Origin: https://shop.example
            Access-Control-Expose-Headers: Retry-After
            Content-Type: application/problem+json
            Retry-After: 1
            Vary: Origin

            {"type":"https://tools.ietf.org/html/rfc6585#section-4","title":"Too many requests from this address.","status":429,"reason":"rate_limited"}
            """,
            await RunningService.WholeAsync(refused[0]));
        Assert.Equal(refused.Length, await collector.SampleAsync("""footfall_refused_requests_total{reason="rate_limited"}"""));
        foreach (var answer in answers)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Without_the_log_it_is_503_and_told_when_to_come_back()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        log.Faults.Away = true;
        using var answer = await collector.PostAsync(Given.Click("1"));

        Assert.Equal(
            """
            503
            Content-Type: application/problem+json
            Retry-After: 2

            {"type":"https://tools.ietf.org/html/rfc9110#section-15.6.4","title":"The log can't take interactions now.","status":503,"detail":"send the same again later; with the same ids it counts once","reason":"log_unavailable"}
            """,
            await RunningService.WholeAsync(answer));
        Assert.Equal(1, await collector.SampleAsync("""footfall_rejected_total{app="shop",reason="log_unavailable"}"""));
        Assert.Equal(1, await collector.SampleAsync("""footfall_received_total{app="shop"}"""));
    }

    [Theory]
    [InlineData(Fault.Before)]
    [InlineData(Fault.Midway)]
    [InlineData(Fault.After)]
    [InlineData(Fault.Full)]
    public async Task However_an_append_fails_it_is_not_called_accepted(Fault fault)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        log.Faults.Appends.Enqueue(fault);

        using var failed = await collector.PostAsync($"[{Given.Click("1")},{Given.Click("2")}]");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        Assert.Equal("2", failed.Headers.RetryAfter?.ToString());

        using var again = await collector.PostAsync($"[{Given.Click("1")},{Given.Click("2")}]");
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(2, await collector.SampleAsync("""footfall_accepted_total{app="shop"}"""));
    }

    [Fact]
    public async Task With_too_much_at_hand_it_is_503_and_told_when_to_come_back()
    {
        var narrow = Given.TwoApps with { Capture = Given.TwoApps.Capture with { MaxInFlightBytes = 0 } };
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), narrow);
        using var answer = await collector.PostAsync(Given.Click("1"));

        Assert.Equal(
            """
            503
            Content-Type: application/problem+json
            Retry-After: 1

            {"type":"https://tools.ietf.org/html/rfc9110#section-15.6.4","title":"The collector has too much at hand.","status":503,"reason":"overloaded"}
            """,
            await RunningService.WholeAsync(answer));
    }

    [Theory]
    [InlineData("GET", "/v1/interactions", 405)]
    [InlineData("DELETE", "/v1/interactions", 405)]
    [InlineData("GET", "/v2/interactions", 404)]
    [InlineData("GET", "/.env", 404)]
    public async Task What_is_not_there_is_told_as_problem_details(string method, string path, int status)
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await collector.Client.SendAsync(request);

        Assert.Equal(
            status == 405
                ? """
                405
                Allow: POST
                Content-Type: application/problem+json

                {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.6","title":"Method Not Allowed","status":405}
                """
                : """
                404
                Content-Type: application/problem+json

                {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404}
                """,
            await RunningService.WholeAsync(answer));
    }

    [Fact]
    public async Task A_bug_is_500_and_tells_strangers_nothing_of_it()
    {
        await using var collector = await RunningService.CollectorAsync(new GatedLog(new MemoryLog()) { Bug = new InvalidOperationException("secret") });
        using var answer = await collector.PostAsync(Given.Click("1"));

        Assert.Equal(
            """
            500
            Cache-Control: no-store, no-cache
            Content-Type: application/problem+json
            Expires: -1
            Pragma: no-cache

            {"type":"https://tools.ietf.org/html/rfc9110#section-15.6.1","title":"An error occurred while processing your request.","status":500}
            """,
            await RunningService.WholeAsync(answer));
    }

    [Fact]
    public async Task Ready_follows_the_last_append_and_after_a_while_it_is_ready_for_a_try()
    {
        var time = new FakeTime();
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), time: time);
        Assert.Equal("200\nContent-Type: text/plain; charset=utf-8\n\nready\n", await ReadyAsync(collector));

        log.Faults.Appends.Enqueue(Fault.Before);
        (await collector.PostAsync(Given.Click("1"))).Dispose();
        Assert.Equal(
            "503\nContent-Type: text/plain; charset=utf-8\n\nnot ready: the log did not take the last interactions\n",
            await ReadyAsync(collector));
        Assert.Equal("live\n", await collector.GetTextAsync("/health/live"));

        (await collector.PostAsync(Given.Click("1"))).Dispose();
        Assert.Equal("200\nContent-Type: text/plain; charset=utf-8\n\nready\n", await ReadyAsync(collector));

        log.Faults.Appends.Enqueue(Fault.After);
        (await collector.PostAsync(Given.Click("2"))).Dispose();
        Assert.StartsWith("503", await ReadyAsync(collector), StringComparison.Ordinal);
        time.Advance(Collector.NotReadyAfterFailure);
        Assert.StartsWith("200", await ReadyAsync(collector), StringComparison.Ordinal);
    }

    private static async Task<string> ReadyAsync(RunningService collector)
    {
        using var answer = await collector.GetAsync("/health/ready");
        return await RunningService.WholeAsync(answer);
    }
}
