using System.Globalization;
using Footfall.Expose;

namespace Footfall.Server.Expose;

/// <summary>
/// A stretch of time up to now, in numbers of so many seconds each. All of the range is in it, the second that runs at its
/// end. A number is of a whole step from a multiple of it on, so that two answers have the same numbers of the same time: the
/// first may begin before the range, the last ends after it, and there may be one more than the range divided by the step.
/// </summary>
/// <param name="From">Unix seconds, a multiple of the step.</param>
/// <param name="Step">Seconds.</param>
/// <param name="Count">How many numbers.</param>
internal readonly record struct SeriesRange(long From, int Step, int Count)
{
    /// <summary>What may stand in a query.</summary>
    public const string Allowed = "a number of seconds (300s), minutes (5m) or hours (2h), from 1s to 2h";

    /// <summary>The range where none is asked for.</summary>
    private const int DefaultSeconds = 300;

    /// <summary>Reads a range and a step as they stand in a query.</summary>
    /// <returns>Why not; null: it is read.</returns>
    public static (QueryRefusal Why, string Detail)? TryRead(string? range, string? step, long now, out SeriesRange read)
    {
        read = default;
        if (!TrySeconds(range, DefaultSeconds, out var seconds))
        {
            return (QueryRefusal.InvalidRange, "range must be " + Allowed);
        }

        if (!TrySeconds(step, StepOf(seconds), out var each) || each > seconds)
        {
            return (QueryRefusal.InvalidStep, "step must be " + Allowed + ", and no longer than range");
        }

        var (first, last) = ((now + 1 - seconds) / each, now / each); // steps since 1970
        read = new SeriesRange(first * each, each, (int)(last - first) + 1);
        return null;
    }

    /// <summary>As fine as a chart can show it.</summary>
    private static int StepOf(int range) => range switch { <= 300 => 1, <= 1_800 => 5, _ => 20 };

    private static bool TrySeconds(string? text, int otherwise, out int seconds)
    {
        seconds = otherwise;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, _ => 0 };
        if (!int.TryParse(unit == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var whole = (long)number * Math.Max(1, unit);
        seconds = (int)Math.Min(whole, int.MaxValue);
        return whole is >= 1 and <= SecondRing.Seconds;
    }
}
