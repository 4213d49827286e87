using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>The command line: <c>[N] [--seed S] [--rate R] [--only kafka|embedded] [--kind KIND] [--report FILE]</c>.</summary>
internal sealed record Options(int Count, int Seed, int Rate, string? Only, FaultKind? Kind, string? Report)
{
    public const string Usage = "usage: ./test faults [N] [--seed S] [--rate INTERACTIONS-A-SECOND] [--only kafka|embedded] [--kind KIND]";

    /// <exception cref="FormatException">It can't be read.</exception>
    public static Options Read(string[] arguments)
    {
        var options = Tool.Take(arguments, new Options(15, new Random().Next(1, 1_000_000), 400, null, null, null), (options, argument, next) => argument switch
        {
            "--seed" => options with { Seed = Tool.Number(next()) },
            "--rate" => options with { Rate = Tool.Number(next()) },
            "--only" => options with { Only = LogNamed(next()) },
            "--kind" => options with { Kind = KindNamed(next()) },
            "--report" => options with { Report = next() },
            _ => options with { Count = Tool.Number(argument) },
        });
        return options with { Only = options.Only ?? (options.Kind is { } one ? Plan.LogOf(one) : null) };
    }

    private static string LogNamed(string text) => text is "kafka" or "embedded" ? text : throw new FormatException($"--only is '{text}'");

    private static FaultKind KindNamed(string text) => Enum.TryParse<FaultKind>(text, ignoreCase: true, out var kind)
        ? kind
        : throw new FormatException($"--kind is '{text}': one of {string.Join(' ', Enum.GetNames<FaultKind>())}");
}
