using System.Text;

namespace Footfall.Fuzz;

/// <summary>What is worth putting somewhere: names and texts that the code compares with, and what such code has got wrong before.</summary>
internal static class Words
{
    /// <summary>Of all formats, as JSON.</summary>
    public static byte[][] Names { get; } = Bytes([.. """
        id app type target page visitor session view n at value properties writeKey batch sentAt context path url event messageId anonymousId userId
        timestamp originalTimestamp name revenue specversion source time data data_base64 resourceLogs resource attributes key stringValue intValue
        doubleValue scopeLogs logRecords eventName timeUnixNano observedTimeUnixNano received
        """.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(name => $"\"{name}\""), "\"\"", "\"\\ud800\"", "\"i\\u0064\"", "\"\\u0000\""]);

    /// <summary>Values, as JSON.</summary>
    public static byte[][] Values { get; } = Bytes([
        "null", "true", "{}", "[]", "\"\"", "\" \"", "0", "-0", "-1", "1", "0.1", "1e0", "1e400", "-1e400", "1e-400", "1E+9", "1000000000", "1000000000.0000001", "0.0000005", "2147483647",
        "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "253402300799999", "253402300800000", "79228162514264337593543950335",
        "0.1234567890123456789012345678901234567890", "1795498187500.25", "\"1795498187500000000\"", "\"0\"", "\"-5\"", "\"2026-11-24T05:29:48Z\"",
        "\"2026-11-24T05:29:48.1234567+14:00\"", "\"0001-01-01T00:00:00+14:00\"", "\"9999-12-31T23:59:59-14:00\"", "\"1969-12-31T23:59:59Z\"", "\"2026-11-24\"", "\"\\u0032026-11-24T05:29:48Z\"",
        "\"019ab3a0-0000-7000-8000-000000000001\"", "\"shop\"", "\"blog\"", "\"shop-key-0123456789\"", "\"view\"", "\"leave\"", "\"track\"", "\"page\"", "\"identify\"",
        "\"footfall.interaction.click\"", "\"/apps/shop\"", "\"1.0\"", "\"app.widget.click\"", "\"browser.page_view\"", "\"service.name\"", "\"event.id\"", "\"url.full\"", "\"session.id\"", "\"value\"",
        "\"https://a.example/1/b?c#d\"", "\"://\"", "\"/%40/a@b/deadbeefdeadbeef/01HZY0QK9M3N5P7R8S9T0V1W2X\"", "\"/courses/12/lessons/9\"", "{\"stringValue\":\"s\"}", "{\"intValue\":\"5\"}", "{\"a\":{\"b\":[1]},\"c\":2}",
        "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\u001f\\u007f\\u0085\\u200b\\u202e\\ufeff\"", "\"\\\\\\\"\\/\\b\\f\\n\\r\\t\"", "\"\u2028\u202e\ufeff\U0001F600é\"",
        $"\"{new string('a', 50)}\"", $"\"{new string('a', 51)}\"", $"\"{new string('a', 100)}\"", $"\"{new string('é', 101)}\"", $"\"{new string('\u4e2d', 200)}\"", $"\"{new string('b', 201)}\"",
        $"\"{string.Concat(Enumerable.Repeat("\U0001F600", 200))}\"", $"\"{string.Concat(Enumerable.Repeat("\\ud83d\\ude00", 101))}\"", $"\"{new string('x', 501)}\"", $"\"{new string('z', 5000)}\"",
        $"1{new string('0', 49)}", $"1{new string('0', 50)}"]);

    /// <summary>Bytes, anywhere.</summary>
    public static byte[][] Pieces { get; } = [
        .. Bytes(["{", "}", "[", "]", ",", ":", "\"", "\\", "\n", "\r\n", " ", "\t", "\\u", "\\ud800", "\\udfff", "\\u0000", "\uFEFF", "//", "/*", "NaN", "{}\n", "]\n[", "\0", "…", "a", "/", "?", "#", "://", "%40", "@", "T", "Z", "+00:00", "e", "."]),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x80], [0xF0, 0x9F, 0x98], [0x80], [0x1F, 0x8B, 0x08], [0x00], [0x7F], [0xEF, 0xBB, 0xBF]];

    private static byte[][] Bytes(IEnumerable<string> texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
