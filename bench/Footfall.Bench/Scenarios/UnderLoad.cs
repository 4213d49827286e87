using Footfall.Bench.Measure;

namespace Footfall.Bench.Scenarios;

/// <summary>What each of the two services takes at 10,000 interactions a second, with a full duplicate window.</summary>
internal sealed class UnderLoad(Run run)
{
    public const string Name = "memory";

    private const int Window = 1_000_000;
    private const int Rate = 10_000;
    private const int LeastSeconds = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public async Task RunAsync()
    {
        using var folder = new TemporaryFolder();
        await SqliteFile.WriteAsync(folder.Path, log => Fill.WriteAsync(log, new Interactions(), Window, run.Time));
        await using var metrics = await Server.StartAsync("metrics", [("Count:DuplicateWindowIds", "1000000")], "--data", folder.Path);
        await using var collector = await Server.StartAsync("collector", [("Capture:MaxRequestsPerSecond", "1000000000")], "--data", folder.Path);
        await ShowsAsync(metrics, Window);
        await using var load = new Paced(collector.Collector, Rate, batch: 20, Interactions.Series, run.Time);
        await run.PauseAsync(Math.Max(LeastSeconds, run.Rounds * run.Seconds));
        Add("collector", collector, 120);
        Add("metrics service", metrics, 200);
        await load.StopAsync();
        await ShowsAsync(metrics, Window + load.Accepted);
    }

    private static async Task ShowsAsync(Server metrics, long count)
    {
        await metrics.UntilAsync(metrics.Metrics, $"{count} interactions", Patience, Look, page => Server.Sum(page, "footfall_interactions_total") >= count);
        if (await metrics.SumAsync(metrics.Metrics, "footfall_interactions_total") is var shown && shown != count)
        {
            throw new InvalidOperationException($"There are {count} interactions, and it shows {shown}");
        }
    }

    private void Add(string service, Server server, double target)
    {
        var @case = $"{service}, 10,000 a second";
        run.Report[Name, @case, "memory, MB"].Add(server.Memory / 1e6).Wants(Target.AtMost(target));
        run.Report[Name, @case, "peak memory, MB"].Add(server.PeakMemory / 1e6);
    }
}
