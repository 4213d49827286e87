using System.Text.Json;
using System.Text.Json.Serialization;

namespace Footfall.Server.Expose.Top;

/// <summary>What <c>/api/v1/live</c> and <c>/api/v1/totals</c> tell; of a tick, members that are as before are null.</summary>
internal sealed record LiveDocument
{
    public string? App { get; init; }

    public string[]? Apps { get; init; }

    public long? UpTo { get; init; }

    public long? Total { get; init; }

    public decimal? Value { get; init; }

    public LiveNow? Now { get; init; }

    public LiveTarget[]? Targets { get; init; }

    public int? MoreTargets { get; init; }

    public LiveFunnel[]? Funnels { get; init; }

    public LiveHealth? Health { get; init; }
}

/// <summary>How much comes in.</summary>
internal sealed record LiveNow(long Second, long Minute, IReadOnlyDictionary<string, int> Visitors, LiveDelivery? Delivery);

/// <summary>Seconds from a collector's taking an interaction until it is shown; null where none came lately.</summary>
internal sealed record LiveDelivery(double? P50, double? P99);

/// <summary>A target's row; <paramref name="K"/> is its number while the service runs.</summary>
internal sealed record LiveTarget(int K, string Type, string Target, bool Pinned, long Total, decimal? Value, long Minute);

/// <summary>A funnel, its steps in order.</summary>
internal sealed record LiveFunnel(string Name, IReadOnlyList<LiveStep> Steps);

/// <summary>How many visitors have reached a step.</summary>
internal sealed record LiveStep(string Name, long Visitors);

/// <summary>How the way of interactions is.</summary>
internal sealed record LiveHealth(string Level, string? Message, string? Advice, long Lag);

/// <summary>What <c>/api/v1/series</c> tells, as far as it is drawn here.</summary>
internal sealed record LiveSeries(long From, long To, int Step, IReadOnlyList<long> Total);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(LiveDocument))]
[JsonSerializable(typeof(LiveSeries))]
internal sealed partial class LiveJson : JsonSerializerContext;
