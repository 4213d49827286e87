using System.Globalization;

namespace Footfall.Faults;

/// <summary>The command line: <c>[N] [--seed S] [--rate R] [--only kafka|embedded] [--kind KIND] [--report FILE]</c>.</summary>
internal sealed record Options(int Count, int Seed, int Rate, string? Only, FaultKind? Kind, string? Report)
{
    public const string Usage = "usage: ./test faults [N] [--seed S] [--rate INTERACTIONS-A-SECOND] [--only kafka|embedded] [--kind KIND]";

    /// <exception cref="FormatException">It can't be read.</exception>
    public static Options Read(string[] arguments)
    {
        var options = new Options(15, new Random().Next(1, 1_000_000), 400, null, null, null);
        for (var i = 0; i < arguments.Length; i++)
        {
            options = arguments[i] switch
            {
                "--seed" => options with { Seed = Number(Next()) },
                "--rate" => options with { Rate = Number(Next()) },
                "--only" => options with { Only = Next() is "kafka" or "embedded" ? arguments[i] : throw new FormatException($"--only is '{arguments[i]}'") },
                "--kind" => options with { Kind = Enum.TryParse<FaultKind>(Next(), ignoreCase: true, out var kind) ? kind : throw new FormatException($"--kind is '{arguments[i]}': one of {string.Join(' ', Enum.GetNames<FaultKind>())}") },
                "--report" => options with { Report = Next() },
                _ => options with { Count = Number(arguments[i]) },
            };

            string Next() => ++i < arguments.Length ? arguments[i] : throw new FormatException($"{arguments[i - 1]} wants a value");
        }

        return options with { Only = options.Only ?? (options.Kind is { } one ? Plan.LogOf(one) : null) };

        static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException($"'{text}' is not a number above 0");
    }
}
