using System.Buffers;

namespace Footfall.Capture;

/// <summary>What sent an interaction when it was no person: a closed list.</summary>
public enum BotKind
{
    /// <summary>A person, as far as can be seen.</summary>
    None,

    /// <summary>A search engine, a preview, a monitor: it says so in its <c>User-Agent</c>.</summary>
    Crawler,

    /// <summary>A browser that a program drives.</summary>
    Automation,

    /// <summary>A browser that loads or renders a page ahead, which a person may never see.</summary>
    Prefetch,
}

/// <summary>What an app does with interactions that no person did.</summary>
public enum BotPolicy
{
    /// <summary>They are counted apart and not written to the log.</summary>
    Drop,

    /// <summary>They are taken like people's.</summary>
    Count,
}

/// <summary>
/// Tells programs that say what they are from people, by what a request says besides its body. One that pretends to be
/// a person is taken for one.
/// </summary>
public static class Bots
{
    private static readonly SearchValues<string> Automation = SearchValues.Create(BotNames.Automation, StringComparison.OrdinalIgnoreCase);

    private static readonly SearchValues<string> Any = SearchValues.Create([.. BotNames.Crawlers, .. BotNames.Automation], StringComparison.OrdinalIgnoreCase);

    /// <summary>All kinds but people.</summary>
    public static IReadOnlyList<BotKind> Kinds { get; } = [.. Enum.GetValues<BotKind>().Where(kind => kind != BotKind.None)];

    /// <summary>The kind as it stands in the label <c>kind</c>.</summary>
    public static string Name(this BotKind kind) => kind switch
    {
        BotKind.Crawler => "crawler",
        BotKind.Automation => "automation",
        BotKind.Prefetch => "prefetch",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>What sent a request. No <c>User-Agent</c> at all is a server's or a script's own business: they count for whom they send.</summary>
    /// <param name="userAgent">The header, or empty.</param>
    /// <param name="purpose"><c>Sec-Purpose</c> (https://fetch.spec.whatwg.org/#sec-purpose-header), or what browsers sent before it: <c>Purpose</c>, <c>X-Moz</c>.</param>
    public static BotKind Of(ReadOnlySpan<char> userAgent, ReadOnlySpan<char> purpose)
    {
        // One pass over nearly every request's header; what was found is looked at only where something was.
        if (userAgent.IndexOfAny(Any) >= 0)
        {
            return userAgent.IndexOfAny(Automation) >= 0 ? BotKind.Automation : BotKind.Crawler;
        }

        // "prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"; Safari: "preview".
        return purpose.StartsWith("prefetch", StringComparison.OrdinalIgnoreCase) || purpose.Equals("preview", StringComparison.OrdinalIgnoreCase)
            ? BotKind.Prefetch
            : BotKind.None;
    }
}
