using System.Text.Json.Serialization;
using Footfall.Capture;
using Footfall.Count;
using Footfall.Expose;
using Footfall.Log;

namespace Footfall.AspNetCore;

/// <summary>
/// The whole configuration, grouped by stage; bound once from footfall.json, the environment (<c>FOOTFALL__...</c>)
/// and the command line's options, each over the one before. Past this, nobody reads configuration.
/// </summary>
public sealed record FootfallOptions
{
    /// <summary>Where the embedded log, and what <c>footfall up</c> starts beside itself, keep their files.</summary>
    public string Data { get; init; } = "data";

    /// <summary>The collector.</summary>
    public CaptureSection Capture { get; init; } = new();

    /// <summary>The log.</summary>
    public LogSection Log { get; init; } = new();

    /// <summary>Counting.</summary>
    public CountSection Count { get; init; } = new();

    /// <summary>The metrics service.</summary>
    public ExposeSection Expose { get; init; } = new();

    /// <summary>The apps as Capture wants them.</summary>
    /// <exception cref="FormatException">One of them can't be read.</exception>
    public AppTable CompileApps() =>
        new([.. Capture.AppsOrDemo.Select(app => new App(app.Key, app.Value.Origins, app.Value.PagePatterns, app.Value.WriteKey)
        {
            Limit = new AppLimit(app.Value.MaxInteractionsPerSecond),
            Bots = app.Value.Bots,
        })]);

    /// <summary>The options as Count wants them.</summary>
    [JsonIgnore]
    public CountOptions CountOptions => new()
    {
        DuplicateWindow = Count.DuplicateWindow,
        DuplicateWindowIds = Count.DuplicateWindowIds,
        MaxSeries = Count.MaxSeries,
        MaxVisitors = Count.MaxVisitors,
        MaxViews = Count.MaxViews,
        MaxFunnelVisitors = Count.MaxFunnelVisitors,
        CommitInterval = Count.CommitInterval,
        Pinned = [.. Capture.AppsOrDemo.SelectMany(app => app.Value.PinnedTargets.Select(target => new PinnedTarget(app.Key, target)))],
        Funnels = [.. Capture.AppsOrDemo.SelectMany(app => app.Value.Funnels.Select(funnel => new Funnel(app.Key, funnel.Key, funnel.Value.Steps, funnel.Value.Window)))],
    };
}

/// <summary>The collector: where it listens, for which apps, and its limits.</summary>
public sealed record CaptureSection
{
    /// <summary>The collector's address. <c>localhost</c> is reached from this machine alone, <c>0.0.0.0</c> from everywhere.</summary>
    public string Listen { get; init; } = "http://localhost:8081";

    /// <summary>The web applications; without any there is one, <c>demo</c>, open to every origin of this machine.</summary>
    public Dictionary<string, AppSection> Apps { get; init; } = [];

    /// <summary>Addresses with TLS for the public, besides <see cref="Listen"/>: Kestrel's own configuration, passed on.</summary>
    [JsonIgnore]
    public IConfigurationSection? Kestrel { get; init; }

    /// <summary>The largest body, in bytes, as sent and as decompressed.</summary>
    public int MaxBodyBytes { get; init; } = 1_048_576;

    /// <summary>Bodies being read, appended or answered at one time, and what becomes of them, in bytes; above it the answer is 503.</summary>
    public long MaxInFlightBytes { get; init; } = 67_108_864;

    /// <summary>Requests a second from one client address (of IPv6, one /64); above it, and its burst of twice as many, the answer is 429.</summary>
    public int MaxRequestsPerSecond { get; init; } = 1_000;

    /// <summary>Connections at one time; one more is closed at once.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Addresses (<c>10.0.0.7</c>) and networks (<c>10.0.0.0/8</c>) of proxies: from them alone <c>X-Forwarded-For</c> is believed.</summary>
    public string[] Proxies { get; init; } = [];

