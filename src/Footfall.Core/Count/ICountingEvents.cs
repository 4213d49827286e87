using Footfall.Log;

namespace Footfall.Count;

/// <summary>What the counting loop tells its host, to be logged; the simulation listens too.</summary>
public interface ICountingEvents
{
    /// <summary>A partition's checkpoint has been loaded; it is read again from one position and counted from the other.</summary>
    void Loaded(int partition, long rebuildFrom, long countFrom);

    /// <summary>A partition's windows are rebuilt; it counts from here on.</summary>
    void Counting(int partition, long position);

    /// <summary>Partitions are owned from now on.</summary>
    void Assigned(IReadOnlyList<int> partitions);

    /// <summary>A partition is no longer owned.</summary>
    void Revoked(int partition);

    /// <summary>A commit failed: what one that is lost held is counted again, what another held is in the next.</summary>
    /// <param name="result">How.</param>
    /// <param name="reason">Why, for people; null where there is nothing to say.</param>
    /// <param name="failing">For how long none has succeeded that was due.</param>
    void CommitFailed(CommitResult result, string? reason, TimeSpan failing);

    /// <summary>A commit has succeeded, and the one before it had not.</summary>
    void CommitsAgain(TimeSpan after);

    /// <summary>The last commit, at the end, failed: what it held is counted again by the next owner.</summary>
    void NotCommitted(string? reason);

    /// <summary>The log could not be read; the loop waits and goes on.</summary>
    void LogUnavailable(LogException cause, TimeSpan wait);

    /// <summary>The log could not remove what is no longer needed; it is asked again later.</summary>
    void NotReleased(LogException cause);
}
