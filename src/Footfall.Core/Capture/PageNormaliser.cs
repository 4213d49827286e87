using System.Text;

namespace Footfall.Capture;

/// <summary>
/// Turns a page's address into a label of bounded variety: no scheme, host, query or fragment; what looks like an
/// identifier becomes <c>:id</c>; patterns of the app go first.
/// </summary>
/// <remarks>
/// A pattern is a path whose segments are literal, <c>:name</c> (any one segment, shown as <c>:name</c>) or a last
/// <c>*</c> (the rest, shown as <c>*</c>): <c>/courses/:course/lessons/*</c>. The first that matches wins.
/// </remarks>
public sealed class PageNormaliser
{
    /// <summary>From this length on, a hexadecimal segment with a digit in it is an identifier (a Mongo id has 24, a short hash 12).</summary>
    private const int HexIdLength = 12;

    /// <summary>From this length on, a segment without a separator that mixes letters and at least two digits is an identifier (ULID, nanoid).</summary>
    private const int TokenIdLength = 20;

    private readonly byte[][][] _patterns;

    /// <exception cref="FormatException">A pattern can't be read; the message names it.</exception>
    public PageNormaliser(IEnumerable<string> patterns) => _patterns = [.. patterns.Select(ParsePattern)];

    /// <summary>
    /// Writes the label's path for <paramref name="page"/> (a path or URL in UTF-8; it is the path that is cleaned, afterwards). The label is never longer
    /// than the page plus 4 bytes a segment.
    /// </summary>
    /// <returns>How many bytes were written.</returns>
    public int Normalise(ReadOnlySpan<byte> page, Span<byte> destination)
    {
        var path = PathOf(page);
        foreach (var pattern in _patterns)
        {
            if (Matches(pattern, path))
            {
                return WritePattern(pattern, destination);
            }
        }

        return WriteSegments(path, destination);
    }

    /// <summary>Bytes that a destination needs for a page of this many bytes: at worst every second byte begins a segment.</summary>
    public int MaxBytes(int pageLength)
    {
        var longestPattern = _patterns.Length == 0 ? 0 : _patterns.Max(pattern => pattern.Sum(segment => segment.Length + 1));
        return Math.Max((pageLength * 2) + 4, longestPattern + 1);
    }

    private static byte[][] ParsePattern(string pattern)
    {
        if (!pattern.StartsWith('/') || pattern.Contains('?', StringComparison.Ordinal) || pattern.Contains('#', StringComparison.Ordinal))
        {
            throw new FormatException($"page pattern '{pattern}': must be a path such as /courses/:course or /docs/*");
        }

        var segments = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.SkipLast(1).Contains("*", StringComparer.Ordinal))
        {
            throw new FormatException($"page pattern '{pattern}': '*' can only be the last segment");
        }

        return [.. segments.Select(Encoding.UTF8.GetBytes)];
    }

    private static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> page)
    {
        var end = page.IndexOfAny((byte)'?', (byte)'#');
        if (end >= 0)
        {
            page = page[..end];
        }

        if (page is [(byte)'/', ..])
        {
            return page;
        }

        var scheme = page.IndexOf("://"u8);
        if (scheme > 0 && page[..scheme].IndexOf((byte)'/') < 0)
        {
            page = page[(scheme + 3)..];
            var path = page.IndexOf((byte)'/');
            return path < 0 ? "/"u8 : page[path..];
        }

        return page;
    }

    private static ReadOnlySpan<byte> NextSegment(ref ReadOnlySpan<byte> path)
    {
        var start = path.IndexOfAnyExcept((byte)'/');
        if (start < 0)
        {
            path = default;
            return default;
        }

        path = path[start..];
        var end = path.IndexOf((byte)'/');
        var segment = end < 0 ? path : path[..end];
        path = path[segment.Length..];
        return segment;
    }

    private static bool Matches(byte[][] pattern, ReadOnlySpan<byte> path)
    {
        foreach (var expected in pattern)
        {
            var segment = NextSegment(ref path);
            if (segment.IsEmpty)
            {
                return false;
            }

            if (expected is [(byte)'*'])
            {
                return true;
            }

            if (expected[0] != (byte)':' && !segment.SequenceEqual(expected))
            {
                return false;
            }
        }

        return NextSegment(ref path).IsEmpty;
    }

    private static int WritePattern(byte[][] pattern, Span<byte> destination)
    {
        var written = 0;
        foreach (var segment in pattern)
        {
            destination[written++] = (byte)'/';
            segment.CopyTo(destination[written..]);
            written += segment.Length;
        }

        return written == 0 ? WriteRoot(destination) : written;
    }

    private static int WriteSegments(ReadOnlySpan<byte> path, Span<byte> destination)
    {
        var written = 0;
        for (var segment = NextSegment(ref path); !segment.IsEmpty; segment = NextSegment(ref path))
        {
            destination[written++] = (byte)'/';
            var label = IsIdentifier(segment) ? ":id"u8 : segment;
            label.CopyTo(destination[written..]);
            written += label.Length;
        }

        return written == 0 ? WriteRoot(destination) : written;
    }

    private static int WriteRoot(Span<byte> destination)
    {
        destination[0] = (byte)'/';
        return 1;
    }

    private static bool IsIdentifier(ReadOnlySpan<byte> segment)
    {
        if (segment.IndexOf((byte)'@') >= 0 || segment.IndexOf("%40"u8) >= 0)
        {
            // An address of somebody: never a label.
            return true;
        }

        if (!segment.ContainsAnyInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        var digits = 0;
        var letters = 0;
        var separators = 0;
        var hex = 0;
        foreach (var c in segment)
        {
            if (char.IsAsciiDigit((char)c))
            {
                digits++;
                hex++;
            }
            else if (char.IsAsciiLetter((char)c))
            {
                letters++;
                hex += char.IsAsciiHexDigit((char)c) ? 1 : 0;
            }
            else
            {
                separators += c is (byte)'-' or (byte)'.' or (byte)'%' ? 1 : 0;
            }
        }

        if (digits == segment.Length)
        {
            return true;
        }

        // A UUID, or another hexadecimal number with or without dashes.
        if (hex >= HexIdLength && hex + separators == segment.Length)
        {
            return true;
        }

        return segment.Length >= TokenIdLength && separators == 0 && letters > 0 && digits >= 2;
    }
}
