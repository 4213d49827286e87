using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Metrics;
using Scalar.AspNetCore;

namespace Footfall.Server;

/// <summary>What the collector and the metrics service have in common as web services.</summary>
public static class ServiceHost
{
    /// <summary>Footfall's version.</summary>
    public static string Version { get; } = Product.Version;

    /// <summary>A web application that logs a line an event, and leaves signals to <c>Program</c>.</summary>
    /// <param name="listen">The one address that it listens on; null: whoever builds it says where.</param>
    /// <param name="time">The clock.</param>
    public static WebApplicationBuilder NewBuilder(string? listen, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        // Our own configuration has been read; the web host keeps its settings in what is left here.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection();
        if (listen is not null)
        {
            builder.WebHost.UseUrls(listen);
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        ConfigureLogging(builder.Logging.ClearProviders());
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, NoLifetime>());
        builder.Services.AddSingleton(time);
        // A trace id tells a stranger nothing, and we keep no traces.
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context => context.ProblemDetails.Extensions.Remove("traceId"));
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Footfall.Log.Kafka")
            .AddPrometheusExporter());
        return builder;
    }

    /// <summary>Loggers for what is opened before there is a host.</summary>
    public static ILoggerFactory NewLoggers() => LoggerFactory.Create(ConfigureLogging);

    /// <summary>A line an event, ours from Information, others' from Warning.</summary>
    public static void ConfigureLogging(ILoggingBuilder logging) => logging
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        })
        .AddFilter(null, LogLevel.Warning)
        .AddFilter("Footfall", LogLevel.Information)
        // A line for each connection over the limit would be a stranger's to write; they are counted.
        .AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error)
        // What it says from Warning on is thrown to whoever starts the service, too; for it each request would have an Activity, which nobody looks at.
        .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None)
        // "Address already in use" is told once, by whoever starts the service.
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

    /// <summary>.NET's, Kestrel's and the Kafka client's own metrics, apart, for a slower scrape.</summary>
    public static void MapRuntimeMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapPrometheusScrapingEndpoint("/metrics/runtime");

    /// <summary>What the service answers: for machines at <c>/openapi/v1.json</c>, to browse at <c>/docs</c>.</summary>
    public static void MapDescription(this IEndpointRouteBuilder routes, string title)
    {
        routes.MapOpenApi("/openapi/v1.json"); // the only one: others are no resource
        // Nothing of its vendor's: no fonts, telemetry, chat, toolbar or links, all of which lead elsewhere.
        routes.MapScalarApiReference("/docs", scalar => scalar
            .WithTitle(title)
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideDeveloperTools()
            .HideClientButton()
            .WithCustomCss("a[href*='scalar.com'] { display: none !important }"));
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