    /// <summary>The last so many rejected interactions are kept in <c>Data</c> for <c>footfall rejected</c>, 2 KiB of each; 0: none.</summary>
    public int KeepRejected { get; init; }

    internal IReadOnlyDictionary<string, AppSection> AppsOrDemo => Apps.Count > 0
        ? Apps
        : new Dictionary<string, AppSection>(StringComparer.Ordinal) { ["demo"] = Demo };

    private static AppSection Demo => new()
    {
        Origins = ["local"],
        PinnedTargets = ["Enroll Now", "Buy Now"],
        Funnels = new(StringComparer.Ordinal) { ["enroll"] = new() { Steps = ["view", "Enroll Now", "Buy Now"] } },
        Bots = BotPolicy.Count,
    };
}

/// <summary>One web application.</summary>
public sealed record AppSection
{
    /// <summary>Origins whose pages may send: <c>https://shop.example</c>, <c>https://*.shop.example</c>, <c>local</c>, <c>*</c>.</summary>
    public string[] Origins { get; init; } = [];

    /// <summary>What senders must show: 16 to 100 letters, digits, '_' or '-', unlike every other app's; null: nothing.</summary>
    public string? WriteKey { get; init; }

    /// <summary>Paths that pages are shown as, such as <c>/courses/:course</c> or <c>/docs/*</c>; the first that matches.</summary>
    public string[] PagePatterns { get; init; } = [];

    /// <summary>Targets that stand at 0 from the start and keep their name beyond the series cap.</summary>
    public string[] PinnedTargets { get; init; } = [];

    /// <summary>Ways that visitors are hoped to take, by name: how many reach each step is counted.</summary>
    public Dictionary<string, FunnelSection> Funnels { get; init; } = [];

    /// <summary>Interactions a second on one collector; above it, and its burst of twice as many, they are to be sent again. By default more than one takes.</summary>
    public int MaxInteractionsPerSecond { get; init; } = 1_000_000;

    /// <summary>Whether interactions that no person did are counted apart (<c>Drop</c>) or like people's (<c>Count</c>).</summary>
    public BotPolicy Bots { get; init; } = BotPolicy.Drop;
}

/// <summary>One funnel; see <see cref="Funnel"/>.</summary>
public sealed record FunnelSection
{
    /// <summary>In order: <c>view</c>, <c>click</c>, <c>submit</c>, <c>change</c>, <c>page:/courses/*</c>, <c>type:signup</c>, or a target such as <c>Buy Now</c>.</summary>
    public string[] Steps { get; init; } = [];

    /// <summary>How long after its first step an attempt may reach others.</summary>
    public TimeSpan Window { get; init; } = Funnel.LongestWindow;
}

/// <summary>The log: embedded unless Kafka's bootstrap servers are given.</summary>
public sealed record LogSection
{
    /// <summary>How long interactions are kept. At least the duplicate window.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Bytes of interactions that may wait for the log; above it the answer is 503.</summary>
    public long MaxQueueBytes { get; init; } = 67_108_864;

    /// <summary>The largest file of the embedded log, in bytes; when it is full the answer is 503.</summary>
    public long MaxFileBytes { get; init; } = 17_179_869_184;

    /// <summary>Kafka instead of the embedded log.</summary>
    public KafkaSection Kafka { get; init; } = new();
}

/// <summary>How to reach Kafka, and what to ask of it.</summary>
public sealed record KafkaSection
{
    /// <summary>HOST:PORT,...; null: the embedded log.</summary>
    public string? BootstrapServers { get; init; }

    /// <summary>The topic of interactions.</summary>
    public string InteractionsTopic { get; init; } = "footfall.interactions";

    /// <summary>The compacted topic of totals.</summary>
    public string TotalsTopic { get; init; } = "footfall.totals";

    /// <summary>Partitions of both topics, when Footfall makes them.</summary>
    public int Partitions { get; init; } = 6;

