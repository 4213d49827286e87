using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Footfall.AspNetCore.Capture;

/// <summary>The answer when something was taken.</summary>
/// <param name="Accepted">How many the log has durably.</param>
/// <param name="Rejected">Each that was not taken.</param>
/// <param name="Retry">Each that was not taken this time; left out when there is none.</param>
/// <param name="Bots">How many were set aside; left out when there is none.</param>
internal sealed record Answer(
    int Accepted,
    IReadOnlyList<RejectedInteraction> Rejected,
    [property: Description("Over a limit this time: send these again after Retry-After, with the same ids. Left out when there are none.")]
    IReadOnlyList<RejectedInteraction>? Retry = null,
    [property: Description("How many were counted apart and not written to the log, because no person did them. Left out when there are none.")]
    int? Bots = null);

/// <summary>An interaction that was not taken.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Reason">Of the closed list in docs/reference/http-api.md.</param>
/// <param name="Detail">The reason in a sentence.</param>
internal sealed record RejectedInteraction(
    [property: JsonPropertyName("index")] int Index,
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("detail")] string Detail);

/// <summary>Of an endpoint: that it reads a body as bytes, for who describes the API.</summary>
/// <param name="Specification">Where somebody else says what it looks like; null: it is our own.</param>
internal sealed record DescribedBody(string? Specification);
