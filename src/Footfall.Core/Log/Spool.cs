namespace Footfall.Log;

/// <summary>A durable log of one partition on the collector's own disk.</summary>
/// <param name="Writer">Its side for appends.</param>
/// <param name="Reader">Its only reader.</param>
/// <param name="Restore">The record that a value was appended with.</param>
/// <param name="Bytes">How much of its bound is in use.</param>
public sealed record Spool(IInteractionLog Writer, ILogConsumer Reader, Func<ReadOnlyMemory<byte>, LogRecord> Restore, Func<long> Bytes);

/// <summary>When interactions are spooled.</summary>
public sealed record SpoolOptions
{
    /// <summary>For how long an append waits for the log before it goes to the spool: what a visitor's page waits at most.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The spool's bound, as its log has it; shown beside what is in use.</summary>
    public long MaxBytes { get; init; } = 4L << 30;
}

/// <summary>What is in the spool, and what was.</summary>
/// <param name="For">For how long appends have gone to it; null: they go to the log.</param>
/// <param name="Waiting">Records that wait to be forwarded.</param>
/// <param name="Bytes">Of its bound, in use.</param>
/// <param name="MaxBytes">Its bound.</param>
/// <param name="Spooled">Records taken, since the start.</param>
/// <param name="Forwarded">Records forwarded, since the start; those of an earlier process too.</param>
public readonly record struct SpoolStatus(TimeSpan? For, long Waiting, long Bytes, long MaxBytes, long Spooled, long Forwarded);

/// <summary>What a spooled log tells its host.</summary>
public interface ISpoolEvents
{
    /// <summary>Appends go to the spool from now on.</summary>
    void Spooling(string reason);

    /// <summary>What is in the spool can't be forwarded yet; it is tried again after the wait.</summary>
    void Waiting(string reason, TimeSpan wait);

    /// <summary>All of it is forwarded; appends go to the log again.</summary>
    void Forwarded(TimeSpan after);
}
