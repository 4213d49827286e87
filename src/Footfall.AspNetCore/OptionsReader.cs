using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Footfall.AspNetCore.Capture;
using Footfall.Capture;
using Footfall.Count;

namespace Footfall.AspNetCore;

/// <summary>Reads and checks the configuration, once, with all errors at once.</summary>
internal static class OptionsReader
{
    /// <summary>What the server reads of <c>Capture:Kestrel</c>.</summary>
    private static readonly string[] KestrelKeys = ["Certificates", "EndpointDefaults", "Endpoints"];

    /// <summary>The file in the working directory that is read where there is one.</summary>
    public const string DefaultFile = "footfall.json";

    /// <summary>Variables of the environment that begin so are read: <c>FOOTFALL__CAPTURE__LISTEN</c>.</summary>
    public const string EnvironmentPrefix = "FOOTFALL__";

    /// <summary>All variables of this process.</summary>
    public static IReadOnlyList<KeyValuePair<string, string?>> ThisEnvironment() =>
        [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(pair => new KeyValuePair<string, string?>((string)pair.Key, (string?)pair.Value))];

    /// <summary>Reads the file, this environment and the overrides, in this order.</summary>
    /// <param name="file">A file that must exist, or null for <see cref="DefaultFile"/> where there is one.</param>
    /// <param name="environment">All of it; what does not begin with <see cref="EnvironmentPrefix"/> is not ours.</param>
    /// <param name="overrides">From the command line; a null value leaves what is.</param>
    /// <exception cref="OptionsException">What is wrong with it, every error on a line of its own.</exception>
    public static FootfallOptions Read(
        string? file, IEnumerable<KeyValuePair<string, string?>> environment, IEnumerable<KeyValuePair<string, string?>> overrides)
    {
        return Read(() => new ConfigurationBuilder()
            .AddJsonFile(Path.GetFullPath(file ?? DefaultFile), optional: file is null)
            .AddInMemoryCollection(environment
                .Where(pair => pair.Key.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
                .Select(pair => new KeyValuePair<string, string?>(
                    pair.Key[EnvironmentPrefix.Length..].Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), pair.Value)))
            .AddInMemoryCollection(overrides.Where(pair => pair.Value is not null))
            .Build());
    }

    /// <summary>Reads what somebody else has brought together.</summary>
    /// <exception cref="OptionsException">What is wrong with it, every error on a line of its own.</exception>
    public static FootfallOptions Read(IConfiguration configuration) => Read(() => configuration);

    private static FootfallOptions Read(Func<IConfiguration> build)
    {
        try
        {
            var configuration = build();
            var unknown = UnknownKeys(configuration, KeptJson.Default.FootfallOptions).ToArray();
            if (unknown.Length > 0)
            {
                throw new OptionsException(string.Join('\n', unknown.Concat(CheckBeside(configuration))));
            }

            var options = Bind(configuration, isStrict: true);
            var errors = Check(options).ToArray();
            return errors.Length == 0 ? options : throw new OptionsException(string.Join('\n', errors));
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException or InvalidOperationException)
        {
            // The innermost says where. Of what is wrong in an app .NET tells what made it look, which is not for people.
            var told = e.InnerException is { } inner && e.Message.Contains(nameof(BinderOptions.ErrorOnUnknownConfiguration), StringComparison.Ordinal) ? inner : e;
            throw new OptionsException(told.InnerException is null ? told.Message : $"{told.Message} {told.GetBaseException().Message}");
        }
    }

    /// <summary>What is wrong besides keys that nobody reads, as far as the rest can be read.</summary>
    private static string[] CheckBeside(IConfiguration configuration)
    {
        try
        {
            return [.. Check(Bind(configuration, isStrict: false))];
        }
        catch (InvalidOperationException)
        {
            return []; // it is told once the keys are right
        }
    }

