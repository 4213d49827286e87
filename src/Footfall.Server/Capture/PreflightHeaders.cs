namespace Footfall.Server.Capture;

/// <summary>
/// A preflight's <c>Access-Control-Request-Headers</c>, which CORS says back where any header is allowed. It names headers,
/// whose names are tokens (RFC 9110, 5.1): what else stands there can't be written as a header, and would be 500.
/// </summary>
public static class PreflightHeaders
{
    /// <summary>What names no headers is not looked at: the page is allowed none.</summary>
    public static void DropUnreadable(WebApplication app) => app.Use(next => context =>
    {
        var asked = context.Request.Headers.AccessControlRequestHeaders;
        if (asked.Count > 0 && asked.ToString().AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            context.Request.Headers.AccessControlRequestHeaders = default;
        }

        return next(context);
    });
}
