namespace Footfall.Capture;

/// <summary>Why an interaction was not taken: the closed list, the same in answers, metrics and docs.</summary>
public enum RejectReason
{
    /// <summary>Not a JSON object, or its text is not valid UTF-8 or UTF-16.</summary>
    Malformed,

    /// <summary>No app of that name is configured, or none is named and there are several.</summary>
    UnknownApp,

    /// <summary>The write key is no app's or another app's, or is missing and the app has one.</summary>
    InvalidKey,

    /// <summary>The page's origin is not among those that the app allows.</summary>
    OriginNotAllowed,

    /// <summary><c>id</c> is not a text of 1 to 100 characters, or has a control character.</summary>
    InvalidId,

    /// <summary><c>type</c> is not a word of 1 to 50 letters, digits, '_', '-', '.', ':'.</summary>
    InvalidType,

    /// <summary><c>target</c> is missing, empty or not a text (a <c>view</c> or <c>leave</c> needs none).</summary>
    InvalidTarget,

    /// <summary><c>page</c> is not a text.</summary>
    InvalidPage,

    /// <summary><c>visitor</c> is not a text of at most 100 characters, or has a control character.</summary>
    InvalidVisitor,

    /// <summary><c>session</c> is not a text of at most 100 characters, or has a control character.</summary>
    InvalidSession,

    /// <summary><c>view</c> is not a text of at most 100 characters, or has a control character.</summary>
    InvalidView,

    /// <summary><c>n</c> is not a whole number from 1 to 2147483647.</summary>
    InvalidN,

    /// <summary><c>at</c> is neither ISO 8601 with an offset nor Unix milliseconds of a year from 1970 to 9999.</summary>
    InvalidAt,

    /// <summary><c>value</c> is not a number from 0 to a billion.</summary>
    InvalidValue,

    /// <summary><c>properties</c> is not a flat object within its limits.</summary>
    InvalidProperties,

    /// <summary>The log could not take it; the same interaction may be sent again.</summary>
    LogUnavailable,

    /// <summary>More interactions of the app in a second than its limit; the same interaction may be sent again.</summary>
    AppRateLimited,
}

/// <summary>An interaction that was not taken.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Reason">Why.</param>
public readonly record struct Rejection(int Index, RejectReason Reason);

/// <summary>The one projection of the closed list to what people and machines read.</summary>
public static class RejectReasons
{
    /// <summary>All reasons, in the order of their numbers.</summary>
    public static IReadOnlyList<RejectReason> All { get; } = Enum.GetValues<RejectReason>();

    /// <summary>The reason as it stands in answers and in the label <c>reason</c>.</summary>
    public static string Name(this RejectReason reason) => reason switch
    {
        RejectReason.Malformed => "malformed",
        RejectReason.UnknownApp => "unknown_app",
        RejectReason.InvalidKey => "invalid_key",
        RejectReason.OriginNotAllowed => "origin_not_allowed",
        RejectReason.InvalidId => "invalid_id",
        RejectReason.InvalidType => "invalid_type",
        RejectReason.InvalidTarget => "invalid_target",
        RejectReason.InvalidPage => "invalid_page",
        RejectReason.InvalidVisitor => "invalid_visitor",
        RejectReason.InvalidSession => "invalid_session",
        RejectReason.InvalidView => "invalid_view",
        RejectReason.InvalidN => "invalid_n",
        RejectReason.InvalidAt => "invalid_at",
        RejectReason.InvalidValue => "invalid_value",
        RejectReason.InvalidProperties => "invalid_properties",
        RejectReason.LogUnavailable => "log_unavailable",
        RejectReason.AppRateLimited => "app_rate_limited",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    /// <summary>The reason in a sentence, for whoever sent it.</summary>
    public static string Explain(this RejectReason reason) => reason switch
    {
        RejectReason.Malformed => "not a readable JSON object",
        RejectReason.UnknownApp => "app is not configured here (or is missing, and several are)",
        RejectReason.InvalidKey => "the write key is not the app's (or is missing, and the app has one)",
        RejectReason.OriginNotAllowed => "the page's origin is not among those that the app allows",
        RejectReason.InvalidId => "id must be a text of 1 to 100 characters, none of them a control character",
        RejectReason.InvalidType => "type must be a word of 1 to 50 letters, digits, '_', '-', '.' or ':'",
        RejectReason.InvalidTarget => "target must be a text that is not empty (only a view or leave may have none)",
        RejectReason.InvalidPage => "page must be a text: a path or a URL",
        RejectReason.InvalidVisitor => "visitor must be a text of at most 100 characters, none of them a control character",
        RejectReason.InvalidSession => "session must be a text of at most 100 characters, none of them a control character",
        RejectReason.InvalidView => "view must be a text of at most 100 characters, none of them a control character",
        RejectReason.InvalidN => "n must be a whole number from 1 to 2147483647",
        RejectReason.InvalidAt => "at must be ISO 8601 with an offset, or Unix milliseconds",
        RejectReason.InvalidValue => "value must be a number from 0 to 1000000000",
        RejectReason.InvalidProperties =>
            "properties must be a flat object of at most 30 texts (up to 500 characters), numbers, booleans and nulls, names up to 50 characters",
        RejectReason.LogUnavailable => "the log can't take it now; send it again with the same id",
        RejectReason.AppRateLimited => "more interactions of this app a second than its limit; send it again with the same id",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}