    /// <summary>Copies of both topics, when Footfall makes them; -1: the broker's default.</summary>
    public short ReplicationFactor { get; init; } = -1;

    /// <summary>The metrics services' consumer group.</summary>
    public string Group { get; init; } = "footfall-metrics";

    /// <summary>This metrics service's name in the group, unlike every other's; null: machine and port.</summary>
    public string? Instance { get; init; }

    /// <summary>How long one metrics service's totals stay shown after its last commit.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>For how long an interaction waits for Kafka before it goes to the collector's spool.</summary>
    public TimeSpan SpoolAfter { get; init; } = new SpoolOptions().Patience;

    /// <summary>The largest file of the collector's spool, in bytes; when it is full too the answer is 503.</summary>
    public long MaxSpoolBytes { get; init; } = new SpoolOptions().MaxBytes;

    /// <summary>Passed to librdkafka's producers, over what Footfall sets: <c>security.protocol</c> and the like.</summary>
    public Dictionary<string, string> Producer { get; init; } = [];

    /// <summary>Passed to librdkafka's consumers, over what Footfall sets.</summary>
    public Dictionary<string, string> Consumer { get; init; } = [];
}

/// <summary>How interactions are counted; see <see cref="Footfall.Count.CountOptions"/>.</summary>
public sealed record CountSection
{
    /// <summary>A repeat within this time is dropped.</summary>
    public TimeSpan DuplicateWindow { get; init; } = new CountOptions().DuplicateWindow;

    /// <summary>A repeat within this many interactions of a partition is dropped; up to 40 bytes of memory each.</summary>
    public int DuplicateWindowIds { get; init; } = new CountOptions().DuplicateWindowIds;

    /// <summary>Series of a partition; what would be one more is counted as <c>(other)</c>.</summary>
    public int MaxSeries { get; init; } = new CountOptions().MaxSeries;

    /// <summary>Visitors of a partition whose last half hour is known; at most 64 bytes of memory each.</summary>
    public int MaxVisitors { get; init; } = new CountOptions().MaxVisitors;

    /// <summary>Page views of a partition whose numbers are known for half an hour; at most 200 bytes of memory each.</summary>
    public int MaxViews { get; init; } = new CountOptions().MaxViews;

    /// <summary>Visitors of a partition whose progress in funnels is known, once for each that they are in; at most 100 bytes of memory each.</summary>
    public int MaxFunnelVisitors { get; init; } = new CountOptions().MaxFunnelVisitors;

    /// <summary>The shortest time between two commits, and so the longest that a total waits to be seen.</summary>
    public TimeSpan CommitInterval { get; init; } = new CountOptions().CommitInterval;
}

/// <summary>The metrics service: where it listens and how it shows totals.</summary>
public sealed record ExposeSection
{
    /// <summary>The metrics service's address.</summary>
    public string Listen { get; init; } = "http://localhost:8082";

    /// <summary>A new series is shown as 0 for at least this long: the slowest scrape interval there is.</summary>
    public TimeSpan ZeroFirst { get; init; } = new ExposeOptions().ZeroFirst;

    /// <summary>Who looks must show it: 16 to 200 letters, digits and <c>-._~+/=</c>; null: this is not asked for.</summary>
    public string? BearerToken { get; init; }

    /// <summary>A name that browsers ask for, with <see cref="BasicPassword"/>: 1 to 100 characters, no colon; null: this is not asked for.</summary>
    public string? BasicUser { get; init; }

    /// <summary>The password with it: 8 to 200 characters.</summary>
    public string? BasicPassword { get; init; }

    /// <summary>Whether anybody has to say who they are.</summary>
    internal bool AsksWho => BearerToken is not null || BasicUser is not null;

    /// <summary>Without what is secret: whoever writes it anywhere writes it without.</summary>
    public override string ToString() => $"{nameof(ExposeSection)} {{ Listen = {Listen}, ZeroFirst = {ZeroFirst} }}";
}
