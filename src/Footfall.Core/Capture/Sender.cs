namespace Footfall.Capture;

/// <summary>What a request says of who sends it, besides its body.</summary>
/// <param name="Origin">The <c>Origin</c> header; null: no browser, or a page of the collector's own.</param>
/// <param name="Key">The write key that came beside the body; null: none. Not to be logged.</param>
/// <param name="ClockBehind">By how much its clock seems to be behind ours, in milliseconds; null: it did not say when it sent.</param>
/// <param name="Bot">What it is, if no person.</param>
/// <param name="Came">When it came, before its body was read, in Unix milliseconds of our clock; null: as it is read.</param>
public readonly record struct Sender(
    string? Origin = null,
    string? Key = null,
    long? ClockBehind = null,
    BotKind Bot = BotKind.None,
    long? Came = null);
