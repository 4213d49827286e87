using System.Diagnostics;
using System.Text.Json;
using Footfall.Fuzz.Targets;
using Footfall.Testing;

namespace Footfall.Fuzz;

/// <summary>Targets that are tried in turn by one thread, for a time.</summary>
/// <param name="Seed">Decides their inputs.</param>
/// <param name="Time">For all of them together.</param>
/// <param name="Only">One of them; null: all.</param>
/// <param name="IsGuided">Those of Core, which say which branches they take; else those that need the server.</param>
internal sealed record Campaign(int Seed, TimeSpan Time, string? Only, bool IsGuided)
{
    /// <summary>Short, so that each has had its turn many times in a minute.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);

    /// <summary>For who has other types of the same names.</summary>
    public static string RunText(string campaign) => JsonSerializer.Serialize(JsonSerializer.Deserialize<Campaign>(campaign)!.Run());

    public TargetResult[] Run()
    {
        var start = Stopwatch.GetTimestamp();
        if (IsGuided)
        {
            Coverage.Attach();
        }

        using var targets = IsGuided ? TargetList.OfCore() : TargetList.OfServer();
        var fuzzers = targets.All.Where(target => Only is null || target.Name == Only)
            .Select(target => new Fuzzer(target, Corpus(target.Name), Seed, IsGuided)).ToArray();
        while (fuzzers.Any(fuzzer => !fuzzer.GaveUp) && Stopwatch.GetElapsedTime(start) < Time)
        {
            foreach (var fuzzer in fuzzers.Where(fuzzer => !fuzzer.GaveUp))
            {
                var left = Time - Stopwatch.GetElapsedTime(start);
                fuzzer.RunFor(left < Turn ? left : Turn);
            }
        }

        return [.. fuzzers.Select(fuzzer => fuzzer.Result)];
    }

    /// <summary>One input, for the target that its folder names; nothing where there is no such target or file.</summary>
    public static TargetResult[] Replay(string file)
    {
        using var targets = TargetList.Every();
        var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)));
        if (!File.Exists(file) || targets.All.SingleOrDefault(target => target.Name == folder) is not { } target)
        {
            return [];
        }

        var fuzzer = new Fuzzer(target, [File.ReadAllBytes(file)], seed: 0, isGuided: false);
        fuzzer.RunFor(inputs: 1);
        return [fuzzer.Result];
    }

    /// <summary>Of a target, always in the same order.</summary>
    private static IEnumerable<byte[]> Corpus(string target)
    {
        var folder = Path.Combine(Here.Repository, "tests", "Footfall.Fuzz", "corpus", target);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
    }
}

/// <summary>What became of a target.</summary>
internal sealed record TargetResult(string Name, long Inputs, TimeSpan Spent, int Kept, int Places, string[] Found);
