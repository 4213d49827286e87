using Footfall.Count;
using Footfall.Expose;
using Footfall.Log;
using Footfall.Server.Count;

namespace Footfall.Server.Expose;

/// <summary>The metrics service: counts what the log holds and shows it, port 8082.</summary>
public static class MetricsHost
{
    /// <summary>Builds it over a consumer that is open; the caller disposes of both.</summary>
    /// <param name="options">Checked.</param>
    /// <param name="consumer">What is counted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="collector">What the collector of this process did; null: there is none.</param>
    /// <param name="links">What the board may point to; null: nothing.</param>
    public static WebApplication Build(
        FootfallOptions options, ILogConsumer consumer, TimeProvider time, Func<CollectorNumbers?>? collector = null, BoardLinks? links = null)
    {
        var builder = ServiceHost.NewBuilder(options.Expose.Listen, time);
        var count = options.CountOptions;
        var totals = new CommittedTotals(options.Capture.AppsOrDemo.Keys, count.Pinned, count.Funnels);
        var exposure = new Exposure(
            totals, new TotalsLease(consumer.Lease, time), new ExposeOptions { ZeroFirst = options.Expose.ZeroFirst }, time);
        builder.Services.AddSingleton(exposure);
        builder.Services.AddSingleton<ICountingEvents, CountingLog>();
        builder.Services.AddSingleton(services => new CountingLoop(consumer, count, exposure, time, services.GetRequiredService<ICountingEvents>()));
        builder.Services.AddHostedService<CountingService>();
        builder.Services.AddSingleton(services => new HealthWatch(
            exposure, services.GetRequiredService<CountingLoop>(), collector, options.Log.Kafka.BootstrapServers is not null, ServiceHost.Version, time));
        builder.Services.AddSingleton<TotalsDocuments>();
        builder.Services.AddSingleton<LiveFeed>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LiveFeed>());
        builder.Services.AddOpenApi(BoardDescription.Describe);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        ExposeAccess.Use(app, options.Expose);
        app.MapBoard(links ?? BoardLinks.None);
        app.MapBoardApi();
        app.MapTotals();
        app.MapMetricsHealth();
        app.MapRuntimeMetrics();
        app.MapDescription("Footfall metrics service");
        return app;
    }
}
