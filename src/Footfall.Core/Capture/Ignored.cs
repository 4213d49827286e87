namespace Footfall.Capture;

/// <summary>
/// What a dialect's request may hold besides interactions: the closed list, the same in metrics and docs. It is
/// answered for and counted, and nothing of it is kept.
/// </summary>
public enum Ignored
{
    /// <summary>Segment: who a visitor is. Personal data.</summary>
    Identify,

    /// <summary>Segment: whom a visitor belongs to. Personal data.</summary>
    Group,

    /// <summary>Segment: two names of one visitor. Personal data.</summary>
    Alias,

    /// <summary>OpenTelemetry: a log record without an event's name.</summary>
    LogRecord,
}

/// <summary>The one projection of the closed list to what people and machines read.</summary>
public static class IgnoredKinds
{
    /// <summary>All kinds, in the order of their numbers.</summary>
    public static IReadOnlyList<Ignored> All { get; } = Enum.GetValues<Ignored>();

    /// <summary>The kind as it stands in the label <c>kind</c>.</summary>
    public static string Name(this Ignored kind) => kind switch
    {
        Ignored.Identify => "identify",
        Ignored.Group => "group",
        Ignored.Alias => "alias",
        Ignored.LogRecord => "log_record",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
