using System.Globalization;

namespace Footfall.Hostile;

/// <summary>The command line: <c>[REQUESTS] [--seed S] [--report FILE]</c>.</summary>
internal sealed record Options(int Requests, int Seed, string? Report)
{
    public const string Usage = "usage: ./test hostile [REQUESTS] [--seed S]";

    /// <exception cref="FormatException">It can't be read.</exception>
    public static Options Read(string[] arguments)
    {
        var options = new Options(20_000, new Random().Next(1, 1_000_000), null);
        for (var i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--seed" => options with { Seed = Number(Next()) },
                "--report" => options with { Report = Next() },
                _ => options with { Requests = Number(arguments[i]) },
            };

            string Next() => ++i < arguments.Length ? arguments[i] : throw new FormatException($"{arguments[i - 1]} wants a value");
        }

        return options;

        static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException($"'{text}' is not a number above 0");
    }
}
