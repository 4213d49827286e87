using System.Globalization;

namespace Footfall.Bench;

/// <summary>The command line: <c>rebuild [N] [--only sqlite|kafka]</c>, or <c>viewers [RATE]</c>.</summary>
internal sealed record Options(int Count, string? Only, bool Viewers = false)
{
    public const string Usage = "usage: bench/run rebuild [N] [--only sqlite|kafka] | viewers [RATE]";

    private const int MaxRate = 10_000; // more is another measurement

    /// <summary>Below, the windows' own bounds and what a process takes anyway are all that is seen.</summary>
    private const int Fewest = 10_000;

    /// <exception cref="FormatException">It can't be read.</exception>
    public static Options Read(string[] arguments)
    {
        if (arguments is ["viewers"])
        {
            return new Options(50, null, Viewers: true);
        }

        if (arguments is ["viewers", var rate])
        {
            return int.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var perSecond) && perSecond is >= 1 and <= MaxRate
                ? new Options(perSecond, null, Viewers: true)
                : throw new FormatException($"'{rate}' is not a number from 1 to {MaxRate}");
        }

        if (arguments is not ["rebuild", ..])
        {
            throw new FormatException(arguments.Length == 0 ? "What is to be measured?" : $"'{arguments[0]}' is nothing that is measured here");
        }

        var options = new Options(4_000_000, null);
        for (var i = 1; i < arguments.Length; i++)
        {
            if (arguments[i] == "--only")
            {
                options = options with
                {
                    Only = i + 1 < arguments.Length && arguments[++i] is "sqlite" or "kafka" ? arguments[i] : throw new FormatException("--only wants sqlite or kafka"),
                };
            }
            else
            {
                options = int.TryParse(arguments[i], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= Fewest
                    ? options with { Count = count }
                    : throw new FormatException($"'{arguments[i]}' is not a number from {Fewest} up");
            }
        }

        return options;
    }
}
