using Footfall.Log;
using Footfall.Log.Sqlite;

namespace Footfall.Bench;

/// <summary>The embedded log: one partition.</summary>
internal sealed class EmbeddedLog : BenchLog
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    private readonly SqliteLog _log;

    private EmbeddedLog() => _log = SqliteLog.Open(new SqliteLogOptions(Folder), TimeProvider.System);

    public override string Name => "sqlite";

    public override int Partitions => 1;

    public override IInteractionLog Writer => _log;

    public override IReadOnlyList<string> Arguments => ["--data", Folder];

    public static EmbeddedLog Open() => new();

    /// <inheritdoc/>
    /// <remarks>As the metrics service does: by the consumer, whose lock nobody else may hold now.</remarks>
    public override async Task ReadAsync(long records)
    {
        await using var consumer = _log.OpenConsumer();
        var read = await consumer.ReadAsync(Wait, CancellationToken.None);
        consumer.Seek(read.Assigned[0], 0);
        for (var count = 0L; count < records;)
        {
            read = await consumer.ReadAsync(Wait, CancellationToken.None);
            count += read.Records.Sum(partition => partition.Records.Count);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        await base.DisposeAsync();
    }
}
