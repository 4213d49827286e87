using Footfall.Capture;
using Footfall.Log;

namespace Footfall.AspNetCore.Capture;

/// <summary>What a collector consists of, wherever it is.</summary>
internal static class CollectorServices
{
    /// <summary>Adds it, over the log and the clock that are registered besides.</summary>
    /// <param name="services">Of the host.</param>
    /// <param name="options">Checked.</param>
    public static void AddCollector(this IServiceCollection services, FootfallOptions options)
    {
        var capture = options.Capture;
        var apps = new CurrentApps(options.CompileApps());
        var counters = new CaptureCounters(apps.Table);
        services.AddSingleton(options);
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Add(CollectorJson.Default));
        services.AddSingleton(apps);
        services.AddSingleton(counters);
        services.AddSingleton(provider => new InteractionReader(apps, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AddressLimit(capture.MaxRequestsPerSecond, counters, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new BodyReader(capture.MaxBodyBytes, capture.MaxInFlightBytes));
        services.AddSingleton<LogTrouble>();
        services.AddSingleton<Intake>();
        if (capture.KeepRejected > 0)
        {
            services.AddSingleton(provider => new RejectedKeeper(
                options.Data, capture.KeepRejected, counters, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RejectedKeeper>>()));
            services.AddHostedService(provider => provider.GetRequiredService<RejectedKeeper>());
        }

        services.AddSingleton(provider => new Collector(
            provider.GetRequiredService<InteractionReader>(),
            provider.GetRequiredService<IInteractionLog>(),
            counters,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<RejectedKeeper>() is { } keeper ? keeper.Look : null));
    }
}
