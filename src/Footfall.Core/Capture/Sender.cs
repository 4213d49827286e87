namespace Footfall.Capture;

/// <summary>What a request says of who sends it, besides its body.</summary>
/// <param name="Origin">The <c>Origin</c> header; null: no browser, or a page of the collector's own.</param>
/// <param name="Key">The write key that came beside the body; null: none. Not to be logged.</param>
public readonly record struct Sender(string? Origin = null, string? Key = null);
