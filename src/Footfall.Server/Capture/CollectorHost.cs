using System.Net;
using System.Threading.RateLimiting;
using Footfall.Capture;
using Footfall.Log;
using Footfall.Server.Capture.Dialects;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.RateLimiting;
using Scalar.AspNetCore;

namespace Footfall.Server.Capture;

/// <summary>The collector: interactions in over HTTP, port 8081.</summary>
public static class CollectorHost
{
    internal const string ClientLimit = "client";

    /// <summary>Builds it over a log that is open; the caller disposes of both.</summary>
    /// <param name="options">Checked.</param>
    /// <param name="log">Where interactions go.</param>
    /// <param name="time">The clock that stamps them.</param>
    /// <param name="demo">Where the demo shop finds what shows its numbers; null: there is no demo shop.</param>
    public static WebApplication Build(FootfallOptions options, IInteractionLog log, TimeProvider time, DemoLinks? demo)
    {
        var apps = options.CompileApps();
        var builder = ServiceHost.NewBuilder(options.Capture.Listen, time);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null); // BodyReader has the limit, and counts
        builder.Services.AddSingleton(log);
        builder.Services.AddSingleton(apps);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<Intake>();
        builder.Services.AddSingleton(new Collector(new InteractionReader(apps, time), log, new CaptureCounters(apps), time));
        builder.Services.AddSingleton(new BodyReader(options.Capture.MaxBodyBytes, options.Capture.MaxInFlightBytes));
        builder.Services.AddSingleton(services => new LogTrouble(log, time, services.GetRequiredService<ILogger<LogTrouble>>()));
        builder.Services.AddCors(cors => AddCors(cors, apps));
        builder.Services.AddRateLimiter(limiter => AddClientLimit(limiter, options.Capture.MaxRequestsPerSecond));
        builder.Services.AddOpenApi(ApiDescription.Describe);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseCors();
        app.UseRateLimiter();
        app.MapInteractions();
        app.MapDialects();
        app.MapScript();
        if (demo is not null)
        {
            app.MapDemo(demo);
        }

        app.MapCollectorHealth();
        app.MapCollectorMetrics();
        app.MapRuntimeMetrics();
        app.MapOpenApi();
        app.MapScalarApiReference("/docs", scalar => scalar.WithTitle("Footfall collector").DisableDefaultFonts().DisableTelemetry());
        return app;
    }

    private static void AddCors(CorsOptions cors, AppTable apps)
    {
        cors.AddDefaultPolicy(policy => policy
            .SetIsOriginAllowed(apps.AnyAllows)
            .WithMethods("POST")
            .WithHeaders("Content-Type", "Content-Encoding", "Authorization")
            .WithExposedHeaders("Retry-After")
            .SetPreflightMaxAge(TimeSpan.FromHours(24)));

        // Other people's clients have headers of their own, and some send with credentials, which no wildcard may answer.
        // What these would be is not looked at: there are no cookies here.
        cors.AddPolicy(DialectEndpoints.Cors, policy => policy
            .SetIsOriginAllowed(apps.AnyAllows)
            .WithMethods("GET", "POST")
            .AllowAnyHeader()
            .AllowCredentials()
            .WithExposedHeaders("Retry-After")
            .SetPreflightMaxAge(TimeSpan.FromHours(24)));
    }

    private static void AddClientLimit(RateLimiterOptions limiter, int requestsPerSecond)
    {
        limiter.AddPolicy(ClientLimit, context => RateLimitPartition.GetTokenBucketLimiter(
            context.Connection.RemoteIpAddress ?? IPAddress.None,
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = requestsPerSecond * 2,
                TokensPerPeriod = requestsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            }));
        limiter.OnRejected = async (rejected, _) =>
        {
            var http = rejected.HttpContext;
            var outcome = http.RequestServices.GetRequiredService<Collector>().Refuse(Refusal.RateLimited, null);
            var form = http.GetEndpoint()?.Metadata.GetMetadata<AnswerForm>();
            await (form is null ? CaptureAnswers.Of(outcome) : form.Of(outcome)).ExecuteAsync(http);
        };
    }
}
