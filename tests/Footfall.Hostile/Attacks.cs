using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Footfall.Hostile;

/// <summary>One way to be a nuisance.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Weight">How often, beside the others.</param>
/// <param name="Make">The bytes of one request.</param>
/// <param name="BreaksOff">Goes away after them, without reading.</param>
/// <param name="IsIncomplete">The request has no end: after its answer, the server waits for the rest before it closes the connection.</param>
internal sealed record Attack(string Name, int Weight, Func<Random, byte[]> Make, bool BreaksOff = false, bool IsIncomplete = false);

/// <summary>What is sent to the collector beside good interactions.</summary>
internal static class Attacks
{
    private const string Json = "Content-Type: application/json\r\n";

    // What a few bytes decompress to is far above any limit.
    private static readonly byte[] Bomb = Gzip(new byte[64 << 20]);
    private static readonly byte[] Deep = [.. Enumerable.Repeat((byte)'[', 30_000)];
    private static readonly byte[] DeepField = Utf8("{\"target\":\"t\",\"properties\":" + string.Concat(Enumerable.Repeat("{\"a\":", 5_000)));
    private static readonly byte[] Long = Utf8($$"""{"target":"{{new string('x', 900_000)}}"}""");
    private static readonly byte[] TooMany = Utf8("[" + string.Join(',', Enumerable.Repeat("""{"target":"t"}""", 10_001)) + "]");
    private static readonly byte[] Endless = [.. Utf8("POST /v1/interactions HTTP/1.1\r\nHost: x\r\n" + Json + "Transfer-Encoding: chunked\r\n\r\n"), .. Chunks(40)];

    private static readonly string[] WrongFields =
    [
        """{"target":5}""", """{"target":null}""", """{"target":{"a":1}}""", """{"target":"t","id":7}""", """{"target":"t","id":""}""",
        """{"target":"t","at":"yesterday"}""", """{"target":"t","at":1e308}""", """{"target":"t","at":-1}""", """{"target":"t","value":-1}""",
        """{"target":"t","value":1e400}""", """{"target":"t","value":"49"}""", """{"target":"t","type":"<script>"}""", """{"target":"t","visitor":[1]}""",
        """{"target":"t","properties":[]}""", """{"target":"t","properties":{"a":{"b":1}}}""", """{"target":"\ud800"}""", """{"target":"\udc00\ud800","id":"\uffff"}""",
        """{"target":"t","app":"nobody"}""", """{"target":"t","app":7}""", """{"target":"t","page":false}""", """{"target":"t","session":"\u0000"}""",
        """[[[]]]""", """[1,2,3]""", "\"text\"  ", """nul""", """{"target":"t"}}""", """{"target":"t",}""", """{'target':'t'}""", """{"a":1"b":2}""", "", " ", "[]", "{}",
        """{"target":"\u202etegrat","page":"/\u200f"}""", """{"target":"<img src=x onerror=alert(1)>"}""", """{"target":"a","target":"b","target":"c"}""",
    ];

    private static readonly string[] WrongHeads =
    [
        "Content-Type: application/xml\r\n", "Content-Type: multipart/form-data; boundary=x\r\n", "Content-Type: application/json; charset=utf-16\r\n",
        "Content-Type: application/json\r\nContent-Encoding: br\r\n", "Content-Type: ;;;\r\n", "Content-Type: application/json\r\nContent-Encoding: gzip, gzip\r\n",
        "Content-Type: text/plain\r\nOrigin: null\r\n", "Content-Type: text/plain\r\nOrigin: https://evil.example\r\n", "Content-Type: text/plain\r\nOrigin: \u00e9\r\n",
        "Content-Type: application/json\r\nExpect: 100-continue\r\n", "Content-Type: application/json\r\nAuthorization: Basic !!!\r\n", "Content-Type: application/json\r\nX-Forwarded-For: 1.2.3.4, unknown, ::1\r\n",
    ];

    private static readonly string[] BrokenRequests =
    [
        "GARBAGE\r\n\r\n", "POST /v1/interactions\r\n\r\n", "POST /v1/interactions HTTP/9.9\r\n\r\n", "POST http://[::1 HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "POST /v1/interactions HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", "POST /v1/interactions HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST /v1/interactions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\0\0\r\n\r\n", "POST /%00%ff/../../etc/passwd HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    ];

