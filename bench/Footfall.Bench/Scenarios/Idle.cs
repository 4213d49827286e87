using Footfall.Bench.Measure;

namespace Footfall.Bench.Scenarios;

/// <summary>What <c>footfall up</c> takes while nobody does anything, and how long it takes to be ready.</summary>
internal sealed class Idle(Run run)
{
    public const string Name = "idle";

    private const int Starts = 5;
    private const int LeastSeconds = 5;

    public async Task RunAsync()
    {
        for (var start = 1; start <= Starts; start++)
        {
            await using var server = await Server.StartAsync("up", [], "--no-prometheus", "--no-grafana");
            run.Report[Name, "start", "until both are ready, s"].Add(server.StartedIn.TotalSeconds).Wants(Target.AtMost(1));
            if (start == Starts)
            {
                var seconds = Math.Max(LeastSeconds, run.Seconds);
                await run.PauseAsync(1);
                var cpu = server.Cpu;
                await run.PauseAsync(seconds);
                run.Report[Name, "no traffic", "CPU, ms a second"].Add((server.Cpu - cpu).TotalMilliseconds / seconds);
                run.Report[Name, "no traffic", "memory, MB"].Add(server.Memory / 1e6).Wants(Target.AtMost(90));
            }

            await server.StopAsync();
        }
    }
}
