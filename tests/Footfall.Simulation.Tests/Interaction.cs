using System.Globalization;
using System.Text;

namespace Footfall.Simulation;

/// <summary>An interaction that a visitor did: as a client sends it, and what became of it.</summary>
internal sealed class Interaction
{
    public const string App = "shop";

    public Interaction(PlannedInteraction plan, int place, DateTimeOffset at, string? view, int numberInView)
    {
        Plan = plan;
        Place = place;
        View = view;
        NumberInView = numberInView;
        Id = plan.Uuid ? Uuid(at, plan) : $"c{plan.Client}-{plan.Number}";
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $$"""{"id":"{{Id}}","visitor":"{{VisitorOf(plan.Client)}}","at":{{at.ToUnixTimeMilliseconds()}}""");
        if (!plan.Wrong)
        {
            line.Append(CultureInfo.InvariantCulture, $",\"target\":\"{TargetOf(plan.Target)}\"");
        }

        if (plan.Page > 0)
        {
            line.Append(CultureInfo.InvariantCulture, $",\"page\":\"/p{plan.Page}\"");
        }

        if (view is not null)
        {
            line.Append(CultureInfo.InvariantCulture, $",\"view\":\"{view}\",\"n\":{numberInView}");
        }

        if (plan.Value is { } value)
        {
            line.Append(CultureInfo.InvariantCulture, $",\"value\":{value}");
        }

        Line = line.Append("}\n").ToString();
    }

    public PlannedInteraction Plan { get; }

    /// <summary>Its place among those of its client, as it did them.</summary>
    public int Place { get; }

    public string Id { get; }

    /// <summary>The page view that numbered it.</summary>
    public string? View { get; }

    /// <summary>From 1.</summary>
    public int NumberInView { get; }

    public string Line { get; }

    /// <summary>It has been on the way to a collector.</summary>
    public bool Sent { get; set; }

    /// <summary>Its client has been answered 202 for it.</summary>
    public bool Accepted { get; set; }

    public static string TargetOf(int number) => $"T{number}";

    public static string VisitorOf(int client) => $"v{client}";

    public static string ViewOf(DateTimeOffset began, PlannedInteraction plan) =>
        $"{began.ToUnixTimeMilliseconds():x12}".Insert(8, "-") + $"-7{plan.View:x3}-9000-{plan.Client:x12}";

    /// <summary>Of a UUIDv7, Unix milliseconds.</summary>
    public static long TimeOf(string uuid) =>
        long.Parse(uuid.Replace("-", "", StringComparison.Ordinal).AsSpan(0, 12), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Uuid(DateTimeOffset at, PlannedInteraction plan) =>
        $"{at.ToUnixTimeMilliseconds():x12}".Insert(8, "-") + $"-7{plan.Number:x3}-8000-{plan.Client:x12}";
}
