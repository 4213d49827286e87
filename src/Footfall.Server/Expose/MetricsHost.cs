using Footfall.Count;
using Footfall.Expose;
using Footfall.Log;
using Footfall.Server.Count;

namespace Footfall.Server.Expose;

/// <summary>The metrics service: counts what the log holds and shows it, port 8082.</summary>
public static class MetricsHost
{
    /// <summary>Builds it over a consumer that is open; the caller disposes of both.</summary>
    public static WebApplication Build(FootfallOptions options, ILogConsumer consumer, TimeProvider time)
    {
        var builder = ServiceHost.NewBuilder(options.Expose.Listen, time);
        var count = options.CountOptions;
        var totals = new CommittedTotals(options.Capture.AppsOrDemo.Keys, count.Pinned);
        var exposure = new Exposure(
            totals, new TotalsLease(consumer.Lease, time), new ExposeOptions { ZeroFirst = options.Expose.ZeroFirst }, time);
        builder.Services.AddSingleton(exposure);
        builder.Services.AddSingleton<ICountingEvents, CountingLog>();
        builder.Services.AddSingleton(services => new CountingLoop(consumer, count, exposure, time, services.GetRequiredService<ICountingEvents>()));
        builder.Services.AddHostedService<CountingService>();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapTotals();
        app.MapMetricsHealth();
        app.MapRuntimeMetrics();
        return app;
    }
}
