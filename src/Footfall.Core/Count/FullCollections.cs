using System.Runtime;

namespace Footfall.Count;

/// <summary>
/// When all of the heap is collected, where there is so much of it that counting would stand still for long. With fewer series
/// nothing is done: docs/decisions/0020-memory-under-attack.md.
/// </summary>
internal sealed class FullCollections
{
    /// <summary>
    /// Series from which on a full collection takes longer than counting may stand still, 20 ms. Strangers can't bring it there:
    /// it is twice the cap that <see cref="CountOptions.MaxSeries"/> has where nobody set it.
    /// </summary>
    public const int ManySeries = 20_000;

    private int _old; // series that were made so

    /// <summary>Before counting begins: what was loaded is made old, where it is much.</summary>
    /// <remarks>
    /// It is young, and would be looked at with all of the heap twice on its way to the oldest generation, in the midst of
    /// counting. A collection makes it one generation older.
    /// </remarks>
    /// <param name="series">That there are.</param>
    public void MakeOld(int series)
    {
        if (series - _old < ManySeries)
        {
            return;
        }

        _old = series;
        for (var generation = 0; generation < GC.MaxGeneration; generation++)
        {
            GC.Collect();
        }
    }

    /// <summary>In the midst of counting: from many series on, full collections run beside it.</summary>
    /// <param name="series">That there are; they never become fewer.</param>
    public static void Follow(int series)
    {
        if (series >= ManySeries && GCSettings.LatencyMode == GCLatencyMode.Batch)
        {
            GCSettings.LatencyMode = GCLatencyMode.Interactive;
        }
    }
}
