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

    /// <summary>It fails with half of it done: of an append, the first half of the records. A commit has no half.</summary>
    Midway,

    /// <summary>All of it happened, and the caller is told that it failed.</summary>
    After,

    /// <summary>An append meets a full queue.</summary>
    Full,
}

/// <summary>The switches of a <see cref="MemoryLog"/>. Each queue is used up one fault a call; an empty one means none.</summary>
public sealed class MemoryFaults
{
    /// <summary>For <see cref="IInteractionLog.AppendAsync"/>: any fault.</summary>
    public ConcurrentQueue<Fault> Appends { get; } = new();

    /// <summary>For <see cref="ILogConsumer.CommitAsync"/>: <see cref="Fault.Before"/> or <see cref="Fault.After"/>.</summary>
    public ConcurrentQueue<Fault> Commits { get; } = new();

    /// <summary>For <see cref="ILogConsumer.ReadAsync"/>: anything but none throws a <see cref="LogException"/>.</summary>
    public ConcurrentQueue<Fault> Reads { get; } = new();

    /// <summary>For <see cref="ILogConsumer.LoadAsync"/>: anything but none throws a <see cref="LogException"/>.</summary>
    public ConcurrentQueue<Fault> Loads { get; } = new();

    /// <summary>The log is away: appends are unavailable, commits lost, reads and loads throw, until it is false again.</summary>
    public bool Away { get; set; }

    /// <summary>The most records that one read brings.</summary>
    public int ReadAtMost { get; set; } = int.MaxValue;

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
