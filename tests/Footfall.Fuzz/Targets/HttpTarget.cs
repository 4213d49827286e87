using System.Net;
using System.Text;
using System.Text.Json;
using Footfall.Capture;
using Footfall.Server;
using Footfall.Server.Capture;
using Microsoft.AspNetCore.Builder;

namespace Footfall.Fuzz.Targets;

/// <summary>The collector as a whole, over real HTTP: whatever comes is answered as its documents say, and the connection goes on.</summary>
internal sealed class HttpTarget : Target, IDisposable
{
    /// <summary>The fault is its, and it says which: the log can't be written, or there is too much at hand.</summary>
    private static readonly string[] OwnFaults = [Refusal.LogUnavailable.Name(), Refusal.Overloaded.Name()];

    private readonly CheckingLog _log = new();
    private readonly WebApplication _collector;
    private readonly HttpConnection _connection;

    public HttpTarget()
        : base("http")
    {
        // What it would tell the operator of each hostile request is not of interest here.
        var console = Console.Out;
        Console.SetOut(TextWriter.Null);
        _collector = CollectorHost.Build(Options, _log, TimeProvider.System, demo: null);
        _collector.StartAsync().GetAwaiter().GetResult();
        Console.SetOut(console);
        _connection = new HttpConnection(new IPEndPoint(IPAddress.Loopback, new Uri(_collector.Urls.Single()).Port));
    }

    /// <summary>A little more than the limit of this collector.</summary>
    public override int LongestInput => 80 * 1024;

    private static FootfallOptions Options => new()
    {
        Capture = new CaptureSection
        {
            Listen = "http://127.0.0.1:0",
            MaxBodyBytes = 64 * 1024,
            MaxRequestsPerSecond = 1_000_000_000,
            Apps =
            {
                ["shop"] = new AppSection { Origins = ["https://shop.example"], WriteKey = "shop-key-0123456789", PagePatterns = ["/courses/:course"] },
                ["blog"] = new AppSection { Origins = ["*"], MaxInteractionsPerSecond = 20_000 },
            },
        },
    };

    public override void Check(byte[] input)
    {
        var request = HttpInput.Read(input);
        var answer = _connection.Send(request.Bytes, isHead: request.Method == "HEAD");
        if (_log.TakeWrong() is { } wrong)
        {
            throw new BrokenPromise($"a record went to the log that must not: '{wrong.Message}'");
        }

        CheckAnswer(request, answer);
        if (!answer.Closes && answer.Status >= 400)
        {
            var alive = _connection.Send("GET /health/live HTTP/1.1\r\nHost: fuzz\r\n\r\n"u8, isHead: false);
            BrokenPromise.Unless(alive.Status == 200 && alive.Body.AsSpan().SequenceEqual("live\n"u8), $"after {answer.Status} the connection's next answer is {alive.Status}");
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _collector.StopAsync().GetAwaiter().GetResult();
        _collector.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private static void CheckAnswer(HttpInput request, HttpAnswer answer)
    {
        if (answer.Status < 400 || request.Method == "HEAD" || IsNotReady(answer))
        {
            BrokenPromise.Unless(answer.Status is (>= 200 and < 500) or 503, $"the answer is {answer.Status}");
            return;
        }

        if (answer.Body.Length == 0)
        {
            // The server's own, before there is a request.
            BrokenPromise.Unless(answer.Status is 400 or 408 or 413 or 414 or 431 && answer.Closes, $"{answer.Status} without a body");
            return;
        }

        if (answer.Status is 404 or 405 && answer.Header("Content-Type") == "text/plain")
        {
            return; // no resource of ours, and Accept asks for no JSON
        }

        using var body = ReadJson(answer);
        if (body.RootElement.TryGetProperty("code", out var code))
        {
            BrokenPromise.Unless(code.GetInt32() is 3 or 8 or 14 or 16 && body.RootElement.GetProperty("message").GetString()!.Length > 0, $"code {code.GetInt32()} is none of google.rpc.Status that is documented");
            BrokenPromise.Unless(answer.Status is 400 or 401 or 413 or 415 or 429 or 503, $"the answer is {answer.Status}");
            return;
        }

        BrokenPromise.Unless(answer.Header("Content-Type") == "application/problem+json", $"{answer.Status} is no problem");
        BrokenPromise.Unless(body.RootElement.GetProperty("status").GetInt32() == answer.Status, "a problem of another status");
        CheckReason(answer, body.RootElement.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
    }

    /// <summary>Says so to who asks for its health: paths have many spellings.</summary>
    private static bool IsNotReady(HttpAnswer answer) =>
        answer.Status == 503 && answer.Body.AsSpan().StartsWith("not ready: "u8);

    private static JsonDocument ReadJson(HttpAnswer answer)
    {
        try
        {
            return JsonDocument.Parse(answer.Body);
        }
        catch (JsonException)
        {
            throw new BrokenPromise($"{answer.Status} with what is no JSON: '{Encoding.Latin1.GetString(answer.Body)}'");
        }
    }

    /// <summary>Of the closed list, or none where there is no such resource, or not in that version (If-Match) or range.</summary>
    private static void CheckReason(HttpAnswer answer, string? reason)
    {
        if (reason is null)
        {
            BrokenPromise.Unless(answer.Status is 404 or 405 or 412 or 416, $"{answer.Status} without a reason");
            return;
        }

        var refusal = Refusals.All.Where(refusal => refusal.Name() == reason).Cast<Refusal?>().SingleOrDefault();
        BrokenPromise.Unless(refusal is not null, $"the reason '{reason}' is not in the list");
        BrokenPromise.Unless(refusal!.Value.Status() == answer.Status, $"{answer.Status} is not the status of '{reason}'");
        BrokenPromise.Unless(answer.Status < 500 || OwnFaults.Contains(reason), $"{answer.Status} for '{reason}'");
        BrokenPromise.Unless(refusal.Value.RetryAfter() is null || answer.Header("Retry-After") is not null, $"'{reason}' does not say when to try again");
    }
}
