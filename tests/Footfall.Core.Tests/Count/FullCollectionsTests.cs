using System.Runtime;

namespace Footfall.Count;

/// <summary>The garbage collector's mode is the process's.</summary>
[Collection(Alone.Name)]
public sealed class FullCollectionsTests : IDisposable
{
    private static readonly CountOptions Default = new();
    private readonly GCLatencyMode _before = GCSettings.LatencyMode;

    public FullCollectionsTests() => GCSettings.LatencyMode = GCLatencyMode.Batch;

    public void Dispose() => GCSettings.LatencyMode = _before;

    [Fact]
    public void From_many_totals_on_they_run_beside_counting()
    {
        var collections = new FullCollections(Default with { MaxSeries = Default.MaxSeries + 1 });
        collections.Follow(FullCollections.ManyTotals - 1);
        Assert.Equal(GCLatencyMode.Batch, GCSettings.LatencyMode);
        collections.Follow(FullCollections.ManyTotals);
        Assert.Equal(GCLatencyMode.Interactive, GCSettings.LatencyMode);
    }

    [Fact]
    public void With_the_default_cap_strangers_do_not_bring_that_about()
    {
        new FullCollections(Default).Follow(10 * Default.MaxSeries);
        Assert.Equal(GCLatencyMode.Batch, GCSettings.LatencyMode);
    }

    [Fact]
    public void What_was_loaded_is_made_old_once_where_it_is_much()
    {
        var collections = new FullCollections(Default);
        var before = GC.CollectionCount(GC.MaxGeneration);
        collections.MakeOld(FullCollections.ManyTotals - 1);
        Assert.Equal(before, GC.CollectionCount(GC.MaxGeneration));

        var loaded = new object();
        collections.MakeOld(FullCollections.ManyTotals);
        Assert.Equal(GC.MaxGeneration, GC.GetGeneration(loaded));

        before = GC.CollectionCount(GC.MaxGeneration);
        collections.MakeOld(FullCollections.ManyTotals + 1);
        Assert.Equal(before, GC.CollectionCount(GC.MaxGeneration));
        GC.KeepAlive(loaded);
    }
}