    private static readonly string[] Places =
    [
        "GET / HTTP/1.1", "DELETE /v1/interactions HTTP/1.1", "PUT /v1/interactions HTTP/1.1", "GET /v1/interactions HTTP/1.1", "OPTIONS /v1/interactions HTTP/1.1", "GET /metrics HTTP/1.1",
        "GET /../../../etc/passwd HTTP/1.1", "GET /footfall.js HTTP/1.1", "HEAD /openapi/v1.json HTTP/1.1", "POST /v2/interactions HTTP/1.1", "GET /demo/courses/%2e%2e/%2e%2e HTTP/1.1",
    ];

    public static IReadOnlyList<Attack> All { get; } =
    [
        new("a million names", 40, random => Post(Json, Names(random))),
        new("wrong fields", 12, random => Post(Json, Utf8(Any(random, WrongFields)))),
        new("wrong heads", 8, random => Post(Any(random, WrongHeads), Utf8("""{"target":"t"}"""))),
        new("broken HTTP", 8, random => Encoding.Latin1.GetBytes(Any(random, BrokenRequests))),
        new("other places", 6, random => Utf8(Any(random, Places) + "\r\nHost: x\r\nContent-Length: 0\r\n\r\n")),
        new("random bytes", 8, random => Post(Json, Bytes(random, random.Next(1, 2_000)))),
        new("random bytes as gzip", 4, random => Post(Json + "Content-Encoding: gzip\r\n", Bytes(random, random.Next(1, 2_000)))),
        new("broken lines", 4, random => Post("Content-Type: application/x-ndjson\r\n", Lines(random))),
        new("bombs", 1, _ => Post(Json + "Content-Encoding: gzip\r\n", Bomb)),
        new("deep", 2, random => Post(Json, random.Next(2) == 0 ? Deep : DeepField)),
        new("long texts", 1, _ => Post(Json, Long)),
        new("too many in one", 1, _ => Post(Json, TooMany)),
        new("announced as huge", 2, _ => Head(Json, 100_000_000), IsIncomplete: true),
        new("chunks without end", 1, _ => Endless, IsIncomplete: true),
        new("large heads", 2, _ => Post(Json + $"X-Large: {new string('x', 40_000)}\r\n", "{}"u8)),
        new("many heads", 1, _ => Post(Json + string.Concat(Enumerable.Range(0, 200).Select(n => string.Create(CultureInfo.InvariantCulture, $"X-{n}: x\r\n"))), "{}"u8)),
        new("breaks off", 4, random => Part(random, Post(Json, Names(random))), BreaksOff: true),
    ];

    private static byte[] Post(string head, ReadOnlySpan<byte> body) => [.. Head(head, body.Length), .. body];

    private static byte[] Head(string head, int length) => Encoding.Latin1.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"POST /v1/interactions HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {length}\r\n\r\n"));

    /// <summary>A few interactions that can be taken, of which nothing was ever seen before.</summary>
    private static byte[] Names(Random random) => Utf8("[" + string.Join(',', Enumerable.Range(0, random.Next(1, 6)).Select(_ =>
        $$"""{"target":"{{Word(random)}}","page":"/{{Word(random)}}/{{Word(random)}}","type":"t{{random.Next(1_000)}}","visitor":"{{Word(random)}}","value":{{random.Next(100)}}}""")) + "]");

    private static byte[] Lines(Random random) => Utf8(string.Join('\n', Enumerable.Range(0, random.Next(1, 40)).Select(_ => Any(random, WrongFields))));

    private static byte[] Chunks(int count)
    {
        byte[] chunk = [.. "8000\r\n"u8, .. new byte[0x8000], .. "\r\n"u8];
        return [.. Enumerable.Repeat(chunk, count).SelectMany(bytes => bytes)];
    }

    private static byte[] Part(Random random, byte[] whole) => whole[..random.Next(20, whole.Length)];

    private static string Word(Random random) => random.NextInt64().ToString("x", CultureInfo.InvariantCulture);

    private static T Any<T>(Random random, T[] from) => from[random.Next(from.Length)];

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Gzip(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return compressed.ToArray();
    }
}
