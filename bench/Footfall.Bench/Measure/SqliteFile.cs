using Footfall.Log;
using Footfall.Log.Sqlite;

namespace Footfall.Bench.Measure;

/// <summary>An embedded log that nobody has open.</summary>
internal static class SqliteFile
{
    private const string Name = "footfall.db";
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    /// <summary>Writes to it, and closes it, so that all is in one file.</summary>
    public static async Task WriteAsync(string folder, Func<IInteractionLog, Task> write)
    {
        Directory.CreateDirectory(folder);
        await using var log = SqliteLog.Open(new SqliteLogOptions(folder), TimeProvider.System);
        await write(log);
    }

    /// <summary>How many records have ever been written.</summary>
    public static Task<long> CountAsync(string folder) => ConsumeAsync(folder, (_, consumer) => Task.FromResult(consumer.EndPosition(0)));

    /// <summary>Reads all by our adapter, as the metrics service does, and does nothing with them.</summary>
    public static Task<long> ReadAsync(string folder) => ConsumeAsync(folder, async (partition, consumer) =>
    {
        consumer.Seek(partition, 0);
        var count = 0L;
        while (count < consumer.EndPosition(partition))
        {
            var read = await consumer.ReadAsync(Wait, CancellationToken.None);
            count += read.Records.Sum(records => records.Records.Count);
        }

        return count;
    });

    /// <summary>A copy that is on the disk already, so that nothing of it is written beside what is measured.</summary>
    public static async Task CopyAsync(string folder, string to)
    {
        Directory.CreateDirectory(to);
        await using var source = File.OpenRead(Path.Combine(folder, Name));
        await using var target = File.Create(Path.Combine(to, Name));
        await source.CopyToAsync(target);
        target.Flush(flushToDisk: true);
    }

    private static async Task<long> ConsumeAsync(string folder, Func<int, ILogConsumer, Task<long>> consume)
    {
        await using var log = SqliteLog.Open(new SqliteLogOptions(folder), TimeProvider.System);
        await using var consumer = log.OpenConsumer();
        var read = await consumer.ReadAsync(Wait, CancellationToken.None);
        return await consume(read.Assigned[0], consumer);
    }
}
