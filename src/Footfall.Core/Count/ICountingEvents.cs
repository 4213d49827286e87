using Footfall.Log;

namespace Footfall.Count;

/// <summary>What the counting loop tells its host, to be logged; the simulation listens too.</summary>
public interface ICountingEvents
{
    /// <summary>A partition's checkpoint has been loaded; it is read again from one position and counted from the other.</summary>
    void Loaded(int partition, long rebuildFrom, long countFrom);

    /// <summary>A partition's windows are rebuilt; it counts from here on.</summary>
    void Counting(int partition, long position);

    /// <summary>A partition is no longer owned.</summary>
    void Revoked(int partition);

    /// <summary>A commit's end is not known; what it held is counted again.</summary>
    void CommitLost();

    /// <summary>A commit was refused, as in a rebalance; what it held is in the next.</summary>
    void CommitAborted();

    /// <summary>The log could not be read; the loop waits and goes on.</summary>
    void LogUnavailable(LogException cause, TimeSpan wait);

    /// <summary>The log could not remove what is no longer needed; it is asked again later.</summary>
    void NotReleased(LogException cause);
}
