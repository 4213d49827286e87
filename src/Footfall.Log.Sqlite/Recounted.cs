namespace Footfall.Log.Sqlite;

/// <summary>The duplicate window that records were counted with.</summary>
/// <param name="Records">A repeat within this many records of its partition is dropped.</param>
/// <param name="Seconds">And within this time of the log's.</param>
public readonly record struct RecountWindow(long Records, long Seconds);

/// <summary>Positions, both ends included.</summary>
public readonly record struct PositionRange(long First, long Last)
{
    /// <summary>How many.</summary>
    public long Count => Last - First + 1;
}

/// <summary>A total is not a number.</summary>
public sealed class WrongTotalException(string message) : Exception(message);

/// <summary>A total twice: as it was committed, and as the log says. 0 where it isn't known.</summary>
public readonly record struct RecountedTotal(RecountedSeries Series, decimal Committed, decimal Recounted);

/// <summary>A total's name: the kind, and the labels that the kind has.</summary>
public readonly record struct RecountedSeries(string Kind, string App = "", string Type = "", string Target = "", string Page = "")
{
    /// <summary>For people.</summary>
    public override string ToString() =>
        string.Join(' ', ((string[])[Kind, App, Type, Target.Length > 0 ? $"\"{Target}\"" : "", Page]).Where(part => part.Length > 0));
}

/// <summary>One partition, counted again up to its checkpoint.</summary>
/// <param name="Partition">Which.</param>
/// <param name="First">The first position that the log still has.</param>
/// <param name="Position">The checkpoint's: the next to be counted.</param>
/// <param name="Records">How many were counted again.</param>
/// <param name="Gone">Before the first, taken by retention.</param>
/// <param name="Missing">What should be there: at most <see cref="SqliteRecount.MaxRanges"/> of them.</param>
/// <param name="MissingCount">How many positions they are, with those beyond the bound.</param>
/// <param name="Totals">Every total that is committed or was recounted.</param>
public sealed record RecountedPartition(
    int Partition,
    long First,
    long Position,
    long Records,
    long Gone,
    IReadOnlyList<PositionRange> Missing,
    long MissingCount,
    IReadOnlyList<RecountedTotal> Totals);
