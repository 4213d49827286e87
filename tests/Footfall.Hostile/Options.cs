using Footfall.Testing;

namespace Footfall.Hostile;

/// <summary>The command line: <c>[REQUESTS] [--seed S] [--report FILE]</c>.</summary>
internal sealed record Options(int Requests, int Seed, string? Report)
{
    public const string Usage = "usage: ./test hostile [REQUESTS] [--seed S]";

    /// <exception cref="FormatException">It can't be read.</exception>
    public static Options Read(string[] arguments) => Tool.Take(arguments, new Options(20_000, new Random().Next(1, 1_000_000), null), (options, argument, next) => argument switch
    {
        "--seed" => options with { Seed = Tool.Number(next()) },
        "--report" => options with { Report = next() },
        _ => options with { Requests = Tool.Number(argument) },
    });
}
