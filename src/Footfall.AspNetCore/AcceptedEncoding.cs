using Microsoft.Net.Http.Headers;

namespace Footfall.AspNetCore;

/// <summary>How an answer may be encoded (RFC 9110, 12.5.3).</summary>
internal static class AcceptedEncoding
{
    /// <summary>Whether gzip is named, and not with a quality of 0.</summary>
    public static bool IsGzip(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted)
        && accepted.Any(coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is not 0.0);
}
