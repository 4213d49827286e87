using Footfall.Capture;
using Footfall.Log;
using Footfall.Server.Capture.Dialects;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Scalar.AspNetCore;

namespace Footfall.Server.Capture;

/// <summary>The collector: interactions in over HTTP, port 8081.</summary>
public static class CollectorHost
{
    /// <summary>Builds it over a log that is open; the caller disposes of both.</summary>
    /// <param name="options">Checked.</param>
    /// <param name="log">Where interactions go.</param>
    /// <param name="time">The clock that stamps them.</param>
    /// <param name="demo">Where the demo shop finds what shows its numbers; null: there is no demo shop.</param>
    /// <param name="source">Where <paramref name="options"/> are from; null: they stay as they are.</param>
    public static WebApplication Build(
        FootfallOptions options, IInteractionLog log, TimeProvider time, DemoLinks? demo, OptionsSource? source = null)
    {
        var apps = new CurrentApps(options.CompileApps());
        var counters = new CaptureCounters(apps.Table);
        var hasPublic = PublicEndpoints.Exist(options.Capture);
        var builder = ServiceHost.NewBuilder(hasPublic ? null : options.Capture.Listen, time);
        if (hasPublic)
        {
            PublicEndpoints.Listen(builder.WebHost, options.Capture);
        }

        builder.WebHost.ConfigureKestrel(kestrel => ConnectionLimits.Apply(kestrel.Limits, options.Capture.MaxConnections));
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton(apps);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<Intake>();
        AddCollector(builder.Services, options, new InteractionReader(apps, time), log, counters, time);
        builder.Services.AddSingleton(new AddressLimit(options.Capture.MaxRequestsPerSecond, counters, time));
        builder.Services.AddSingleton(new BodyReader(options.Capture.MaxBodyBytes, options.Capture.MaxInFlightBytes));
        builder.Services.AddSingleton(services => new LogTrouble(log, time, services.GetRequiredService<ILogger<LogTrouble>>()));
        builder.Services.AddCors(cors => AddCors(cors, apps));
        builder.Services.AddOpenApi(ApiDescription.Describe);
        if (source is not null)
        {
            builder.Services.AddHostedService(services => new AppsReload(
                source, options, apps, counters, time, services.GetRequiredService<ILogger<AppsReload>>()));
        }

        var app = builder.Build();
        KestrelRefusals.Count(app, counters);
        ClientAddress.Use(app, options.Capture.Proxies);
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        PreflightHeaders.DropUnreadable(app);
        app.UseCors();
        app.MapInteractions();
        app.MapDialects();
        app.MapScript();
        if (demo is not null)
        {
            app.MapDemo(demo);
        }

        PublicEndpoints.HideInside(app);
        var inside = app.MapInside();
        inside.MapCollectorHealth();
        inside.MapCollectorMetrics();
        inside.MapRuntimeMetrics();
        inside.MapOpenApi();
        inside.MapScalarApiReference("/docs", scalar => scalar.WithTitle("Footfall collector").DisableDefaultFonts().DisableTelemetry());
        return app;
    }

    private static void AddCors(CorsOptions cors, CurrentApps apps)
    {
        cors.AddDefaultPolicy(policy => ForApps(policy).WithMethods("POST").WithHeaders("Content-Type", "Content-Encoding", "Authorization"));

        // Other people's clients have headers of their own, and some send with credentials, which no wildcard may answer.
        // What these would be is not looked at: there are no cookies here.
        cors.AddPolicy(DialectEndpoints.Cors, policy => ForApps(policy).WithMethods("GET", "POST").AllowAnyHeader().AllowCredentials());

        CorsPolicyBuilder ForApps(CorsPolicyBuilder policy) => policy
            .SetIsOriginAllowed(origin => apps.Table.AnyAllows(origin))
            .WithExposedHeaders("Retry-After")
            .SetPreflightMaxAge(TimeSpan.FromHours(24));
    }

    private static void AddCollector(
        IServiceCollection services, FootfallOptions options, InteractionReader reader, IInteractionLog log, CaptureCounters counters, TimeProvider time)
    {
        if (options.Capture.KeepRejected == 0)
        {
            services.AddSingleton(new Collector(reader, log, counters, time));
            return;
        }

        services.AddSingleton(provider => new RejectedKeeper(
            options.Data, options.Capture.KeepRejected, counters, time, provider.GetRequiredService<ILogger<RejectedKeeper>>()));
        services.AddHostedService(provider => provider.GetRequiredService<RejectedKeeper>());
        services.AddSingleton(provider => new Collector(reader, log, counters, time, provider.GetRequiredService<RejectedKeeper>().Look));
    }
}
