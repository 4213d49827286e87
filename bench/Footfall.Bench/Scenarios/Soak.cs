using System.Globalization;
using Footfall.Bench.Measure;

namespace Footfall.Bench.Scenarios;

/// <summary>Five minutes at 60% of what it can: whether memory and the time of delivery stay as they are.</summary>
internal sealed class Soak(Run run, int seconds)
{
    public const string Name = "soak";

    private const double Share = 0.6;
    private const double KeptUp = 0.95;
    private const int Batch = 20;
    private const int ProbeSeconds = 10;
    private const double MostGrowth = 1.1;        // of memory, from the second quarter to the last
    private const double MostDeliveryGrowth = 1.5; // noise of a machine included
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync()
    {
        await using var server = await Server.StartAsync("up", [("Capture:MaxRequestsPerSecond", "1000000000")], "--no-prometheus", "--no-grafana");
        var rate = await FindRateAsync(server);
        var before = await server.SumAsync(server.Collector, "footfall_accepted_total");
        var start = server.Elapsed;
        await using var load = new Paced(server.Collector, rate, Batch, Interactions.Series, run.Time);
        var seen = new List<(double Memory, double Sum, double Count, long Lag)>();
        for (var second = 0; second < seconds; second++)
        {
            await run.PauseAsync(1);
            var page = await server.SamplesAsync(server.Metrics);
            seen.Add((server.Memory / 1e6, Exact("footfall_delivery_seconds_sum"), Exact("footfall_delivery_seconds_count"), Server.Sum(page, "footfall_log_lag")));

            double Exact(string name) => (double)page.Where(sample => sample.Name == name).Sum(sample => sample.Value);
        }

        await load.StopAsync();
        var took = server.Elapsed - start;
        await CountedAsync(server, before + load.Accepted);
        Add(seen, rate, load.Accepted, took);
    }

    /// <summary>As much as is taken and counted: what wrk brings in, by the time until all of it is shown.</summary>
    private static async Task<int> FindRateAsync(Server server)
    {
        if (!Wrk.IsHere)
        {
            throw new InvalidOperationException("wrk is not on the PATH (Debian: apt-get install wrk)");
        }

        var start = server.Elapsed;
        await Wrk.RunAsync(server.Collector, Batch, ProbeSeconds);
        await server.UntilAsync(server.Collector, "an end of what is in flight", Patience, Look, page => Server.Sum(page, "footfall_in_flight") == 0);
        var accepted = await server.SumAsync(server.Collector, "footfall_accepted_total");
        await CountedAsync(server, accepted);
        return (int)(accepted / (server.Elapsed - start).TotalSeconds * Share);
    }

    private static async Task CountedAsync(Server server, long count)
    {
        await server.UntilAsync(server.Metrics, $"{count} interactions", Patience, Look, page => Server.Sum(page, "footfall_interactions_total") >= count);
        if (await server.SumAsync(server.Metrics, "footfall_interactions_total") is var shown && shown != count)
        {
            throw new InvalidOperationException($"{count} were accepted, and it shows {shown}");
        }
    }

    private void Add(List<(double Memory, double Sum, double Count, long Lag)> seen, int rate, long accepted, TimeSpan took)
    {
        var @case = string.Create(CultureInfo.InvariantCulture, $"{rate:n0} a second for {seconds} s");
        var quarter = seen.Count / 4;
        run.Report[Name, @case, "accepted a second"].Add(accepted / took.TotalSeconds).Wants(Target.AtLeast(KeptUp * rate));
        foreach (var (memory, _, _, lag) in seen)
        {
            run.Report[Name, @case, "memory, MB"].Add(memory);
            run.Report[Name, @case, "records not counted yet"].Add(lag);
        }

        var (early, late) = (seen[quarter..(2 * quarter)], seen[^quarter..]);
        run.Report[Name, @case, "memory of the last quarter, of the second's"].Add(late.Average(second => second.Memory) / early.Average(second => second.Memory)).Wants(Target.AtMost(MostGrowth));
        var (first, last) = (Delivery(early), Delivery(late));
        run.Report[Name, @case, "mean delivery in the second quarter, ms"].Add(1000 * first);
        run.Report[Name, @case, "mean delivery in the last quarter, ms"].Add(1000 * last);
        run.Report[Name, @case, "delivery of the last quarter, of the second's"].Add(last / first).Wants(Target.AtMost(MostDeliveryGrowth));

        static double Delivery(List<(double Memory, double Sum, double Count, long Lag)> part) => (part[^1].Sum - part[0].Sum) / (part[^1].Count - part[0].Count);
    }
}
