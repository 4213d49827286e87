namespace Footfall.Count;

/// <summary>
/// Reads times in the form in which collectors write them, <c>2026-11-24T05:29:48.123Z</c>. Of those of a field that follow one
/// another nearly all are of one minute, which is read once.
/// </summary>
internal sealed class TimeReader
{
    /// <summary>Bytes of a time.</summary>
    public const int Length = 24;

    private const int MinuteLength = 17; // with the colon after it

    private readonly byte[] _minute = new byte[MinuteLength];
    private long _minuteStart; // Unix milliseconds

    /// <returns>False: it has another form, or there is no such time.</returns>
    public bool TryRead(ReadOnlySpan<byte> text, out long unixMilliseconds)
    {
        unixMilliseconds = 0;
        if (text.Length != Length || text[19] != '.' || text[23] != 'Z' || !TryMinute(text[..MinuteLength]))
        {
            return false;
        }

        var (second, isSecond) = TwoDigits(text[17], text[18]);
        var (tens, areTens) = TwoDigits(text[20], text[21]);
        var (ones, areOnes) = TwoDigits((byte)'0', text[22]);
        unixMilliseconds = _minuteStart + (1000 * second) + (10 * tens) + ones;
        return isSecond && areTens && areOnes && second < 60;
    }

    private bool TryMinute(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual(_minute))
        {
            return true;
        }

        var (century, isCentury) = TwoDigits(text[0], text[1]);
        var (year, isYear) = TwoDigits(text[2], text[3]);
        var (month, isMonth) = TwoDigits(text[5], text[6]);
        var (day, isDay) = TwoDigits(text[8], text[9]);
        var (hour, isHour) = TwoDigits(text[11], text[12]);
        var (minute, isMinute) = TwoDigits(text[14], text[15]);
        year += 100 * century;
        if (!isCentury || !isYear || !isMonth || !isDay || !isHour || !isMinute || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':'
            || year == 0 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59)
        {
            return false;
        }

        text.CopyTo(_minute);
        _minuteStart = (new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond;
        return true;
    }

    private static (int Number, bool Is) TwoDigits(byte tens, byte ones) =>
        ((10 * (tens - '0')) + (ones - '0'), char.IsAsciiDigit((char)tens) && char.IsAsciiDigit((char)ones));
}
