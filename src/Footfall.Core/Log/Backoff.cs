namespace Footfall.Log;

/// <summary>Waits that double from a first to a longest.</summary>
public sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private TimeSpan? _last;

    /// <summary>The next wait.</summary>
    public TimeSpan Next()
    {
        var wait = _last * 2 ?? first;
        _last = wait < longest ? wait : longest;
        return _last.Value;
    }

    /// <summary>It worked: the next wait is the first again.</summary>
    public void Reset() => _last = null;
}
