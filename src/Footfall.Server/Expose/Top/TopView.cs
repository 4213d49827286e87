namespace Footfall.Server.Expose.Top;

/// <summary>What is known of one app: a whole document with all ticks since.</summary>
internal sealed class TopView
{
    private readonly OrderedDictionary<int, LiveTarget> _targets = [];

    /// <summary>The newest of each member; null before the first document.</summary>
    public LiveDocument? Current { get; private set; }

    /// <summary>Interactions of each step of the last minutes, the newest last.</summary>
    public LiveSeries? Series { get; set; }

    /// <summary>
    /// The rows: pinned ones first, as they are told, which is as they are configured, a new type of one beside its others; then
    /// by how many there are.
    /// </summary>
    public IEnumerable<LiveTarget> Targets => _targets.Values.Where(target => target.Pinned)
        .GroupBy(target => target.Target, StringComparer.Ordinal).SelectMany(rows => rows)
        .Concat(_targets.Values.Where(target => !target.Pinned).OrderByDescending(target => target.Total).ThenBy(target => target.K));

    /// <summary>Takes a whole document, which replaces all that was known.</summary>
    public void Replace(LiveDocument state)
    {
        _targets.Clear();
        Current = null;
        Apply(state);
    }

    /// <summary>Takes what has changed.</summary>
    public void Apply(LiveDocument tick)
    {
        foreach (var target in tick.Targets ?? [])
        {
            _targets[target.K] = target;
        }

        Current = Current is not { } known ? tick : known with
        {
            App = tick.App ?? known.App,
            Apps = tick.Apps ?? known.Apps,
            UpTo = tick.UpTo ?? known.UpTo,
            Total = tick.Total ?? known.Total,
            Value = tick.Value ?? known.Value,
            Now = tick.Now ?? known.Now,
            MoreTargets = tick.MoreTargets ?? known.MoreTargets,
            Funnels = tick.Funnels ?? known.Funnels,
            Health = tick.Health ?? known.Health,
        };
    }
}
