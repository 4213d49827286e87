using Footfall.Testing;

namespace Footfall.Fuzz;

/// <summary>The command line: <c>[SECONDS] [--seed S] [--only TARGET] [--replay FILE] [--report FILE]</c>.</summary>
internal sealed record Options(int Seconds, int Seed, string? Only, string? Replay, string? Report)
{
    public const string Usage = "usage: ./test fuzz [SECONDS] [--seed S] [--only TARGET] | ./test fuzz --replay FILE";

    /// <exception cref="FormatException">It can't be read.</exception>
    public static Options Read(string[] arguments) => Tool.Take(arguments, new Options(60, new Random().Next(1, 1_000_000), null, null, null), (options, argument, next) => argument switch
    {
        "--seed" => options with { Seed = Tool.Number(next()) },
        "--only" => options with { Only = next() },
        "--replay" => options with { Replay = next() },
        "--report" => options with { Report = next() },
        _ => options with { Seconds = Tool.Number(argument) },
    });
}
