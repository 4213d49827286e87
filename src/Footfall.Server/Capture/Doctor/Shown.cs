using System.Globalization;
using System.Text;

namespace Footfall.Server.Capture.Doctor;

/// <summary>What a stranger's site says, so that it can be written to a terminal; and numbers in words.</summary>
public static class Shown
{
    /// <summary>As much of one text as a line of a report holds.</summary>
    private const int MaxLength = 200;

    private static readonly Rune Blank = new(' ');

    /// <summary>On one line, cut, and without what a terminal would obey.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= MaxLength)
            {
                return clean.Append('…').ToString();
            }

            var isSafe = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse);
            clean.Append(isSafe ? rune : Blank);
        }

        return clean.ToString().Trim();
    }

    /// <summary>An address.</summary>
    public static string Address(Uri url) => Clean(url.AbsoluteUri);

    /// <summary>A number, as everywhere.</summary>
    public static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>So many of something: <c>1 redirect</c>, <c>2 redirects</c>.</summary>
    public static string Count(int number, string of) => number == 1 ? $"1 {of}" : $"{Number(number)} {of}s";

    /// <summary>A length of time in its largest unit.</summary>
    public static string Time(TimeSpan time) => Math.Abs(time.TotalSeconds) switch
    {
        < 120 => Rounded(time.TotalSeconds, "s"),
        < 7_200 => Rounded(time.TotalMinutes, "min"),
        < 172_800 => Rounded(time.TotalHours, "h"),
        _ => Rounded(time.TotalDays, "days"),
    };

    private static string Rounded(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(number):0} {unit}");
}
