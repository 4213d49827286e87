using System.Diagnostics;
using System.Globalization;
using System.Text;
using Footfall.Bench.Measure;
using Footfall.Testing;

namespace Footfall.Bench.Scenarios;

/// <summary>How long it takes from a click's POST until a scrape shows it, with other interactions beside it.</summary>
internal sealed class ClickToMetrics(Run run)
{
    public const string Name = "click_to_metrics";

    private const int Probes = 16; // series whose clicks are waited for, each in its own rhythm
    private const int Clicks = 13; // of each
    private const int Batch = 20;
    private const int Series = 100; // of the background: a scrape every few milliseconds is to cost little
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task RunAsync()
    {
        for (var round = 1; round <= run.Rounds; round++)
        {
            foreach (var interval in (int[])[200, 50])
            {
                foreach (var rate in (int[])[1_000, 10_000])
                {
                    Run.Tell($"{Name}, {rate} a second, commits every {interval} ms, round {round}");
                    await MeasureAsync(rate, interval);
                }
            }
        }
    }

    private async Task MeasureAsync(int rate, int interval)
    {
        await using var server = await Server.StartAsync(
            "up",
            [("Count:CommitInterval", string.Create(CultureInfo.InvariantCulture, $"00:00:00.{interval:000}")), ("Capture:MaxRequestsPerSecond", "1000000000")],
            "--no-prometheus", "--no-grafana");
        var probes = Enumerable.Range(0, Probes).Select(number => new Probe(server, number)).ToList();
        foreach (var probe in probes)
        {
            await probe.ClickAsync();
        }

        // A new series stands at 0 first; what is measured is one that everybody knows.
        await server.UntilAsync(server.Metrics, "the probes", Patience, Look, page => probes.TrueForAll(probe => probe.IsShown(page)));
        long background;
        await using (var load = new Paced(server.Collector, rate, Batch, Series, run.Time))
        {
            await run.PauseAsync(2); // its series stand, too
            await WatchAsync(server, probes);
            await load.StopAsync();
            background = load.Accepted;
        }

        var sent = background + probes.Sum(probe => probe.Sent);
        await server.UntilAsync(server.Metrics, "all that was accepted", Patience, Look, page => Server.Sum(page, "footfall_interactions_total") >= sent);
        if (await server.SumAsync(server.Metrics, "footfall_interactions_total") is var shown && shown != sent)
        {
            throw new InvalidOperationException($"{sent} were accepted, and it shows {shown}");
        }

        var times = probes.SelectMany(probe => probe.Times).ToList();
        var @case = string.Create(CultureInfo.InvariantCulture, $"{rate:n0} a second, commits every {interval} ms");
        run.Report[Name, @case, "median, ms"].Add(At(0.5));
        var p99 = run.Report[Name, @case, "99th percentile, ms"].Add(At(0.99));
        run.Report[Name, @case, "longest, ms"].Add(At(1));
        run.Report[Name, @case, "99th percentile of the clicks' answers, ms"].Add(Quantile(probes.SelectMany(probe => probe.Answers), 0.99));
        if (rate == 10_000)
        {
            p99.Wants(Target.AtMost(interval + 100));
        }

        double At(double share) => Quantile(times, share);
    }

    private static double Quantile(IEnumerable<TimeSpan> times, double share)
    {
        var all = times.Order().ToList();
        return all[(int)(share * (all.Count - 1))].TotalMilliseconds;
    }

    private async Task WatchAsync(Server server, List<Probe> probes)
    {
        var clicking = probes.ConvertAll(probe => probe.ClickOnAsync(Clicks, run.Time));
        var all = Task.WhenAll(clicking);
        var start = Stopwatch.GetTimestamp();
        while (!all.IsCompleted)
        {
            var page = await server.SamplesAsync(server.Metrics);
            var seen = Stopwatch.GetTimestamp();
            foreach (var probe in probes)
            {
                probe.See(page, seen);
            }

            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new InvalidOperationException($"Clicks were not shown within {Patience.TotalSeconds} s.");
            }

            await Task.Delay(Look, run.Time);
        }

        await all;
    }

    /// <summary>One series, one click at a time.</summary>
    private sealed class Probe(Server server, int number)
    {
        private readonly string _target = string.Create(CultureInfo.InvariantCulture, $"Probe {number}");
        private readonly Random _random = new(number);
        private TaskCompletionSource<long>? _seen;

        public int Sent { get; private set; }

        /// <summary>Until each was answered.</summary>
        public List<TimeSpan> Answers { get; } = [];

        /// <summary>Until each was seen.</summary>
        public List<TimeSpan> Times { get; } = [];

        public async Task ClickAsync()
        {
            Sent++; // before it is waited for: the page shows one less until then
            Volatile.Write(ref _seen, new(TaskCreationOptions.RunContinuationsAsynchronously));
            using var content = new StringContent(
                $$"""{"id":"{{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}}","app":"demo","target":"{{_target}}","page":"/probe","visitor":"{{_target}}"}""", Encoding.UTF8, "text/plain");
            using var answer = await server.Http.PostAsync(new Uri(server.Collector, "/v1/interactions"), content);
            answer.EnsureSuccessStatusCode();
        }

        public bool IsShown(List<Sample> page) => Shown(page) == Sent;

        /// <summary>Clicks so often, at random times, each once the one before has been seen.</summary>
        public async Task ClickOnAsync(int clicks, TimeProvider time)
        {
            for (var i = 0; i < clicks; i++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(250)), time);
                var start = Stopwatch.GetTimestamp();
                await ClickAsync();
                Answers.Add(Stopwatch.GetElapsedTime(start));
                Times.Add(Stopwatch.GetElapsedTime(start, await _seen!.Task));
            }
        }

        public void See(List<Sample> page, long seen)
        {
            if (Volatile.Read(ref _seen) is { Task.IsCompleted: false } waiting && IsShown(page))
            {
                waiting.TrySetResult(seen);
            }
        }

        private long Shown(List<Sample> page) => (long)page
            .Where(sample => sample.Name == "footfall_interactions_total" && sample.Labels.Contains($"\"{_target}\"", StringComparison.Ordinal)).Sum(sample => sample.Value);
    }
}
