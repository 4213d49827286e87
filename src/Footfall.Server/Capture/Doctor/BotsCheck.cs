using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Footfall.Server.Capture.Doctor;

/// <summary>
/// How much of what came the collector has set aside because no person did it: who tries the page with a headless browser
/// looks for their own clicks there. Only where its metrics can be read from here; for the public they are not there.
/// </summary>
public static partial class BotsCheck
{
    /// <summary>What these findings are about.</summary>
    public const string Subject = "bots";

    /// <summary>Where the collector's metrics are: beside its <c>v1</c>.</summary>
    public static Uri Address(Uri endpoint) => new(endpoint, "../metrics");

    /// <summary>What is to be said; nothing where no collector's metrics are there.</summary>
    /// <param name="answer">Of the metrics.</param>
    /// <param name="tag">The script's.</param>
    public static IReadOnlyList<Finding> Of(Visit answer, ScriptTag tag)
    {
        if (answer.Trouble is not null || (int)answer.Status != 200)
        {
            return [];
        }

        var app = tag.Data("app") is { Length: > 0 } named ? named : null;
        var samples = Sample().Matches(Encoding.UTF8.GetString(answer.Body))
            .Where(match => app is null || match.Groups["app"].Value == app)
            .Select(match => (Kind: match.Groups["kind"].Value, Count: decimal.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture)))
            .GroupBy(sample => sample.Kind, StringComparer.Ordinal)
            .Select(kind => (Kind: kind.Key, Count: kind.Sum(sample => sample.Count)))
            .ToArray();
        if (samples.Length == 0)
        {
            return [];
        }

        var whose = app is null ? "" : $" of {Shown.Clean(app)}";
        var kinds = samples.Where(kind => kind.Count > 0).Select(kind => $"{kind.Kind} {kind.Count.ToString("N0", CultureInfo.InvariantCulture)}").ToArray();
        return kinds.Length == 0
            ? [Finding.Ok(Subject, $"Since its start the collector has set aside nothing{whose} as a bot's")]
            : [Finding.Ok(
                Subject,
                $"Since its start the collector has set aside {samples.Sum(kind => kind.Count).ToString("N0", CultureInfo.InvariantCulture)} interactions{whose} as bots', in no total: {string.Join(", ", kinds)}."
                + $" To count them: Capture:Apps:{(app is null ? "APP" : Shown.Clean(app))}:Bots = Count")];
    }

    [GeneratedRegex("""^footfall_bots_total\{app="(?<app>[^"\\]{1,100})",kind="(?<kind>[a-z_]{1,30})"\} (?<count>[0-9]{1,18})$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sample();
}
