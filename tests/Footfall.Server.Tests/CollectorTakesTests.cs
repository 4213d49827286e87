using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Footfall.AspNetCore.Capture;
using Footfall.Log.Sqlite;
using Footfall.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Footfall.Server.Tests;

/// <summary>What the collector takes over HTTP, and when it says so.</summary>
public sealed class CollectorTakesTests
{
    public static TheoryData<string?, string> Bodies => new()
    {
        { "application/json", Given.Click("1") },
        { "application/json; charset=utf-8", Given.Click("1") },
        { "application/json;charset=UTF-8", Given.Click("1") },
        { "application/json; charset=\"utf-8\"", Given.Click("1") },
        { "Application/JSON", Given.Click("1") },
        { "text/plain;charset=UTF-8", Given.Click("1") },
        { null, Given.Click("1") },
        { "application/json", $"[{Given.Click("1")}]" },
        { "text/plain;charset=UTF-8", $"[{Given.Click("1")}]" },
        { "application/x-ndjson", Given.Click("1") + "\n" },
        { "application/x-ndjson", "\r\n" + Given.Click("1") + "\r\n\r\n" },
        { "application/jsonl", Given.Click("1") },
        { "application/json", "\uFEFF" + Given.Click("1") },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Forms_and_types_that_browsers_and_tools_send_are_taken(string? type, string body)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var answer = await collector.PostAsync(body, type);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("1", Assert.Single(IdsOf(log)));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=latin1")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/xml")]
    [InlineData("nonsense")]
    public async Task Types_that_it_can_not_read_are_415_and_nothing_is_taken(string type)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var answer = await collector.PostAsync(Given.Click("1"), type);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal(0, log.End(0));
        Assert.Equal(1, await collector.SampleAsync("""footfall_refused_requests_total{reason="unsupported_media_type"}"""));
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("GZIP", true)]
    [InlineData("identity", false)]
    public async Task Encodings_that_it_reads_are_taken(string encoding, bool zipped)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        var body = Given.Utf8(Given.Click("1"));

        using var answer = await collector.PostAsync(zipped ? Given.Gzip(body) : body, encoding: encoding);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(1, log.End(0));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("gzip, gzip")]
    public async Task Encodings_that_it_does_not_read_are_415(string encoding)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var answer = await collector.PostAsync(Given.Gzip(Given.Utf8(Given.Click("1"))), encoding: encoding);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal(0, log.End(0));
    }

    [Fact]
    public async Task What_says_gzip_and_is_not_is_unreadable()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var answer = await collector.PostAsync(Given.Click("1"), encoding: "gzip");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("not gzip", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, log.End(0));
    }

    [Fact]
    public async Task Gzip_that_breaks_off_is_unreadable_and_none_of_its_lines_is_taken()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        var lines = string.Concat(Enumerable.Range(0, 1_000).Select(i => Given.Click(Number(i)) + "\n"));
        var zipped = Given.Gzip(Given.Utf8(lines));

        using var answer = await collector.PostAsync(zipped[..(zipped.Length / 2)], "application/x-ndjson", "gzip");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(0, log.End(0));
    }

    [Fact]
    public async Task The_executable_itself_finds_gzip_that_breaks_off() => Assert.Contains(
        "\"System.IO.Compression.UseStrictValidation\": true",
        await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "footfall.runtimeconfig.json")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(1, "application/json")]
    [InlineData(1_000, "application/json")]
    [InlineData(1_000, "application/x-ndjson")]
    [InlineData(10_000, "application/json")]
    [InlineData(10_000, "application/x-ndjson")]
    public async Task Any_number_up_to_the_limit_is_in_the_log_whole_and_in_order(int count, string type)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var answer = await collector.PostAsync(Many(count, type), type);

        Assert.Equal($$"""{"accepted":{{Number(count)}},"rejected":[]}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(Enumerable.Range(0, count).Select(Number), IdsOf(log));
        Assert.Equal(count, await collector.SampleAsync("""footfall_accepted_total{app="shop"}"""));
        Assert.Equal(count, await collector.SampleAsync("""footfall_received_total{app="shop"}"""));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-ndjson")]
    public async Task One_more_than_the_limit_and_none_is_taken(string type)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var answer = await collector.PostAsync(Many(10_001, type), type);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("\"too_many_interactions\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(0, log.End(0));
    }

    [Fact]
    public async Task Ten_thousand_are_in_the_embedded_log_when_the_answer_says_so()
    {
        var directory = Directory.CreateTempSubdirectory("footfall-server-").FullName;
        try
        {
            await using var log = SqliteLog.Open(new SqliteLogOptions(directory), TimeProvider.System);
            await using var collector = await RunningService.CollectorAsync(log);

            using var answer = await collector.PostAsync(Many(10_000, "application/json"));

            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            await using var consumer = log.OpenConsumer();
            await using var metrics = await RunningService.MetricsAsync(consumer);
            await Eventually.HoldsAsync("all are counted", async () =>
                await metrics.SampleAsync("""footfall_log_counted_total{partition="0"}""") == 10_000);
            await metrics.App.StopAsync();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_413_whether_it_says_its_length_or_not(bool chunked)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        var body = new byte[1_048_577];
        Array.Fill(body, (byte)' ');

        using var answer = await collector.PostAsync(body, chunked: chunked);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal(1, await collector.SampleAsync("""footfall_refused_requests_total{reason="body_too_large"}"""));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_just_the_limit_is_taken(bool chunked)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        var body = new byte[1_048_576];
        Array.Fill(body, (byte)' ');
        Given.Utf8(Given.Click("1")).CopyTo(body, 0);

        using var answer = await collector.PostAsync(body, chunked: chunked);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(1, log.End(0));
    }

    [Fact]
    public async Task A_hundred_megabytes_of_zeros_in_gzip_are_413()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        using var answer = await collector.PostAsync(Given.Gzip(new byte[100_000_000]), encoding: "gzip");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task The_answer_does_not_come_before_the_log_has_it()
    {
        var memory = new MemoryLog();
        var log = new GatedLog(memory);
        await using var collector = await RunningService.CollectorAsync(log);

        var post = collector.PostAsync(Given.Click("1"));
        await log.Arrived;
        for (var i = 0; i < 20; i++)
        {
            // Others are answered all the while.
            Assert.Equal("live\n", await collector.GetTextAsync("/health/live"));
        }

        Assert.False(post.IsCompleted);
        log.Release();
        using var answer = await post;
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(1, memory.End(0));
    }

    [Fact]
    public async Task A_sender_that_goes_away_and_sends_again_is_counted_once()
    {
        var memory = new MemoryLog();
        var log = new GatedLog(memory);
        await using var collector = await RunningService.CollectorAsync(log);
        using (var sender = await SendRawAsync(collector, Given.Click("1"), Given.Click("1").Length))
        {
            await log.Arrived;
            sender.LingerState = new LingerOption(enable: true, seconds: 0); // a reset, as of a tab that is closed
        }

        log.Release();
        await Eventually.HoldsAsync("the log has what was sent", () => memory.End(0) == 1);
        using var again = await collector.PostAsync(Given.Click("1"));

        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
        Assert.Equal(["1", "1"], IdsOf(memory));
        await using var metrics = await RunningService.MetricsAsync(memory.OpenConsumer());
        await Eventually.HoldsAsync("both are read", async () => await metrics.SampleAsync("""footfall_duplicates_total{app="shop"}""") == 1);
        Assert.Equal(1, await metrics.SampleAsync("""footfall_log_counted_total{partition="0"}"""));
    }

    [Fact]
    public async Task Of_a_body_that_breaks_off_nothing_is_taken()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());
        using (var sender = await SendRawAsync(collector, Given.Click("half") + "\n", length: 1_000))
        {
            var stream = sender.GetStream();
            sender.Client.Shutdown(SocketShutdown.Send);
            var rest = new byte[1_000];
            try
            {
                while (await stream.ReadAsync(rest) > 0)
                {
                    // To the end of what it says about that.
                }
            }
            catch (IOException)
            {
                // A reset is an end as well.
            }
        }

        using var whole = await collector.PostAsync(Given.Click("whole"));
        Assert.Equal(["whole"], IdsOf(log));
    }

    [Fact]
    public async Task A_connection_that_is_reset_within_a_body_is_counted_and_no_error_of_ours()
    {
        using var logged = new LoggedErrors();
        await using (var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter()))
        {
            collector.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(logged);
            using (var sender = await SendRawAsync(collector, Given.Click("half") + "\n", length: 1_000))
            {
                sender.LingerState = new LingerOption(enable: true, seconds: 0);
            }

            await Eventually.HoldsAsync("it is counted", async () => await collector.SampleAsync("""footfall_refused_requests_total{reason="unreadable"}""") == 1);
        }

        Assert.Empty(logged.Texts);
    }

    [Fact]
    public async Task Answers_that_nobody_reads_take_no_more_than_bodies_may()
    {
        const int Unread = 30; // of which nine fit
        var narrow = Given.TwoApps with { Capture = Given.TwoApps.Capture with { MaxBodyBytes = 100_000, MaxInFlightBytes = 1_000_000 } };
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), narrow);
        var wrong = string.Join('\n', Enumerable.Repeat("0", 9_999)); // each is told, in 60 bytes
        var senders = new List<TcpClient>();
        try
        {
            for (var i = 0; i < Unread; i++)
            {
                senders.Add(await SendRawAsync(collector, wrong, wrong.Length));
            }

            await Eventually.HoldsAsync("there is no room for more", async () => await collector.SampleAsync("""footfall_refused_requests_total{reason="overloaded"}""") > 0);
        }
        finally
        {
            senders.ForEach(sender => sender.Dispose());
        }

        await Eventually.HoldsAsync("they are gone", async () => (await collector.PostAsync(Given.Click("1"))).StatusCode == HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Senders_at_the_same_time_lose_nothing()
    {
        const int Senders = 8;
        const int Each = 50;
        var log = new MemoryLog(partitions: 3);
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter());

        await Parallel.ForAsync(0, Senders, async (sender, _) =>
        {
            for (var i = 0; i < Each; i++)
            {
                using var answer = await collector.PostAsync(Given.Click($"{Number(sender)}-{Number(i)}"));
                Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            }
        });

        Assert.Equal(Senders * Each, Enumerable.Range(0, 3).SelectMany(partition => IdsOf(log, partition)).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_record_in_the_log_is_stamped_named_and_clean()
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), time: new FakeTime());

        using var answer = await collector.PostAsync("""
            {"id":"1","app":"shop","type":"submit","target":"  Buy\n now ","page":"https://shop.example/orders/4711?secret=1","visitor":"ann","session":"s",
             "at":1795494588000,"value":12.5,"properties":{"plan":"pro","seats":3}}
            """);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(
            """{"id":"1","app":"shop","type":"submit","target":"Buy now","page":"/orders/:id","visitor":"ann","received":"2026-11-24T05:29:48.123Z","value":12.5,"at":"2026-11-24T04:29:48.000Z","session":"s","properties":{"plan":"pro","seats":3}}""",
            Encoding.UTF8.GetString(Assert.Single(log.Values(0))));
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string?> IdsOf(MemoryLog log, int partition = 0) => log.Values(partition).Select(value =>
    {
        using var document = JsonDocument.Parse(value);
        return document.RootElement.GetProperty("id").GetString();
    });

    private static string Many(int count, string type)
    {
        // Short, so that 10,001 are within the limit of bytes.
        var each = Enumerable.Range(0, count).Select(i => $$"""{"id":"{{Number(i)}}","app":"shop","target":"a","visitor":"v"}""");
        return type == "application/json" ? $"[{string.Join(',', each)}]" : string.Join('\n', each);
    }

    private static async Task<TcpClient> SendRawAsync(RunningService collector, string body, int length)
    {
        var client = new TcpClient();
        await client.ConnectAsync(collector.Address.Host, collector.Address.Port);
        await client.GetStream().WriteAsync(Given.Utf8(
            $"POST /v1/interactions HTTP/1.1\r\nHost: {collector.Address.Authority}\r\nContent-Type: application/x-ndjson\r\nContent-Length: {Number(length)}\r\n\r\n{body}"));
        return client;
    }
}
