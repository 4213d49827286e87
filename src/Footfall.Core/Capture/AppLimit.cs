namespace Footfall.Capture;

/// <summary>
/// How many interactions a second are taken for one app: one site that goes wild, or that somebody floods, can't take the
/// collector from the others. Safe to share.
/// </summary>
public sealed class AppLimit(int interactionsPerSecond)
{
    private readonly Lock _gate = new();
    private readonly Rate _rate = new(interactionsPerSecond);
    private long _fullAt;

    /// <summary>
    /// Goes on from another's debts: who has them does not lose them by a new configuration. By a higher limit they are paid
    /// sooner; by a lower one no later than they would have been.
    /// </summary>
    public void ContinueFrom(AppLimit earlier, TimeProvider time)
    {
        lock (earlier._gate)
        {
            _fullAt = _rate.Continue(earlier._fullAt, earlier._rate, Rate.Now(time));
        }
    }

    /// <summary>Takes an app's share of a request, all of it or nothing.</summary>
    /// <param name="count">Interactions.</param>
    /// <param name="time">The clock.</param>
    /// <param name="wait">When there is none left: after how long there will be.</param>
    public bool TryTake(int count, TimeProvider time, out TimeSpan wait)
    {
        var now = Rate.Now(time);
        lock (_gate)
        {
            var taken = _rate.TryTake(ref _fullAt, now, count);
            wait = taken ? TimeSpan.Zero : Rate.Wait(_fullAt, now);
            return taken;
        }
    }
}
