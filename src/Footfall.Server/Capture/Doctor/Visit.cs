using System.Net;

namespace Footfall.Server.Capture.Doctor;

/// <summary>What one request brought, redirects followed; checks judge it without the network.</summary>
public sealed record Visit
{
    /// <summary>The addresses that were asked, one after another: redirects first, the one that answered last.</summary>
    public required IReadOnlyList<Uri> Asked { get; init; }

    /// <summary>Why no answer came, in words for people; null: one came.</summary>
    public string? Trouble { get; init; }

    /// <summary>The answer's status.</summary>
    public HttpStatusCode Status { get; init; }

    /// <summary>The answer's header lines, in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The body, decompressed, up to the bound of the request.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>The body is longer than the bound.</summary>
    public bool IsCut { get; init; }

    /// <summary>How far the answering clock is ahead of this machine's; null: the answer has no date.</summary>
    public TimeSpan? ClockAhead { get; init; }

    /// <summary>The address that answered.</summary>
    public Uri Url => Asked[^1];

    /// <summary>How often it was sent elsewhere.</summary>
    public int Redirects => Asked.Count - 1;

    /// <summary>An answer, and one of success.</summary>
    public bool IsSuccess => Trouble is null && (int)Status is >= 200 and <= 299;

    /// <summary>The media type in lower case, without parameters; empty where none is told.</summary>
    public string MediaType => (Header("Content-Type") ?? "").Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>The first header line of a name.</summary>
    public string? Header(string name) => Lines(name).FirstOrDefault();

    /// <summary>All header lines of a name.</summary>
    public IEnumerable<string> Lines(string name) =>
        Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value);
}
