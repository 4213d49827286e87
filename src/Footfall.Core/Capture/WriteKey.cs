using System.Security.Cryptography;
using System.Text;

namespace Footfall.Capture;

/// <summary>
/// What an app's senders show. It stands in the source of a page, so it is no secret; it keeps apps apart, and a leaked
/// one can be changed. Its text stays in here: neither logs nor metrics have it.
/// </summary>
public sealed class WriteKey
{
    /// <summary>Short enough to remember is short enough to guess.</summary>
    public const int MinLength = 16;

    /// <summary>Room for any generator's.</summary>
    public const int MaxLength = 100;

    /// <summary>The form, for people.</summary>
    public const string Form = "must be 16 to 100 letters, digits, '_' or '-'";

    private readonly byte[] _utf8;

    /// <exception cref="FormatException">It has another form; the message does not repeat it.</exception>
    public WriteKey(string text)
    {
        if (!IsWellFormed(text))
        {
            throw new FormatException($"the write key {Form}");
        }

        _utf8 = Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Goes into URLs and headers as it is.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length is >= MinLength and <= MaxLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>Whether it is this text, in a time that tells nothing of where they differ.</summary>
    public bool Is(ReadOnlySpan<byte> utf8) => CryptographicOperations.FixedTimeEquals(_utf8, utf8);
}
