using System.Buffers;
using System.Buffers.Text;

namespace Footfall.Capture;

/// <summary>The few JSON forms that a record consists of, as UTF-8 (RFC 8259).</summary>
internal static class JsonWrite
{
    private static readonly SearchValues<byte> NeedsEscape = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(i => (byte)i), (byte)'"', (byte)'\\']);

    /// <summary>A text in quotes; only what RFC 8259 demands is escaped, so that people can read it.</summary>
    public static void Text(Scratch output, ReadOnlySpan<byte> utf8)
    {
        output.Append((byte)'"');
        for (var next = utf8.IndexOfAny(NeedsEscape); next >= 0; next = utf8.IndexOfAny(NeedsEscape))
        {
            output.Append(utf8[..next]);
            Escape(output, utf8[next]);
            utf8 = utf8[(next + 1)..];
        }

        output.Append(utf8);
        output.Append((byte)'"');
    }

    /// <summary>A time as ISO 8601 in UTC with milliseconds, in quotes: <c>"2026-11-24T05:29:48.123Z"</c>.</summary>
    public static void Time(Scratch output, long unixMilliseconds)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).UtcDateTime;
        output.Append((byte)'"');
        // 'O' writes seven decimals: "2026-11-24T05:29:48.1230000Z".
        Utf8Formatter.TryFormat(time, output.Reserve(28), out _, new StandardFormat('O'));
        output.Advance(23);
        output.Append("Z\""u8);
    }

    /// <summary>A number without exponent.</summary>
    public static void Number(Scratch output, decimal value)
    {
        Utf8Formatter.TryFormat(value, output.Reserve(32), out var written);
        output.Advance(written);
    }

    private static void Escape(Scratch output, byte value)
    {
        if (value is (byte)'"' or (byte)'\\')
        {
            output.Append((byte)'\\');
            output.Append(value);
            return;
        }

        output.Append("\\u00"u8);
        output.Append((byte)"0123456789abcdef"[value >> 4]);
        output.Append((byte)"0123456789abcdef"[value & 15]);
    }
}
