using Footfall.Log;

namespace Footfall.Bench;

/// <summary>A log that is filled, counted by the metrics service, and read by nobody but us for comparison.</summary>
internal abstract class BenchLog : IAsyncDisposable
{
    protected BenchLog() => Folder = Directory.CreateTempSubdirectory("footfall-bench-").FullName;

    public abstract string Name { get; }

    public abstract int Partitions { get; }

    /// <summary>The collector's side.</summary>
    public abstract IInteractionLog Writer { get; }

    /// <summary>What the metrics service is told besides where it listens and how large its windows are.</summary>
    public abstract IReadOnlyList<string> Arguments { get; }

    /// <summary>For all that is written; deleted in the end.</summary>
    public string Folder { get; }

    /// <summary>Reads so many records from the first on and does nothing with them.</summary>
    public abstract Task ReadAsync(long records);

    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
