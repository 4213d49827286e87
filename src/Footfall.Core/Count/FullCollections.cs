using System.Runtime;

namespace Footfall.Count;

/// <summary>
/// When all of the heap is collected, where there is so much of it that counting would stand still for long:
/// docs/decisions/0020-memory-under-attack.md, 0024-speed-of-counting.md.
/// </summary>
internal sealed class FullCollections(CountOptions options)
{
    /// <summary>Totals from which on a collection of all of the heap takes longer than counting may stand still, 20 ms, on a slow machine.</summary>
    public const int ManyTotals = 10_000;

    /// <summary>
    /// What is allocated beside a collection stays for the next. Whoever raised the cap has the memory; with the default one
    /// strangers could bring it there.
    /// </summary>
    private readonly bool _mayRunBeside = options.MaxSeries > new CountOptions().MaxSeries;

    private int _old; // totals that were made so
    private bool _runBeside;

    /// <summary>Before counting begins: what was loaded is made old, where it is much.</summary>
    /// <remarks>
    /// It is young, and would be looked at with all of the heap twice on its way to the oldest generation, in the midst of
    /// counting. A collection makes it one generation older.
    /// </remarks>
    /// <param name="totals">That there are.</param>
    public void MakeOld(int totals)
    {
        if (totals - _old < ManyTotals)
        {
            return;
        }

        _old = totals;
        for (var generation = 0; generation < GC.MaxGeneration; generation++)
        {
            GC.Collect();
        }
    }

    /// <summary>
    /// In the midst of counting: from many totals on, collections of all of the heap run beside it, but for those that compact.
    /// Nothing where the process was started with none that do (<c>System.GC.Concurrent</c>).
    /// </summary>
    /// <param name="totals">That there are.</param>
    public void Follow(int totals)
    {
        if (_mayRunBeside && !_runBeside && totals >= ManyTotals)
        {
            _runBeside = true;
            GCSettings.LatencyMode = GCLatencyMode.Interactive;
        }
    }
}