    /// <summary>Of all keys that are there and that nobody reads, where they are and what could be meant. The binder tells one, and no path.</summary>
    private static IEnumerable<string> UnknownKeys(IConfiguration at, JsonTypeInfo? type)
    {
        if (at is IConfigurationSection here && Shape(here, type) is { } wrong)
        {
            yield return $"{here.Path} must be {wrong}";
            yield break;
        }

        foreach (var child in at.GetChildren())
        {
            if (type?.Kind == JsonTypeInfoKind.Dictionary)
            {
                foreach (var unknown in UnknownKeys(child, KeptJson.Default.GetTypeInfo(type.ElementType!)))
                {
                    yield return unknown;
                }
            }
            else if (type?.Kind == JsonTypeInfoKind.Object)
            {
                var properties = type.Properties.Where(property => property.Get is not null).ToArray(); // others are no keys
                var known = Array.Find(properties, property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
                if (known is not null)
                {
                    foreach (var unknown in UnknownKeys(child, KeptJson.Default.GetTypeInfo(known.PropertyType)))
                    {
                        yield return unknown;
                    }
                }
                else if (type.Type != typeof(CaptureSection) || !child.Key.Equals(nameof(CaptureSection.Kestrel), StringComparison.OrdinalIgnoreCase))
                {
                    var path = at is IConfigurationSection section ? $"{section.Path} has" : "there is";
                    yield return $"{path} no key '{child.Key}': must be one of {string.Join(", ", properties.Select(property => property.Name))}"
                        + (type.Type == typeof(CaptureSection) ? $", {nameof(CaptureSection.Kestrel)}" : "");
                }
            }
        }
    }

    /// <summary>What a section would have to be; null: it is that. Neither a value nor a key is told: it may be a password.</summary>
    private static string? Shape(IConfigurationSection section, JsonTypeInfo? type)
    {
        var isList = section.GetChildren().Any() && section.GetChildren().All(child => child.Key.All(char.IsAsciiDigit));
        return type?.Kind switch
        {
            JsonTypeInfoKind.Object when isList => "an object, and is a list",
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary when !string.IsNullOrEmpty(section.Value) => "an object, and is a value",
            JsonTypeInfoKind.None when section.GetChildren().Any() => isList ? "one value, and is a list" : "one value, and is an object",
            _ => null,
        };
    }

    /// <summary>By reflection, once at the start: what is made at a build instead binds no property that is init-only.</summary>
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(FootfallOptions))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(CaptureSection))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(AppSection))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(FunnelSection))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(LogSection))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(KafkaSection))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(CountSection))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(ExposeSection))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(Dictionary<string, AppSection>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(Dictionary<string, FunnelSection>))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.All, typeof(Dictionary<string, string>))]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "All sections and their members are kept, above; Every_section_is_kept_in_native_code looks after it.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As above: dictionaries of the types that there are, arrays of text.")]
    private static FootfallOptions Bind(IConfiguration configuration, bool isStrict) =>
        configuration.Get<FootfallOptions>(binder => binder.ErrorOnUnknownConfiguration = isStrict) ?? new FootfallOptions();

    /// <summary>All that is wrong with options that code has made.</summary>
    public static IEnumerable<string> Check(FootfallOptions options)
    {
        if (string.IsNullOrEmpty(options.Data))
        {
            yield return $"Data is '{options.Data}': must be a directory";
        }

        foreach (var (key, value) in new[] { ("Capture:Listen", options.Capture.Listen), ("Expose:Listen", options.Expose.Listen) })
        {
            if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/")
            {
                yield return $"{key} is '{value}': must be an address such as http://localhost:8081";
            }
        }

        foreach (var (name, app) in options.Capture.Apps)
        {
            foreach (var error in CheckApp(name, app))
            {
                yield return error;
            }
        }

        if (options.Capture.Apps.Values.Sum(app => app.Funnels.Count) is > Funnel.MaxInAll and var funnels)
        {
            yield return $"Capture:Apps have {funnels} funnels: must be at most {Funnel.MaxInAll}";
        }

        // Not with the key itself: what is said here goes to a log.
        foreach (var same in options.Capture.Apps.Where(app => app.Value.WriteKey is not null).GroupBy(app => app.Value.WriteKey, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return $"Capture:Apps: {string.Join(" and ", same.Select(app => app.Key).Order(StringComparer.Ordinal))} have the same WriteKey: it would not say which is meant";
        }

        foreach (var key in options.Capture.Kestrel?.GetChildren().Select(child => child.Key).Except(KestrelKeys, StringComparer.OrdinalIgnoreCase) ?? [])
        {
            yield return $"Capture:Kestrel has '{key}': must be one of {string.Join(", ", KestrelKeys)}";
        }

        foreach (var proxy in options.Capture.Proxies.Where(proxy => !ProxyAddress.TryParse(proxy, out _)))
        {
            yield return $"Capture:Proxies has '{proxy}': must be an address such as 10.0.0.7, or a network such as 10.0.0.0/8 or fd00::/8";
        }

        foreach (var error in CheckAccess(options.Expose))
        {
            yield return error;
        }

        foreach (var error in Ranges(options).Where(range => !range.IsWithin).Select(range => range.Error))
        {
            yield return error;
        }

        if (options.Log.Retention < options.Count.DuplicateWindow)
        {
            yield return $"Log:Retention is {options.Log.Retention}, shorter than Count:DuplicateWindow ({options.Count.DuplicateWindow}): the window could not be rebuilt after a restart";
        }
    }

    /// <summary>Without the values: what is said here goes to a log.</summary>
    private static IEnumerable<string> CheckAccess(ExposeSection expose)
    {
        if (expose.BearerToken is { } token && (token.Length is < 16 or > 200 || !token.All(IsToken)))
        {
            yield return "Expose:BearerToken must have 16 to 200 characters, of letters, digits and -._~+/=";
        }

        if ((expose.BasicUser is null) != (expose.BasicPassword is null))
        {
            yield return "Expose:BasicUser and Expose:BasicPassword must both be there, or neither";
        }

        if (expose.BasicUser is { } user && (user.Length is < 1 or > 100 || user.Contains(':', StringComparison.Ordinal) || user.Any(char.IsControl)))
        {
            yield return "Expose:BasicUser must have 1 to 100 characters, no colon and no control characters";
        }

        if (expose.BasicPassword is { } password && (password.Length is < 8 or > 200 || password.Any(char.IsControl)))
        {
            yield return "Expose:BasicPassword must have 8 to 200 characters, no control characters";
        }

        static bool IsToken(char character) => char.IsAsciiLetterOrDigit(character) || "-._~+/=".Contains(character, StringComparison.Ordinal);
    }

    private static IEnumerable<string> CheckApp(string name, AppSection section)
    {
        if (section.Origins.Concat(section.PagePatterns).Concat(section.PinnedTargets).Any(text => text is null))
        {
            yield return $"Capture:Apps:{name}: one of its lists holds null, or what is no text";
            yield break;
        }

        string? error = null;
        try
        {
            _ = new App(name, section.Origins, section.PagePatterns, section.WriteKey);
        }
        catch (FormatException e)
        {
            error = $"Capture:Apps:{name}: {e.Message}";
        }

        if (error is not null)
        {
            yield return error;
        }

        if (section.MaxInteractionsPerSecond < 1)
        {
            yield return $"Capture:Apps:{name}:MaxInteractionsPerSecond is {section.MaxInteractionsPerSecond}: must be at least 1";
        }

        if (!Enum.IsDefined(section.Bots))
        {
            yield return $"Capture:Apps:{name}:Bots is {section.Bots}: must be Drop or Count";
        }

        foreach (var fault in CheckFunnels(section.Funnels))
        {
            yield return $"Capture:Apps:{name}:Funnels{fault}";
        }

        foreach (var target in section.PinnedTargets.Where(target => target.Length == 0 || !Labels.IsLabel(target, CaptureLimits.TargetLength)))
        {
            yield return $"Capture:Apps:{name}: pinned target '{target}' can't be one that is counted: "
                + $"targets have 1 to {CaptureLimits.TargetLength} characters, single blanks, none at the ends, and no control characters";
        }
    }

    private static IEnumerable<string> CheckFunnels(Dictionary<string, FunnelSection> funnels)
    {
        if (funnels.Count > Funnel.MaxOfApp)
        {
            yield return $" has {funnels.Count}: must be at most {Funnel.MaxOfApp}";
        }

        foreach (var (name, funnel) in funnels)
        {
            if (funnel?.Steps is null || funnel.Steps.Any(step => step is null))
            {
                yield return $":{name}: it needs Steps, a list of texts";
                continue;
            }

            foreach (var fault in Funnel.Faults(name, funnel.Steps, funnel.Window))
            {
                yield return $":{name}: {fault}";
            }
        }
    }

    private static IEnumerable<(bool IsWithin, string Error)> Ranges(FootfallOptions options)
    {
        (bool, string) Within<T>(string key, T value, T least, T most)
            where T : IComparable<T> =>
            (value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0, $"{key} is {value}: must be from {least} to {most}");

        yield return Within("Capture:MaxBodyBytes", options.Capture.MaxBodyBytes, 1_024, 67_108_864);
        yield return Within("Capture:MaxInFlightBytes", options.Capture.MaxInFlightBytes, 8L * options.Capture.MaxBodyBytes, 17_179_869_184);
        yield return Within("Capture:MaxRequestsPerSecond", options.Capture.MaxRequestsPerSecond, 1, 1_000_000_000);
        yield return Within("Capture:MaxConnections", options.Capture.MaxConnections, 10, 1_000_000);
        yield return Within("Capture:KeepRejected", options.Capture.KeepRejected, 0, 100_000);
        yield return Within("Log:Retention", options.Log.Retention, TimeSpan.FromHours(1), TimeSpan.FromDays(3650));
        yield return Within("Log:MaxQueueBytes", options.Log.MaxQueueBytes, options.Capture.MaxBodyBytes, 17_179_869_184);
        yield return Within("Log:MaxFileBytes", options.Log.MaxFileBytes, 67_108_864, long.MaxValue);
        yield return Within("Log:Kafka:Partitions", options.Log.Kafka.Partitions, 1, 1_000);
        yield return Within("Log:Kafka:Lease", options.Log.Kafka.Lease, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        yield return Within("Log:Kafka:SpoolAfter", options.Log.Kafka.SpoolAfter, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));
        yield return Within("Log:Kafka:MaxSpoolBytes", options.Log.Kafka.MaxSpoolBytes, 67_108_864, long.MaxValue);
        yield return Within("Count:DuplicateWindow", options.Count.DuplicateWindow, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        yield return Within("Count:DuplicateWindowIds", options.Count.DuplicateWindowIds, 1_000, 500_000_000);
        yield return Within("Count:MaxSeries", options.Count.MaxSeries, 10, 1_000_000);
        yield return Within("Count:MaxVisitors", options.Count.MaxVisitors, 1_000, 100_000_000);
        yield return Within("Count:MaxViews", options.Count.MaxViews, 1_000, 10_000_000);
        yield return Within("Count:MaxFunnelVisitors", options.Count.MaxFunnelVisitors, 1_000, 10_000_000);
        yield return Within("Count:CommitInterval", options.Count.CommitInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        yield return Within("Expose:ZeroFirst", options.Expose.ZeroFirst, TimeSpan.Zero, TimeSpan.FromHours(1));
    }
}

/// <summary>The configuration can't be used; the message is for people, a line an error.</summary>
public sealed class OptionsException(string message) : Exception(message);
