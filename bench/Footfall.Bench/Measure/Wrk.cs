using System.Globalization;
using Footfall.Testing;

namespace Footfall.Bench.Measure;

/// <summary>What one run of wrk was answered.</summary>
/// <param name="Answered">Requests.</param>
/// <param name="Seconds">It took for them.</param>
/// <param name="P99">Of the time of an answer, in milliseconds.</param>
internal sealed record Wrk(long Answered, double Seconds, double P99)
{
    public const int Connections = 64;
    private const int Threads = 2;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static int _seed;

    public static bool IsHere => Here.Has("wrk");

    /// <summary>Sends as much as is taken, on connections that stay open; every id only once in the life of this program.</summary>
    /// <param name="collector">Where to.</param>
    /// <param name="batch">Interactions of a request.</param>
    /// <param name="seconds">For how long.</param>
    /// <exception cref="InvalidOperationException">Something was answered with an error, or not at all.</exception>
    public static async Task<Wrk> RunAsync(Uri collector, int batch, int seconds)
    {
        using var folder = new TemporaryFolder();
        var output = Path.Combine(folder.Path, "wrk.log");
        await using var wrk = await KeptProcess.StartAsync(
            "wrk",
            [
                $"-t{Threads}", $"-c{Connections}", $"-d{seconds}s", "--latency", "-s", Path.Combine(Here.Repository, "bench", "interactions.lua"), collector.ToString(),
                "--", Text(batch), Text(++_seed),
            ],
            output);
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(seconds) + Grace);
        await wrk.EndAsync(over.Token);
        var said = await File.ReadAllTextAsync(output, CancellationToken.None);
        var figures = said.Split((char[])['\n', ' ']).Select(word => word.Split('=')).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => long.TryParse(pair[1], CultureInfo.InvariantCulture, out var number) ? number : -1, StringComparer.Ordinal);
        return figures.TryGetValue("answered", out var answered) && figures["refused"] == 0 && figures["broken"] == 0
            ? new Wrk(answered, figures["microseconds"] / 1e6, figures["p99"] / 1e3)
            : throw new InvalidOperationException($"wrk was not answered well: {said}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
