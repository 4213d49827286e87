using System.Text.Json;
using System.Text.Json.Nodes;

namespace Footfall.Server;

/// <summary>What differs between two configurations.</summary>
public static class OptionsChange
{
    private const string Apps = "Capture:Apps";

    /// <summary>
    /// The keys that differ and that a running service does not take over: all but those of apps, and of an app its pinned
    /// targets and funnels, which are the metrics service's and known from its start.
    /// </summary>
    public static IReadOnlyList<string> NeedsRestart(FootfallOptions one, FootfallOptions other) =>
        [.. Differences(one, other).Where(key => !IsTakenOver(key))
            .Concat(Kestrel(one).SequenceEqual(Kestrel(other)) ? [] : ["Capture:Kestrel"])];

    /// <summary>The keys that differ and that a running collector takes over; of an app that is new or gone, its name alone.</summary>
    public static IReadOnlyList<string> TakenOver(FootfallOptions one, FootfallOptions other)
    {
        var both = one.Capture.Apps.Keys.Intersect(other.Capture.Apps.Keys, StringComparer.Ordinal).Select(app => $"{Apps}:{app}:").ToArray();
        var changed = one.Capture.Apps.Keys.Union(other.Capture.Apps.Keys, StringComparer.Ordinal).Select(app => $"{Apps}:{app}")
            .Where(app => !both.Contains(app + ":", StringComparer.Ordinal));
        return [.. changed.Concat(Differences(one, other).Where(key => IsTakenOver(key) && both.Any(app => key.StartsWith(app, StringComparison.Ordinal))))];
    }

    private static bool IsTakenOver(string key) => key.StartsWith(Apps, StringComparison.Ordinal)
        && !key.EndsWith(":" + nameof(AppSection.PinnedTargets), StringComparison.Ordinal)
        && !key.Contains($":{nameof(AppSection.Funnels)}:", StringComparison.Ordinal);

    private static IEnumerable<string> Differences(FootfallOptions one, FootfallOptions other) =>
        Differences("", JsonSerializer.SerializeToNode(one, KeptJson.Default.FootfallOptions), JsonSerializer.SerializeToNode(other, KeptJson.Default.FootfallOptions));

    private static IEnumerable<KeyValuePair<string, string?>> Kestrel(FootfallOptions options) => options.Capture.Kestrel?.AsEnumerable() ?? [];

    private static IEnumerable<string> Differences(string key, JsonNode? one, JsonNode? other)
    {
        // A new app's keys are compared with those of an app that has none.
        if (one is JsonObject || other is JsonObject)
        {
            var names = Names(one).Union(Names(other), StringComparer.Ordinal);
            return names.SelectMany(name => Differences(key.Length == 0 ? name : $"{key}:{name}", one?[name], other?[name]));
        }

        return JsonNode.DeepEquals(one, other) || (IsEmpty(one) && IsEmpty(other)) ? [] : [key];
    }

    private static IEnumerable<string> Names(JsonNode? node) => node is JsonObject members ? members.Select(member => member.Key) : [];

    private static bool IsEmpty(JsonNode? node) => node is null or JsonArray { Count: 0 };
}
