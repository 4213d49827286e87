namespace Footfall.Count;

/// <summary>Reads hexadecimal digits, of either case, without a branch for each: what they are nobody foresees.</summary>
internal static class HexNumber
{
    private const sbyte None = -1;

    private static readonly sbyte[] Digits = [.. Enumerable.Range(0, 256).Select(code => (sbyte)"0123456789abcdef".IndexOf(char.ToLowerInvariant((char)code), StringComparison.Ordinal))];

    /// <param name="text">1 to 15 digits.</param>
    /// <returns>Negative: something in it is no digit.</returns>
    public static long Of(ReadOnlySpan<byte> text)
    {
        var (number, isWrong) = (0L, false);
        foreach (var code in text)
        {
            var digit = Digits[code];
            isWrong |= digit < 0;
            number = (number << 4) | (byte)digit;
        }

        return isWrong ? None : number;
    }
}
