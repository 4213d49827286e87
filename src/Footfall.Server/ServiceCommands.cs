using System.CommandLine;
using Footfall.AspNetCore.Log;
using Footfall.Server.Capture;
using Footfall.Server.Expose;

namespace Footfall.Server;

/// <summary><c>footfall collector</c> and <c>footfall metrics</c>: one service a process.</summary>
public static class ServiceCommands
{
    /// <summary>The event producer.</summary>
    public static Command Collector()
    {
        var common = new CommonOptions();
        var command = new Command("collector", "Run the collector: takes interactions over HTTP and writes them to the log");
        command.SetAction(async (result, _) =>
        {
            var source = common.Source(result);
            var options = source.Read();
            using var stop = Running.ListenForStop();
            using var loggers = ServiceHost.NewLoggers();
            await using var log = await OpenLog.ForWritingAsync(options, TimeProvider.System, loggers, stop.Token);
            await using var app = CollectorHost.Build(options, log.Writer, TimeProvider.System, demo: null, source);
            await Running.StartAsync(app, "collector", options.Capture.Listen, "--collector-port", stop.Token);
            Console.WriteLine($"Footfall {ServiceHost.Version} collector on {options.Capture.Listen}, log: {log.Description}");
            return await RunAsync(stop, app);
        });
        return common.AddTo(command, collector: true, metrics: false);
    }

    /// <summary>The event consumer.</summary>
    public static Command Metrics()
    {
        var common = new CommonOptions();
        var command = new Command("metrics", "Run the metrics service: counts what the log holds and shows it to Prometheus");
        command.SetAction(async (result, _) =>
        {
            var options = common.Read(result);
            using var stop = Running.ListenForStop();
            using var loggers = ServiceHost.NewLoggers();
            await using var log = await OpenLog.ForReadingAsync(options, TimeProvider.System, loggers, stop.Token);
            await using var app = MetricsHost.Build(options, log.Consumer, TimeProvider.System);
            await Running.StartAsync(app, "metrics service", options.Expose.Listen, "--metrics-port", stop.Token);
            Console.WriteLine($"Footfall {ServiceHost.Version} metrics service on {options.Expose.Listen}, log: {log.Description}");
            return await RunAsync(stop, app);
        });
        return common.AddTo(command, collector: false, metrics: true);
    }

    private static async Task<int> RunAsync(StopSignal stop, WebApplication app)
    {
        var code = await Running.WaitAsync(stop, app);
        await app.StopAsync(CancellationToken.None);
        return code;
    }
}
