using System.Collections.Concurrent;
using Footfall.Log;

namespace Footfall.Testing;

/// <summary>Where in a call of the log a fault strikes.</summary>
public enum Fault
{
    /// <summary>The call succeeds.</summary>
    None,

    /// <summary>It fails and nothing happened.</summary>
    Before,

    /// <summary>
    /// It fails with half of it done: of an append, the first half of the records. A commit has no half: where
    /// <see cref="MemoryLog.Between"/> is set it is told lost while its transaction is open, and done a little later;
    /// elsewhere nothing happened.
    /// </summary>
    Midway,

    /// <summary>All of it happened, and the caller is told that it failed.</summary>
    After,

    /// <summary>An append meets a full queue.</summary>
    Full,
}

/// <summary>A place in a call of the log, before or after something happens, where a schedule may put anything.</summary>
public enum LogPoint
{
    /// <summary>Nothing is appended yet.</summary>
    BeforeAppend,

    /// <summary>What was for one partition is in the log, the rest is not.</summary>
    WithinAppend,

    /// <summary>All is appended, and not told yet.</summary>
    AfterAppend,

    /// <summary>Nothing is read yet.</summary>
    BeforeRead,

    /// <summary>The read is done, and not told yet.</summary>
    AfterRead,

    /// <summary>Nothing is loaded yet.</summary>
    BeforeLoad,

    /// <summary>The checkpoint is loaded, and not told yet.</summary>
    AfterLoad,

    /// <summary>Nothing is committed yet.</summary>
    BeforeCommit,

    /// <summary>The transaction is open, its generation has been checked, and nothing of it is to be seen yet.</summary>
    WithinCommit,

    /// <summary>All is committed, and not told yet.</summary>
    AfterCommit,
}

/// <summary>The switches of a <see cref="MemoryLog"/>. Each queue is used up one fault a call; an empty one means none.</summary>
public sealed class MemoryFaults
{
    /// <summary>For <see cref="IInteractionLog.AppendAsync"/>: any fault.</summary>
    public ConcurrentQueue<Fault> Appends { get; } = new();

    /// <summary>For <see cref="ILogConsumer.CommitAsync"/>: any fault; <see cref="Fault.Full"/> is a commit that is refused.</summary>
    public ConcurrentQueue<Fault> Commits { get; } = new();

    /// <summary>For <see cref="ILogConsumer.ReadAsync"/>: anything but none throws a <see cref="LogException"/>.</summary>
    public ConcurrentQueue<Fault> Reads { get; } = new();

    /// <summary>For <see cref="ILogConsumer.LoadAsync"/>: anything but none throws a <see cref="LogException"/>.</summary>
    public ConcurrentQueue<Fault> Loads { get; } = new();

    /// <summary>The log is away: appends are unavailable, commits lost, reads and loads throw, until it is false again.</summary>
    public bool Away { get; set; }

    /// <summary>The most records that one read brings.</summary>
    public int ReadAtMost { get; set; } = int.MaxValue;

    /// <summary>The most totals of others that one read brings; those from before the last load come all the same.</summary>
    public int HearAtMost { get; set; } = int.MaxValue;

    /// <summary>Appends wait for this before they do anything: a slow log.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    /// <summary>Loads wait for this before they do anything: the open transaction of an owner that died.</summary>
    public Task HoldLoads { get; set; } = Task.CompletedTask;

    internal Fault Next(ConcurrentQueue<Fault> queue)
    {
        if (Away)
        {
            return Fault.Before;
        }

        return queue.TryDequeue(out var fault) ? fault : Fault.None;
    }
}
