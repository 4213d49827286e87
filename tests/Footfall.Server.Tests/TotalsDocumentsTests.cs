using System.Text.Json.Nodes;
using Footfall.Count;
using Footfall.Expose;
using Footfall.Log;
using Footfall.Server.Expose;
using Footfall.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Footfall.Server.Tests;

/// <summary>What /api/v1/totals answers, however many ask.</summary>
public sealed class TotalsDocumentsTests : IAsyncLifetime
{
    private readonly FakeTime _time = new();
    private RunningService? _service;

    private RunningService Metrics => _service!;

    private TotalsDocuments Documents => Metrics.App.Services.GetRequiredService<TotalsDocuments>();

    public async ValueTask InitializeAsync() => _service = await RunningService.MetricsAsync(new MemoryLog(time: _time).OpenConsumer(), time: _time);

    public ValueTask DisposeAsync() => Metrics.DisposeAsync();

    [Fact]
    public async Task All_who_ask_at_once_get_the_one_that_was_made()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () => await Documents.ReadAsync("shop", CancellationToken.None))));
        Assert.Single(all.Distinct(ReferenceEqualityComparer.Instance));
        _time.Advance(TotalsDocuments.MaxAge - TimeSpan.FromMilliseconds(1));
        Assert.Same(all[0], await Documents.ReadAsync("shop", CancellationToken.None));
        Assert.NotSame(all[0], await Documents.ReadAsync("blog", CancellationToken.None));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotSame(all[0], await Documents.ReadAsync("shop", CancellationToken.None));
    }

    [Fact]
    public async Task Who_waits_for_one_that_takes_longer_than_it_may_be_old_makes_no_more_than_one_for_all()
    {
        var made = 0;
        using var begun = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var exposure = Metrics.App.Services.GetRequiredService<Exposure>();
        using var watch = new HealthWatch(exposure, Metrics.App.Services.GetRequiredService<CountingLoop>(), Slow, isKafka: false, "1", _time);
        using var documents = new TotalsDocuments(exposure, watch, _time);

        var first = Task.Run(async () => await documents.ReadAsync("shop", CancellationToken.None));
        await begun.WaitAsync();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var others = Enumerable.Range(0, 20).Select(_ => documents.ReadAsync("shop", CancellationToken.None).AsTask()).ToArray();
        Assert.All(others, other => Assert.False(other.IsCompleted));
        goOn.Release(100);
        await first;
        await Task.WhenAll(others);

        Assert.Equal(2, made);

        CollectorNumbers? Slow()
        {
            made++;
            begun.Release();
            goOn.Wait();
            _time.Advance(2 * TotalsDocuments.MaxAge);
            return null;
        }
    }

    [Fact]
    public async Task What_is_published_is_in_it_before_a_fifth_of_a_second_is_over_and_what_is_not_never()
    {
        var exposure = Metrics.App.Services.GetRequiredService<Exposure>();
        var totals = new CommittedTotals(["shop"], []);
        using var watch = new HealthWatch(exposure, Metrics.App.Services.GetRequiredService<CountingLoop>(), null, isKafka: false, "1", _time);
        var own = new Exposure(totals, new TotalsLease(null, _time), new ExposeOptions(), _time);
        using var documents = new TotalsDocuments(own, watch, _time);
        async Task<long> TotalAsync() => (long)JsonNode.Parse(await documents.ReadAsync("shop", CancellationToken.None))!["total"]!;

        totals.Apply(0, new Total(new SeriesKey(TotalKind.Interactions, "shop", "click", "Buy Now").ToText(), 3));
        Assert.Equal(0, await TotalAsync());
        own.Publish([], [], 0, 0);
        Assert.Equal(0, await TotalAsync());
        _time.Advance(TotalsDocuments.MaxAge);
        Assert.Equal(3, await TotalAsync());
    }

    [Fact]
    public async Task What_nobody_asks_for_is_let_go_and_there_are_never_more_than_may_be()
    {
        for (var i = 0; i < TotalsDocuments.MaxApps + 5; i++)
        {
            await Documents.ReadAsync($"app{i}", CancellationToken.None);
            Assert.InRange(Documents.Count, 1, TotalsDocuments.MaxApps);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(TotalsDocuments.MaxApps, Documents.Count);
        _time.Advance(TotalsDocuments.Unused);
        await Documents.ReadAsync("shop", CancellationToken.None);
        _time.Advance(TotalsDocuments.Unused / 2);
        await Documents.ReadAsync("shop", CancellationToken.None);
        _time.Advance(TotalsDocuments.Unused / 2);
        Assert.Equal(1, Documents.Count);
        _time.Advance(2 * TotalsDocuments.Unused);
        Assert.Equal(0, Documents.Count);
    }
}
