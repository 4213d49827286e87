namespace Footfall.Server.Capture.Doctor;

/// <summary>Whether a browser lets a page read an answer of another origin (Fetch, 4.9, CORS check).</summary>
public static class Cors
{
    /// <summary>Why it does not, as a clause's end; null: it does.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="origin">The page's, as sent.</param>
    /// <param name="withCredentials">Whether cookies went along.</param>
    public static string? Refusal(Visit answer, string origin, bool withCredentials)
    {
        var allowed = string.Join(", ", answer.Lines("Access-Control-Allow-Origin")).Trim();
        if (allowed.Length == 0)
        {
            return "has no Access-Control-Allow-Origin";
        }

        if (allowed == "*" && !withCredentials)
        {
            return null;
        }

        if (allowed != origin)
        {
            return allowed.Contains(',', StringComparison.Ordinal)
                ? $"has more than one Access-Control-Allow-Origin ({Shown.Clean(allowed)})"
                : $"has Access-Control-Allow-Origin: {Shown.Clean(allowed)}, and the page's origin is {origin}";
        }

        return withCredentials && answer.Header("Access-Control-Allow-Credentials")?.Trim() != "true"
            ? "has no Access-Control-Allow-Credentials: true"
            : null;
    }
}
