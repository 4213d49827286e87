using System.Globalization;

namespace Footfall.Fuzz;

/// <summary>The command line: <c>[SECONDS] [--seed S] [--only TARGET] [--replay FILE] [--report FILE]</c>.</summary>
internal sealed record Options(int Seconds, int Seed, string? Only, string? Replay, string? Report)
{
    public const string Usage = "usage: ./test fuzz [SECONDS] [--seed S] [--only TARGET] | ./test fuzz --replay FILE";

    /// <exception cref="FormatException">It can't be read.</exception>
    public static Options Read(string[] arguments)
    {
        var options = new Options(60, new Random().Next(1, 1_000_000), null, null, null);
        for (var i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--seed" => options with { Seed = Number(Next()) },
                "--only" => options with { Only = Next() },
                "--replay" => options with { Replay = Next() },
                "--report" => options with { Report = Next() },
                _ => options with { Seconds = Number(arguments[i]) },
            };

            string Next() => ++i < arguments.Length ? arguments[i] : throw new FormatException($"{arguments[i - 1]} wants a value");
        }

        return options;

        static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException($"'{text}' is not a number above 0");
    }
}
