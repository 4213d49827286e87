using System.Collections;
using System.Text;
using System.Text.RegularExpressions;
using Footfall.AspNetCore.Capture;
using Footfall.Capture;

namespace Footfall.AspNetCore;

/// <summary>Reads and checks the configuration, once, with all errors at once.</summary>
internal static partial class OptionsReader
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
            var options = build().Get<FootfallOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new FootfallOptions();
            var errors = Check(options).ToArray();
            return errors.Length == 0 ? options : throw new OptionsException(string.Join('\n', errors));
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException or InvalidOperationException)
        {
            // The innermost says where. Of an unknown key, and of what is wrong in an app, .NET tells what made it look, which is not for people.
            var told = e.InnerException is { } inner && e.Message.Contains(nameof(BinderOptions.ErrorOnUnknownConfiguration), StringComparison.Ordinal) ? inner : e;
            var message = told.InnerException is null ? told.Message : $"{told.Message} {told.GetBaseException().Message}";
            throw new OptionsException(UnknownKey().Replace(message, "there is no key ${key} in ${where}")
                .Replace("in " + nameof(FootfallOptions), "at its top", StringComparison.Ordinal));
        }
    }

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

        foreach (var error in Ranges(options).Where(range => !range.IsWithin).Select(range => range.Error))
        {
            yield return error;
        }

        if (options.Log.Retention < options.Count.DuplicateWindow)
        {
            yield return $"Log:Retention is {options.Log.Retention}, shorter than Count:DuplicateWindow ({options.Count.DuplicateWindow}): the window could not be rebuilt after a restart";
        }
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

        foreach (var target in section.PinnedTargets.Where(target => target.Length == 0 || !IsCleanTarget(target)))
        {
            yield return $"Capture:Apps:{name}: pinned target '{target}' can't be one that is counted: "
                + $"targets have 1 to {CaptureLimits.TargetLength} characters, single blanks, none at the ends, and no control characters";
        }
    }

    private static bool IsCleanTarget(string target)
    {
        var utf8 = Encoding.UTF8.GetBytes(target);
        var clean = new byte[Labels.MaxBytes(utf8.Length, CaptureLimits.TargetLength)];
        return clean.AsSpan(0, Labels.Clean(utf8, clean, CaptureLimits.TargetLength, out _)).SequenceEqual(utf8);
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
        yield return Within("Count:CommitInterval", options.Count.CommitInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        yield return Within("Expose:ZeroFirst", options.Expose.ZeroFirst, TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    [GeneratedRegex(@"'ErrorOnUnknownConfiguration' was set on the provided BinderOptions, but the following properties were not found on the instance of (?:[\w.]+\.)?(?<where>\w+?)(?:Section)?: (?<key>.+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UnknownKey();
}

/// <summary>The configuration can't be used; the message is for people, a line an error.</summary>
public sealed class OptionsException(string message) : Exception(message);
