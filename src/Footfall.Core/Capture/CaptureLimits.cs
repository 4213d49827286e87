namespace Footfall.Capture;

/// <summary>
/// How much of a stranger's input the collector takes. Lengths are in Unicode characters (scalar values).
/// What is longer than an identity's limit is rejected, since a cut identity would be another one; a target or page
/// that is longer is cut, ends in "…" and is counted as shortened, since the click did happen.
/// </summary>
public static class CaptureLimits
{
    /// <summary>An id: room for a UUID with a prefix of the sender's.</summary>
    public const int IdLength = 100;

    /// <summary>A visitor's or session's random id.</summary>
    public const int VisitorLength = 100;

    /// <summary>A page view's id: a UUID.</summary>
    public const int ViewLength = 100;

    /// <summary>A type is a word.</summary>
    public const int TypeLength = 50;

    /// <summary>A target is what a button says; longer than that nobody reads in a legend.</summary>
    public const int TargetLength = 200;

    /// <summary>A page after normalisation.</summary>
    public const int PageLength = 200;

    /// <summary>Properties an interaction may have.</summary>
    public const int Properties = 30;

    /// <summary>A property's name.</summary>
    public const int PropertyNameLength = 50;

    /// <summary>A property's text.</summary>
    public const int PropertyTextLength = 500;

    /// <summary>
    /// The largest <c>value</c>: a billion, so that a total stays exact in a decimal for 10^13 interactions of it.
    /// </summary>
    public const decimal Value = 1_000_000_000m;

    /// <summary>Decimal places that are kept of a <c>value</c>: money needs 2 to 4, binary fractions end before 6.</summary>
    public const int ValueDecimals = 6;

    /// <summary>Interactions in one request: far above any page's need, far below what blocks others.</summary>
    public const int BatchCount = 10_000;

    /// <summary>The end of the year 9999, the last that .NET and ISO 8601's four digits know.</summary>
    public const long MaxUnixMilliseconds = 253_402_300_799_999;

    /// <summary>Nesting of an interaction: itself, its properties, and one level so that a nested one is named as such.</summary>
    public const int JsonDepth = 16;

    /// <summary>Nesting of a dialect's document, which has its events in envelopes and anything in its properties.</summary>
    public const int DocumentDepth = 64;

    /// <summary>What a clock may be off before <c>at</c> is moved: a slow network looks just like a slow clock.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long before its arrival an interaction may have happened. A browser keeps what it can't send for the life of a page,
    /// an app of a phone for days; beyond that it is a clock that is wrong. Nothing happens after its arrival.
    /// </summary>
    public static readonly TimeSpan OldestAt = TimeSpan.FromDays(7);
}
