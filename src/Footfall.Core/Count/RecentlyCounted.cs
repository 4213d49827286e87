namespace Footfall.Count;

/// <summary>Interactions of one series that were received within one second.</summary>
/// <param name="Series">The name of its total, see <see cref="SeriesKey.ToText"/>.</param>
/// <param name="Second">Unix seconds, by the collector's clock.</param>
/// <param name="Count">How many.</param>
public readonly record struct SeriesSecond(string Series, uint Second, int Count);

/// <summary>An interaction as the live board's stream has it: of its visitor no more than the end of a random id.</summary>
/// <param name="Received">Unix milliseconds, by the collector's clock.</param>
/// <param name="Type">Its type.</param>
/// <param name="Target">Its target, or empty.</param>
/// <param name="Page">Its page, or empty.</param>
/// <param name="Value">Its value, if it has one.</param>
/// <param name="Visitor">The last <see cref="VisitorLength"/> characters of its visitor's id; null where it names none.</param>
public sealed record SampledInteraction(long Received, string Type, string Target, string Page, decimal? Value, string? Visitor)
{
    /// <summary>Enough to tell two visitors of a stream apart, and too little to find one by.</summary>
    public const int VisitorLength = 4;
}

/// <summary>What an app's part in a commit was.</summary>
/// <param name="App">Which.</param>
/// <param name="Newest">When the newest was received, Unix milliseconds.</param>
/// <param name="Count">How many were counted.</param>
/// <param name="Samples">Some of them, at most <see cref="InteractionSamples.Most"/>, in order.</param>
public readonly record struct AppSamples(string App, long Newest, int Count, IReadOnlyList<SampledInteraction> Samples);

/// <summary>What was counted since a commit, for who shows it once the next one has succeeded. Used again and again.</summary>
public sealed class RecentlyCounted
{
    /// <summary>By series and second; one of them may come several times.</summary>
    public List<SeriesSecond> Seconds { get; } = [];

    /// <summary>By app.</summary>
    public List<AppSamples> Apps { get; } = [];

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Seconds.Clear();
        Apps.Clear();
    }
}
