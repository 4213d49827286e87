namespace Footfall.Log.Sqlite;

/// <summary>What the embedded log may use. Every bound has its reason beside it.</summary>
/// <param name="Directory">Where <c>footfall.db</c> and <c>metrics.lock</c> are; made when missing. A local disk: WAL needs shared memory.</param>
public sealed record SqliteLogOptions(string Directory)
{
    /// <summary>The most bytes that <c>footfall.db</c> may grow to; then appends are unavailable until <see cref="SqliteLog.RemoveAsync"/> made room.</summary>
    public long MaxBytes { get; init; } = 16L << 30;

    /// <summary>The setting that <see cref="MaxBytes"/> comes from, for the message that it is reached.</summary>
    public string MaxBytesKey { get; init; } = "Log:MaxFileBytes";

    /// <summary>Whose the reading side is, for the message that there is one already.</summary>
    public string Reader { get; init; } = "metrics service";

    /// <summary>The most bytes of records that wait for the disk; then appends are <see cref="AppendResult.Full"/>. About half a second's worth.</summary>
    public long QueueBytes { get; init; } = 64L << 20;

    /// <summary>
    /// How long a transaction lets others join it when the one before served <see cref="CommitSiblings"/> callers, and wrote less
    /// than <see cref="CommitDelayBytes"/>: what an fsync and its pages cost is shared by more. After one caller alone none waits.
    /// </summary>
    public TimeSpan CommitDelay { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>How many callers a transaction served, from which on the next is delayed; as PostgreSQL's <c>commit_siblings</c>.</summary>
    public int CommitSiblings { get; init; } = 5;

    /// <summary>Bytes of records that a transaction wrote, from which on the next is not delayed: four pages, beside which its own cost is small.</summary>
    public long CommitDelayBytes { get; init; } = 4 * SqliteFile.PageBytes;

    /// <summary>How old a record is at least when it is removed, unless the file is nearly full.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The most records that one read brings.</summary>
    public int ReadRecords { get; init; } = 10_000;

    /// <summary>
    /// The bytes of values that one read brings, and so of the buffer it keeps; one record may be longer. What was read is still
    /// in the processor's cache when it is counted.
    /// </summary>
    public int ReadBytes { get; init; } = 128 * 1024;

    /// <summary>How long a transaction waits for one of another process before it fails.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a waiting reader looks for what another process appended; its own process wakes it at once.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// From here on the oldest records go before their time, counted ones alone: a twentieth is left for what comes until the
    /// next removal, which at the default of 16 GiB and one a minute is 50,000 records of 250 bytes a second.
    /// </summary>
    internal long CrowdedBytes => MaxBytes / 10 * 9;

    /// <summary>From here on there is no place for records: the last twentieth is for checkpoints and their totals.</summary>
    internal long AppendBytes => MaxBytes / 20 * 19;

    internal string File => Path.Combine(Directory, "footfall.db");

    internal string LockFile => Path.Combine(Directory, "metrics.lock");
}
