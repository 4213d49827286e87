using Footfall.Count;
using Footfall.Log;

namespace Footfall.Expose;

/// <summary>Of counting that nobody listens to.</summary>
internal sealed class SilentEvents : ICountingEvents
{
    public void Loaded(int partition, long rebuildFrom, long countFrom)
    {
    }

    public void Counting(int partition, long position)
    {
    }

    public void Assigned(IReadOnlyList<int> partitions)
    {
    }

    public void Revoked(int partition)
    {
    }

    public void CommitFailed(CommitResult result, string? reason, TimeSpan failing)
    {
    }

    public void CommitsAgain(TimeSpan after)
    {
    }

    public void NotCommitted(string? reason)
    {
    }

    public void LogUnavailable(LogException cause, TimeSpan wait)
    {
    }

    public void NotReleased(LogException cause)
    {
    }
}
