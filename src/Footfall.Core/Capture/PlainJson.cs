using System.Buffers;
using System.Runtime.CompilerServices;

namespace Footfall.Capture;

/// <summary>
/// A place in JSON that has neither blanks nor escapes, as <c>JSON.stringify</c> and our own records have it: then a quote ends
/// a text, and nothing has to be looked for. What is passed over is what was asked for; anything else stays where it is.
/// </summary>
/// <param name="json">Of which <see cref="Is"/> is true.</param>
internal ref struct PlainJson(ReadOnlySpan<byte> json)
{
    /// <summary>Of a number that surely fits.</summary>
    private const int MostDigits = 15;

    private static readonly SearchValues<byte> Forbidden = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'\\']);
    private static readonly SearchValues<byte> AllowedAscii = SearchValues.Create([.. Enumerable.Range(0x20, 0x60).Where(code => code != '\\').Select(code => (byte)code)]);

    private readonly ReadOnlySpan<byte> _json = json;
    private int _at;

    public readonly ReadOnlySpan<byte> Rest => _json[_at..];

    public readonly bool IsAtLast => _at == _json.Length - 1 && _json[_at] == '}';

    /// <summary>Without control characters, which are blanks or mistakes, and backslashes.</summary>
    public static bool Is(ReadOnlySpan<byte> json) => !json.ContainsAny(Forbidden);

    /// <summary>The same, and all of it ASCII, as most is: then one look tells both, and what is not has two more.</summary>
    public static bool IsAscii(ReadOnlySpan<byte> json) => !json.ContainsAnyExcept(AllowedAscii);

    public void Pass(int count) => _at += count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // what is expected is known then, and compared by words
    public bool TryPass(ReadOnlySpan<byte> expected)
    {
        if (!Rest.StartsWith(expected))
        {
            return false;
        }

        _at += expected.Length;
        return true;
    }

    /// <summary>A text whose opening quote is passed already, and its closing one.</summary>
    public bool TryText(out Slot text)
    {
        var length = Rest.IndexOf((byte)'"');
        text = new Slot(_at, Math.Max(length, 0));
        _at += length + 1;
        return length >= 0;
    }

    /// <summary>A whole number, not below 0, as JSON writes one.</summary>
    public bool TryNumber(out long number)
    {
        number = 0;
        var text = Rest;
        var length = Math.Max(0, text.IndexOfAnyExceptInRange((byte)'0', (byte)'9'));
        if (length is 0 or > MostDigits || (text[0] == '0' && length > 1))
        {
            return false;
        }

        foreach (var digit in text[..length])
        {
            number = (10 * number) + (digit - '0');
        }

        _at += length;
        return true;
    }
}
