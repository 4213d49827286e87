namespace Footfall.Simulation;

/// <summary>What can be found: a promise of docs/guarantees.md that did not hold, or a simulation that did not.</summary>
internal enum Promise
{
    /// <summary>An accepted interaction is counted.</summary>
    NothingLost,

    /// <summary>No interaction is counted twice within the duplicate window.</summary>
    NothingTwice,

    /// <summary>Nothing is counted that was not sent.</summary>
    NothingMade,

    /// <summary>What is counted although the window can't see whether it is a repeat shows as late.</summary>
    LateIsTold,

    /// <summary>What a page view numbered and the log does not have shows as unseen once the view is over, and not before.</summary>
    UnseenIsTold,

    /// <summary>A visitor is counted at each step of a funnel that they reach, once an attempt.</summary>
    FunnelsAreRight,

    /// <summary>No total that is shown goes back.</summary>
    NeverBack,

    /// <summary>At most one instance shows the totals.</summary>
    OneShows,

    /// <summary>Written = counted + duplicates + unreadable + missed + lag, and received = accepted + rejected + in flight.</summary>
    Conservation,

    /// <summary>For each series, Prometheus' last sample minus its first is its truth.</summary>
    PrometheusIsRight,

    /// <summary>In the end all instances know the same totals, and they are the truth.</summary>
    AllAgree,

    /// <summary>One visitor's interactions are in the log in the order in which they were sent.</summary>
    Order,

    /// <summary>Nothing that runs ends by an exception.</summary>
    Lives,

    /// <summary>Once nothing fails any more, everything is counted and shown.</summary>
    Recovers,

    /// <summary>The simulation itself: all simulated code runs where the seed decides.</summary>
    Deterministic,
}

/// <summary>A promise that did not hold.</summary>
internal sealed class BrokenPromiseException(Promise promise, string what) : Exception($"{promise}: {what}")
{
    public Promise Promise => promise;
}
