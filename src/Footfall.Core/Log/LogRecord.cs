namespace Footfall.Log;

/// <summary>
/// What the log keeps of one interaction: a CloudEvent (its attributes here, its data in <see cref="Value"/>).
/// The log carries all of it and interprets none.
/// </summary>
/// <param name="Key">UTF-8. Records of one key share a partition and keep their order. Empty: any partition.</param>
/// <param name="Value">The interaction as UTF-8 JSON.</param>
/// <param name="Time">When the collector took it, in Unix milliseconds.</param>
/// <param name="Id">CloudEvents <c>id</c>, UTF-8; unique within <paramref name="Source"/>.</param>
/// <param name="Source">CloudEvents <c>source</c>.</param>
/// <param name="Type">CloudEvents <c>type</c>.</param>
public readonly record struct LogRecord(
    ReadOnlyMemory<byte> Key,
    ReadOnlyMemory<byte> Value,
    long Time,
    ReadOnlyMemory<byte> Id,
    string Source,
    string Type);

/// <summary>A record as it is read back. Positions of a partition are dense: each is one more than the one before.</summary>
/// <param name="Position">Its place in the partition.</param>
/// <param name="Value">The interaction as UTF-8 JSON; valid until the next read.</param>
public readonly record struct LoggedRecord(long Position, ReadOnlyMemory<byte> Value);
