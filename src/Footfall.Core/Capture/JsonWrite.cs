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

    /// <summary>A text in quotes that has nothing to escape.</summary>
    public static void PlainText(Scratch output, ReadOnlySpan<byte> utf8)
    {
        var quoted = output.Reserve(utf8.Length + 2);
        quoted[0] = (byte)'"';
        utf8.CopyTo(quoted[1..]);
        quoted[^1] = (byte)'"';
        output.Advance(quoted.Length);
    }

    /// <summary>A time as ISO 8601 in UTC with milliseconds, in quotes: <c>"2026-11-24T05:29:48.123Z"</c>.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="unixMilliseconds">From the year 1970 to 9999.</param>
    /// <param name="last">The minute of the last such time, which most are in; may be anybody's.</param>
    public static void Time(Scratch output, long unixMilliseconds, ref Minute? last)
    {
        var minute = Volatile.Read(ref last);
        if (minute is null || unixMilliseconds - minute.Start is < 0 or >= 60_000)
        {
            Volatile.Write(ref last, minute = new Minute(unixMilliseconds));
        }

        var rest = (uint)(unixMilliseconds - minute.Start);
        var (second, millisecond) = (rest / 1000, rest % 1000);
        var text = output.Reserve(26);
        minute.Text.CopyTo(text);
        text[18] = (byte)('0' + (second / 10));
        text[19] = (byte)('0' + (second % 10));
        text[20] = (byte)'.';
        text[21] = (byte)('0' + (millisecond / 100));
        text[22] = (byte)('0' + (millisecond / 10 % 10));
        text[23] = (byte)('0' + (millisecond % 10));
        text[24] = (byte)'Z';
        text[25] = (byte)'"';
        output.Advance(26);
    }

    /// <summary>A number without exponent.</summary>
    public static void Number(Scratch output, decimal value)
    {
        Utf8Formatter.TryFormat(value, output.Reserve(32), out var written);
        output.Advance(written);
    }

    /// <summary>A whole number.</summary>
    public static void Number(Scratch output, int value)
    {
        Utf8Formatter.TryFormat(value, output.Reserve(16), out var written);
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

    /// <summary>What the times of a minute begin with.</summary>
    public sealed class Minute
    {
        public Minute(long unixMilliseconds)
        {
            var time = DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).UtcDateTime;
            Start = unixMilliseconds - (time.Second * 1000) - time.Millisecond;
            // 'O' writes all of it, down to seven decimals: "2026-11-24T05:29:48.1230000Z".
            Span<byte> text = stackalloc byte[28];
            Utf8Formatter.TryFormat(time, text, out _, new StandardFormat('O'));
            Text = [(byte)'"', .. text[..17]];
        }

        public long Start { get; }

        public byte[] Text { get; }
    }
}
