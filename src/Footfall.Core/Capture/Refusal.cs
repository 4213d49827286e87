namespace Footfall.Capture;

/// <summary>Why a whole request was not taken: the closed list, the same in answers, metrics and docs.</summary>
public enum Refusal
{
    /// <summary>The body is no JSON, or holds no interaction.</summary>
    Unreadable,

    /// <summary>Every interaction of the request was rejected.</summary>
    AllRejected,

    /// <summary>Every interaction of the request was rejected because of the write key.</summary>
    InvalidKey,

    /// <summary>The headers did not come in time, or the body came slower than the least rate.</summary>
    TooSlow,

    /// <summary>The body, or what it decompresses to, is larger than the limit.</summary>
    BodyTooLarge,

    /// <summary>More interactions in a request than <see cref="CaptureLimits.BatchCount"/>.</summary>
    TooManyInteractions,

    /// <summary>A content type or encoding that the collector does not read.</summary>
    UnsupportedMediaType,

    /// <summary>More requests from one client address than its limit.</summary>
    RateLimited,

    /// <summary>More bytes of bodies at once than the collector's limit.</summary>
    Overloaded,

    /// <summary>The log can't take them now.</summary>
    LogUnavailable,

    /// <summary>More interactions of an app in a second than its limit, and nothing else in the request that can be taken.</summary>
    AppRateLimited,

    /// <summary>The request's line or headers are larger than the limit. Found and answered before there is a request to take.</summary>
    HeadersTooLarge,

    /// <summary>What came is not HTTP. Found and answered before there is a request to take.</summary>
    NotHttp,
}

/// <summary>The one projection of the closed list to what people and machines read.</summary>
public static class Refusals
{
    /// <summary>All refusals, in the order of their numbers.</summary>
    public static IReadOnlyList<Refusal> All { get; } = Enum.GetValues<Refusal>();

    /// <summary>As it stands in answers (<c>reason</c>) and in the label <c>reason</c>.</summary>
    public static string Name(this Refusal refusal) => refusal switch
    {
        Refusal.Unreadable => "unreadable",
        Refusal.AllRejected => "all_rejected",
        Refusal.InvalidKey => "invalid_key",
        Refusal.TooSlow => "too_slow",
        Refusal.BodyTooLarge => "body_too_large",
        Refusal.TooManyInteractions => "too_many_interactions",
        Refusal.UnsupportedMediaType => "unsupported_media_type",
        Refusal.RateLimited => "rate_limited",
        Refusal.Overloaded => "overloaded",
        Refusal.LogUnavailable => "log_unavailable",
        Refusal.AppRateLimited => "app_rate_limited",
        Refusal.HeadersTooLarge => "headers_too_large",
        Refusal.NotHttp => "not_http",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };

    /// <summary>The HTTP status (RFC 9110; 429: RFC 6585).</summary>
    public static int Status(this Refusal refusal) => refusal switch
    {
        Refusal.Unreadable or Refusal.AllRejected or Refusal.NotHttp => 400,
        Refusal.InvalidKey => 401,
        Refusal.TooSlow => 408,
        Refusal.BodyTooLarge or Refusal.TooManyInteractions => 413,
        Refusal.UnsupportedMediaType => 415,
        Refusal.RateLimited or Refusal.AppRateLimited => 429,
        Refusal.HeadersTooLarge => 431,
        _ => 503,
    };

    /// <summary>The problem's title.</summary>
    public static string Title(this Refusal refusal) => refusal switch
    {
        Refusal.Unreadable => "The body can't be read as interactions.",
        Refusal.AllRejected => "None of the interactions can be taken.",
        Refusal.InvalidKey => "The write key is missing or wrong.",
        Refusal.TooSlow => "The request did not come in time.",
        Refusal.BodyTooLarge => "The body is too large.",
        Refusal.TooManyInteractions => "There are too many interactions in one request.",
        Refusal.UnsupportedMediaType => "This content type or encoding is not read here.",
        Refusal.RateLimited => "Too many requests from this address.",
        Refusal.Overloaded => "The collector has too much at hand.",
        Refusal.LogUnavailable => "The log can't take interactions now.",
        Refusal.AppRateLimited => "Too many interactions of this app.",
        Refusal.HeadersTooLarge => "The request's headers are too large.",
        Refusal.NotHttp => "This is not a request of HTTP.",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };

    /// <summary>After how many seconds to try again (<c>Retry-After</c>); null: the same request won't be taken later either.</summary>
    public static int? RetryAfter(this Refusal refusal) => refusal switch
    {
        Refusal.TooSlow or Refusal.RateLimited or Refusal.Overloaded or Refusal.AppRateLimited => 1,
        Refusal.LogUnavailable => 2,
        _ => null,
    };
}
