using System.Globalization;

namespace Footfall.Server.Expose;

/// <summary>Why a question of the query API is not answered: the closed list, the same in answers and docs.</summary>
public enum QueryRefusal
{
    /// <summary>No app of this name is configured, and none has totals.</summary>
    UnknownApp,

    /// <summary><c>type</c>, <c>target</c> or <c>page</c> is too long, or they don't go together.</summary>
    InvalidSelection,

    /// <summary><c>range</c> is none that can be read, or too long.</summary>
    InvalidRange,

    /// <summary><c>step</c> is none that can be read, or longer than the range.</summary>
    InvalidStep,

    /// <summary>As many look at the live board as may.</summary>
    TooManyViewers,
}

/// <summary>The one projection of the closed list to what people and machines read.</summary>
public static class QueryRefusals
{
    /// <summary>All, in the order of their numbers.</summary>
    public static IReadOnlyList<QueryRefusal> All { get; } = Enum.GetValues<QueryRefusal>();

    /// <summary>As it stands in answers (<c>reason</c>).</summary>
    public static string Name(this QueryRefusal refusal) => refusal switch
    {
        QueryRefusal.UnknownApp => "unknown_app",
        QueryRefusal.InvalidSelection => "invalid_selection",
        QueryRefusal.InvalidRange => "invalid_range",
        QueryRefusal.InvalidStep => "invalid_step",
        QueryRefusal.TooManyViewers => "too_many_viewers",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };

    /// <summary>The HTTP status (RFC 9110).</summary>
    public static int Status(this QueryRefusal refusal) => refusal switch
    {
        QueryRefusal.UnknownApp => 404,
        QueryRefusal.TooManyViewers => 503,
        _ => 400,
    };

    /// <summary>The problem's title.</summary>
    public static string Title(this QueryRefusal refusal) => refusal switch
    {
        QueryRefusal.UnknownApp => "There is no such app.",
        QueryRefusal.InvalidSelection => "There are no such rows.",
        QueryRefusal.InvalidRange => "The range can't be read.",
        QueryRefusal.InvalidStep => "The step can't be read.",
        QueryRefusal.TooManyViewers => "As many look at the board as may.",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };

    /// <summary>The answer, as problem details (RFC 9457).</summary>
    /// <param name="refusal">Why.</param>
    /// <param name="detail">What is wrong, and what is allowed.</param>
    internal static IResult Answer(this QueryRefusal refusal, string detail) => new Problem(refusal, detail);

    private sealed class Problem(QueryRefusal refusal, string detail) : IResult
    {
        private const int RetryAfterSeconds = 5;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            var headers = httpContext.Response.Headers;
            headers.CacheControl = "no-store";
            if (refusal == QueryRefusal.TooManyViewers)
            {
                headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
            }

            return TypedResults.Problem(
                detail,
                statusCode: refusal.Status(),
                title: refusal.Title(),
                extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["reason"] = refusal.Name() }).ExecuteAsync(httpContext);
        }
    }
}
