using System.Text;

namespace Footfall.Capture;

/// <summary>
/// Makes a stranger's text fit to be a label: runs of white space become one blank, ends are trimmed, control and
/// bidirectional formatting characters go (they would reorder a legend), and what is longer than the limit is cut
/// and ends in "…".
/// </summary>
public static class Labels
{
    private static readonly Rune Ellipsis = new('…');

    /// <summary>Characters (scalar values) of valid UTF-8: every byte but the continuing ones.</summary>
    public static int Length(ReadOnlySpan<byte> utf8)
    {
        var length = 0;
        foreach (var b in utf8)
        {
            length += (b & 0xC0) == 0x80 ? 0 : 1;
        }

        return length;
    }

    /// <summary>Bytes that the destination of <see cref="Clean"/> needs for any text of this many bytes.</summary>
    public static int MaxBytes(int utf8Length, int maxLength) =>
        Math.Min((utf8Length * 3) + 4, (maxLength + 1) * 4);

    /// <summary>Cleans <paramref name="text"/> (valid UTF-8) into <paramref name="destination"/>.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int Clean(ReadOnlySpan<byte> text, Span<byte> destination, int maxLength, out bool shortened)
    {
        if (IsPlain(text, maxLength))
        {
            text.CopyTo(destination);
            shortened = false;
            return text.Length;
        }

        return CleanSlowly(text, destination, maxLength, out shortened);
    }

    /// <summary>Cleans a text that stands in <paramref name="scratch"/>; most stay where they are.</summary>
    internal static Slot Clean(Scratch scratch, Slot text, int maxLength, out bool shortened)
    {
        if (IsPlain(scratch[text], maxLength))
        {
            shortened = false;
            return text;
        }

        var room = scratch.Reserve(MaxBytes(text.Length, maxLength));
        var start = scratch.Length;
        scratch.Advance(CleanSlowly(scratch[text], room, maxLength, out shortened));
        return scratch.Since(start);
    }

    /// <summary>Whether it stays as it is when it becomes a label: another text would never come.</summary>
    public static bool IsLabel(string text, int maxLength)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var clean = new byte[MaxBytes(utf8.Length, maxLength)];
        return clean.AsSpan(0, Clean(utf8, clean, maxLength, out _)).SequenceEqual(utf8);
    }

    /// <summary>Whether it is short enough, and printable ASCII without a blank at an end or two in a row: most labels there are.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> text, int maxLength) =>
        text.Length <= maxLength
        && text.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E) < 0
        && (text.IsEmpty || (text[0] != ' ' && text[^1] != ' ' && text.IndexOf("  "u8) < 0));

    private static int CleanSlowly(ReadOnlySpan<byte> text, Span<byte> destination, int maxLength, out bool shortened)
    {
        var written = 0;
        var length = 0;
        var blank = false;
        shortened = false;
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var consumed);
            text = text[consumed..];
            if (Rune.IsWhiteSpace(rune))
            {
                blank = length > 0;
                continue;
            }

            if (Rune.IsControl(rune) || IsDirectional(rune))
            {
                continue;
            }

            // One place is kept for the ellipsis, so that a text of just the limit is not cut.
            if (length + (blank ? 2 : 1) > maxLength)
            {
                shortened = true;
                written = Shorten(destination, written, length, maxLength);
                break;
            }

            if (blank)
            {
                destination[written++] = (byte)' ';
                length++;
                blank = false;
            }

            written += rune.EncodeToUtf8(destination[written..]);
            length++;
        }

        return written;
    }

    private static int Shorten(Span<byte> destination, int written, int length, int maxLength)
    {
        if (length == maxLength)
        {
            Rune.DecodeLastFromUtf8(destination[..written], out _, out var last);
            written -= last;
        }

        return written + Ellipsis.EncodeToUtf8(destination[written..]);
    }

    /// <summary>Unicode's bidirectional controls (UAX #9) and the byte order mark.</summary>
    private static bool IsDirectional(Rune rune) =>
        rune.Value is 0x200E or 0x200F or 0x061C or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0xFEFF;
}
