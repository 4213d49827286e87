using Footfall.AspNetCore.Capture;
using Footfall.AspNetCore.Capture.Dialects;
using Footfall.AspNetCore.Log;
using Footfall.Capture;
using Footfall.Log;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Footfall.AspNetCore;

/// <summary>Footfall's collector inside an ASP.NET Core app: its pages send to where they come from.</summary>
public static class FootfallCollectorExtensions
{
    private const string StrictGzip = "System.IO.Compression.UseStrictValidation";

    /// <summary>
    /// Adds the collector. Its log is opened when the app starts, and closed after the last request; an app whose log
    /// can't be opened does not start.
    /// </summary>
    /// <param name="services">Of the app.</param>
    /// <param name="section">
    /// With the keys of <c>footfall.json</c>; one file may serve the app and <c>footfall metrics</c>. What is for a server of
    /// Footfall's own (<c>Capture:Listen</c>, <c>Kestrel</c>, <c>MaxConnections</c>), for counting and for showing is
    /// checked and not used; <c>Capture:Proxies</c> is an error.
    /// </param>
    /// <exception cref="OptionsException">What is wrong with it, every error on a line of its own.</exception>
    public static IServiceCollection AddFootfallCollector(this IServiceCollection services, IConfiguration section) =>
        services.Add(OptionsReader.Read(section), []);

    /// <summary>The same, with options that the app has made itself.</summary>
    /// <exception cref="OptionsException">What is wrong with them, every error on a line of its own.</exception>
    public static IServiceCollection AddFootfallCollector(this IServiceCollection services, FootfallOptions options) =>
        services.Add(options, OptionsReader.Check(options));

    /// <summary>
    /// Maps <c>footfall.js</c>, <c>v1/interactions</c> and the addresses of other people's clients. They are for everybody
    /// who may see a page: without authorization, antiforgery tokens, CORS, and the app's limits of rate and size (the
    /// collector has its own), also where the app asks for these elsewhere.
    /// </summary>
    /// <param name="endpoints">Of the app.</param>
    /// <param name="prefix">Where; the page has <c>&lt;script defer src="/footfall/footfall.js" data-app="shop"&gt;</c> then.</param>
    public static IEndpointConventionBuilder MapFootfallCollector(this IEndpointRouteBuilder endpoints, string prefix = "/footfall")
    {
        endpoints.CheckAdded();
        var group = endpoints.MapGroup(prefix);
        group.MapInteractions();
        group.MapDialects();
        group.MapScript();
        group.AllowAnonymous().DisableAntiforgery().DisableRateLimiting().WithMetadata(OwnSizeLimit.Instance).ExcludeFromDescription();
        // The names are for the description of an API that is all Footfall's; an app may map this twice.
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            foreach (var name in endpoint.Metadata.Where(item => item is IEndpointNameMetadata or IRouteNameMetadata).ToArray())
            {
                endpoint.Metadata.Remove(name);
            }
        });
        return group;
    }

    /// <summary>
    /// Maps the collector's own counters for Prometheus: apart, since the prefix is for everybody and these are not. The
    /// totals of interactions are the metrics service's.
    /// </summary>
    public static IEndpointConventionBuilder MapFootfallCollectorMetrics(this IEndpointRouteBuilder endpoints, string pattern = "/footfall/metrics")
    {
        endpoints.CheckAdded();
        return endpoints.MapCollectorMetrics(pattern);
    }

    /// <summary>Adds a check that fails while the log does not take interactions.</summary>
    public static IHealthChecksBuilder AddFootfallCollector(this IHealthChecksBuilder checks, string name = "footfall", IEnumerable<string>? tags = null) =>
        checks.Add(new HealthCheckRegistration(name, services => new LogCheck(services.GetRequiredService<Collector>()), failureStatus: null, tags));

    private static IServiceCollection Add(this IServiceCollection services, FootfallOptions options, IEnumerable<string> errors)
    {
        if (services.Any(service => service.ServiceType == typeof(Collector)))
        {
            throw new InvalidOperationException("there is a Footfall collector in this app: AddFootfallCollector is called twice");
        }

        var all = errors.Concat(OnlyInside(options)).ToArray();
        if (all.Length > 0)
        {
            throw new OptionsException(string.Join('\n', all));
        }

        if (options.Log.Kafka.BootstrapServers is not null)
        {
            _ = OpenLog.KafkaOptions(options); // throws what is wrong with it
        }

        // Gzip that breaks off is an error, not a short body: of lines, the rest would be lost behind a 202.
        if (!AppContext.TryGetSwitch(StrictGzip, out _))
        {
            AppContext.SetSwitch(StrictGzip, true);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddCollector(options);
        services.AddSingleton<AppLog>();
        services.AddSingleton<IInteractionLog>(provider => provider.GetRequiredService<AppLog>());
        services.AddHostedService(provider => provider.GetRequiredService<AppLog>());
        return services;
    }

    private static IEnumerable<string> OnlyInside(FootfallOptions options)
    {
        if (options.Capture.Apps.Count == 0)
        {
            yield return "Capture:Apps names no app: name the one that this is, such as \"shop\": { \"Bots\": \"Drop\" }";
        }

        if (options.Capture.Proxies.Length > 0)
        {
            yield return "Capture:Proxies is not read inside an app, whose middleware says where a request is from: use UseForwardedHeaders";
        }
    }

    private static void CheckAdded(this IEndpointRouteBuilder endpoints)
    {
        if (endpoints.ServiceProvider.GetService<AppLog>() is null)
        {
            throw new InvalidOperationException("there is no Footfall collector in this app: call services.AddFootfallCollector(...) first");
        }
    }

    /// <summary>None of the server's: <c>Capture:MaxBodyBytes</c> is the limit.</summary>
    private sealed class OwnSizeLimit : IRequestSizeLimitMetadata
    {
        public static OwnSizeLimit Instance { get; } = new();

        public long? MaxRequestBodySize => null;
    }

    private sealed class LogCheck(Collector collector) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
            collector.Ready ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, "the log did not take the last interactions"));
    }
}
