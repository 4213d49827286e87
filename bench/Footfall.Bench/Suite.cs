using System.Globalization;
using Footfall.Bench.Measure;
using Footfall.Bench.Scenarios;
using Footfall.Testing;

namespace Footfall.Bench;

/// <summary>The scenarios that make one table: bench/README.md.</summary>
internal static class Suite
{
    public const string Usage = "usage: bench/run [SCENARIO...] [--rounds N] [--seconds S]";

    private const int Rounds = 3;
    private const int Seconds = 3;
    private const int SoakSeconds = 300;

    /// <summary>In the order in which they run. What is measured in turns with others is with them.</summary>
    private static readonly (string[] Names, Func<Run, Task> RunAsync)[] Scenarios =
    [
        ([HttpToLog.ToNull, HttpToLog.ToSqlite, HttpToLog.ToKafka], run => new HttpToLog(run).RunAsync()),
        ([LogToTotals.FromSqlite], run => new LogToTotals(run).SqliteAsync()),
        ([LogToTotals.FromKafka], run => new LogToTotals(run).KafkaAsync()),
        ([ClickToMetrics.Name], run => new ClickToMetrics(run).RunAsync()),
        ([MetricsScrape.Name], run => new MetricsScrape(run).RunAsync()),
        ([Idle.Name], run => new Idle(run).RunAsync()),
        ([UnderLoad.Name], run => new UnderLoad(run).RunAsync()),
    ];

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!Tool.TryRead(arguments, Read, Usage, out var wanted) || !Tool.HasFootfall())
        {
            return Tool.Misused;
        }

        var isWhole = wanted.Names.Count == 0;
        var time = TimeProvider.System;
        var run = new Run(
            new HashSet<string>(isWhole ? Scenarios.SelectMany(scenario => scenario.Names) : wanted.Names, StringComparer.Ordinal), wanted.Rounds, wanted.Seconds ?? Seconds, time);
        var started = time.GetUtcNow();
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Machine.Describe(text);
        foreach (var (names, runAsync) in (List<(string[] Names, Func<Run, Task> RunAsync)>)
            [.. Scenarios, ([Soak.Name], run => new Soak(run, wanted.Seconds ?? SoakSeconds).RunAsync())])
        {
            if (!names.Any(run.Wants))
            {
                continue;
            }

            Console.Error.WriteLine(names.First(run.Wants));
            try
            {
                await runAsync(run);
            }
#pragma warning disable CA1031 // whatever it was: it is told, and the others are measured
            catch (Exception error)
#pragma warning restore CA1031
            {
                run.Report.Fail(names.First(run.Wants), error.Message);
                Console.Error.WriteLine(error);
            }
        }

        text.WriteLine($"load after: {Machine.Load}; {run.Rounds} rounds of {run.Seconds} s; it took {(time.GetUtcNow() - started).TotalMinutes.ToString("0.0", CultureInfo.InvariantCulture)} minutes");
        text.WriteLine();
        run.Report.Write(text);
        Console.Write(text);
        Console.Error.WriteLine($"Written to {await KeepAsync(text.ToString(), isWhole, started)}");
        return run.Report.Failures == 0 ? 0 : 1;
    }

    private static Wanted Read(string[] arguments)
    {
        var known = Scenarios.SelectMany(scenario => scenario.Names).Append(Soak.Name).ToList();
        return Tool.Take(arguments, new Wanted([], Rounds, null), (wanted, argument, next) => argument switch
        {
            "--rounds" => wanted with { Rounds = Tool.Number(next()) },
            "--seconds" => wanted with { Seconds = Tool.Number(next()) },
            _ when known.Contains(argument) => wanted with { Names = [.. wanted.Names, argument] },
            _ => throw new FormatException($"'{argument}' is nothing that is measured here: {string.Join(' ', known)}, rebuild, viewers"),
        });
    }

    /// <summary>A whole run can be compared with others; of a part of one, only the last is kept.</summary>
    private static async Task<string> KeepAsync(string text, bool isWhole, DateTimeOffset started)
    {
        var name = isWhole ? started.ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture) : "part";
        var file = Path.Combine("bench", "results", name + ".md");
        Directory.CreateDirectory(Path.Combine(Here.Repository, "bench", "results"));
        await File.WriteAllTextAsync(Path.Combine(Here.Repository, file), text);
        return file;
    }

    /// <param name="Names">None: all.</param>
    /// <param name="Seconds">Null: each scenario's own.</param>
    private sealed record Wanted(IReadOnlyList<string> Names, int Rounds, int? Seconds);
}
