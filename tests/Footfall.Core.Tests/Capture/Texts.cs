using CsCheck;

namespace Footfall.Capture;

/// <summary>Texts that strangers send.</summary>
internal static class Texts
{
    /// <summary>Any characters of Unicode.</summary>
    public static Gen<string> Valid { get; } = Gen.Int[1, 0x10FFFF]
        .Where(value => value is < 0xD800 or > 0xDFFF)
        .Select(char.ConvertFromUtf32)
        .Array[0, 220].Select(string.Concat);

    /// <summary>Mostly blanks, controls, marks and what has a meaning in JSON, paths and expositions.</summary>
    public static Gen<string> Messy { get; } = Gen.OneOf(
        " ", "  ", "\t", "\n", "\0", "\u001f", "\u007f", "\u0085", "\u00a0", "\u200d", "\u200e", "\u202e", "\u0301", "\ufeff", "\"", "\\", "/", "//",
        "?", "#", "%", "@", ":", "*", "1", "a", "1a", "-", ".", "é", "…", "😀", "://", "x y", "0123456789ab")
        .Array[0, 220].Select(string.Concat);

    /// <summary>Short ones of both.</summary>
    public static Gen<string> Short { get; } = Gen.OneOf<string>(
        Gen.OneOf("a", "Buy Now", "é", "\"", "\\", "\u0001", "😀", "/", " "), Gen.OneOf("b", "1", "x"))
        .Array[1, 20].Select(string.Concat);
}
