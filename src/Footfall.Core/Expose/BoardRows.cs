using Footfall.Count;

namespace Footfall.Expose;

/// <summary>A row of the live board: a target on all pages, or a page with all that was done on it.</summary>
public sealed class BoardRow
{
    internal BoardRow(int number, SeriesKey key, bool isPage, int? pin) =>
        (Number, App, Type, Target, Page, Pin) = (number, key.App, key.Type, key.Target, isPage ? key.Page : null, pin);

    /// <summary>The same as long as the process runs, and no other row's.</summary>
    public int Number { get; }

    /// <summary>Whose it is.</summary>
    public string App { get; }

    /// <summary>A target's type; "" for a page.</summary>
    public string Type { get; }

    /// <summary>The target, "" for a view; "" for a page.</summary>
    public string Target { get; }

    /// <summary>The page; null: it is a target's row.</summary>
    public string? Page { get; }

    /// <summary>Whether its team watches it: then it is always shown.</summary>
    public bool IsPinned => Pin is not null;

    /// <summary>The target's place among those that are pinned, in the order of the configuration.</summary>
    public int? Pin { get; }

    /// <summary>Its own seconds; null: it has none. The ring's, under its lock.</summary>
    internal SecondLine? Line { get; set; }
}

/// <summary>The rows of the board that series belong to. One writer.</summary>
internal sealed class BoardRows(IEnumerable<PinnedTarget> pinned)
{
    private readonly Dictionary<PinnedTarget, int> _pins = pinned.Distinct().Index().ToDictionary(pin => pin.Item, pin => pin.Index);
    private readonly Dictionary<SeriesKey, BoardRow> _rows = [];

    /// <summary>A series with its rows.</summary>
    public ExposedSeries SeriesOf(SeriesKey key) => key.Kind is TotalKind.Interactions or TotalKind.Value
        ? new ExposedSeries(key)
        {
            TargetRow = RowOf(new SeriesKey(TotalKind.Interactions, key.App, key.Type, key.Target), isPage: false),
            PageRow = key.Page.Length == 0 ? null : RowOf(new SeriesKey(TotalKind.Interactions, key.App, "", "", key.Page), isPage: true),
        }
        : new ExposedSeries(key);

    private BoardRow RowOf(SeriesKey key, bool isPage)
    {
        if (!_rows.TryGetValue(key, out var row))
        {
            // Of the common types: a stranger could send any, and each would be one more that is always shown.
            int? pin = !isPage && key.Type is "click" or "view" or "submit" or "change" && _pins.TryGetValue(new PinnedTarget(key.App, key.Target), out var place) ? place : null;
            _rows.Add(key, row = new BoardRow(_rows.Count, key with { Page = isPage ? key.Page : "" }, isPage, pin));
        }

        return row;
    }
}
