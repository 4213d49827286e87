using Footfall.AspNetCore.Capture;
using Footfall.AspNetCore.Capture.Dialects;
using Footfall.Capture;
using Footfall.Log;
using Microsoft.AspNetCore.Cors;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Footfall.Server.Capture;

/// <summary>The collector: interactions in over HTTP, port 8081.</summary>
public static class CollectorHost
{
    private const string DialectsCors = "dialects";

    /// <summary>Builds it over a log that is open; the caller disposes of both.</summary>
    /// <param name="options">Checked.</param>
    /// <param name="log">Where interactions go.</param>
    /// <param name="time">The clock that stamps them.</param>
    /// <param name="demo">Where the demo shop finds what shows its numbers; null: there is no demo shop.</param>
    /// <param name="source">Where <paramref name="options"/> are from; null: they stay as they are.</param>
    public static WebApplication Build(
        FootfallOptions options, IInteractionLog log, TimeProvider time, DemoLinks? demo, OptionsSource? source = null)
    {
        var hasPublic = PublicEndpoints.Exist(options.Capture);
        var builder = ServiceHost.NewBuilder(hasPublic ? null : options.Capture.Listen, time);
        if (hasPublic)
        {
            PublicEndpoints.Listen(builder.WebHost, options.Capture);
        }

        builder.WebHost.ConfigureKestrel(kestrel => ConnectionLimits.Apply(kestrel.Limits, options.Capture.MaxConnections));
        builder.Services.AddSingleton(log);
        builder.Services.AddCollector(options);
        builder.Services.AddCors();
        builder.Services.AddOptions<CorsOptions>().Configure<CurrentApps>(AddCors);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Add(ServerJson.Default));
        builder.Services.AddOpenApi(ApiDescription.Describe);
        if (source is not null)
        {
            builder.Services.AddHostedService(services => new AppsReload(
                source, options, services.GetRequiredService<CurrentApps>(), services.GetRequiredService<CaptureCounters>(), time, services.GetRequiredService<ILogger<AppsReload>>()));
        }

        var app = builder.Build();
        KestrelRefusals.Count(app, app.Services.GetRequiredService<CaptureCounters>());
        ClientAddress.Use(app, options.Capture.Proxies);
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        PreflightHeaders.DropUnreadable(app);
        app.UseCors();
        var open = app.MapGroup("").WithMetadata(new ForOtherSites());
        open.MapInteractions();
        open.MapDialects().RequireCors(DialectsCors);
        // Its CORS header is the same for all, so that caches may share it: not the API's policy.
        open.MapScript().WithMetadata(new DisableCorsAttribute());
        if (demo is not null)
        {
            app.MapDemo(demo);
        }

        PublicEndpoints.HideInside(app);
        var inside = app.MapInside();
        inside.MapCollectorHealth();
        inside.MapCollectorMetrics("/metrics");
        inside.MapRuntimeMetrics();
        inside.MapDescription("Footfall collector");
        return app;
    }

    private static void AddCors(CorsOptions cors, CurrentApps apps)
    {
        cors.AddDefaultPolicy(policy => ForApps(policy).WithMethods("POST").WithHeaders("Content-Type", "Content-Encoding", "Authorization"));

        // Other people's clients have headers of their own, and some send with credentials, which no wildcard may answer.
        // What these would be is not looked at: there are no cookies here.
        cors.AddPolicy(DialectsCors, policy => ForApps(policy).WithMethods("GET", "POST").AllowAnyHeader().AllowCredentials());

        CorsPolicyBuilder ForApps(CorsPolicyBuilder policy) => policy
            .SetIsOriginAllowed(origin => apps.Table.AnyAllows(origin))
            .WithExposedHeaders("Retry-After")
            .SetPreflightMaxAge(TimeSpan.FromHours(24));
    }
}
