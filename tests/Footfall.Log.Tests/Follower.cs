using System.Text;

namespace Footfall.Log.Tests;

/// <summary>Does with a consumer what Count does, and keeps what it was given.</summary>
internal sealed class Follower(ILogConsumer consumer, TimeSpan patience)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(250);

    public ILogConsumer Consumer => consumer;

    public SortedSet<int> Owned { get; } = [];

    public List<int> Revoked { get; } = [];

    public Dictionary<int, List<(long Position, byte[] Value)>> Records { get; } = [];

    public Dictionary<(int Partition, string Series), decimal> Totals { get; } = [];

    /// <summary>Where reading of an assigned partition begins; null: no <see cref="ILogConsumer.Seek"/>.</summary>
    public Func<Checkpoint, long?> Begin { get; init; } = checkpoint => checkpoint.Position ?? 0;

    public int Count => Records.Values.Sum(records => records.Count);

    public IEnumerable<string> Texts => Records.Values.SelectMany(records => records).Select(record => Encoding.UTF8.GetString(record.Value));

    public async Task ReadOnceAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        var read = await consumer.ReadAsync(wait, cancellationToken);
        foreach (var partition in read.Revoked)
        {
            Assert.True(Owned.Remove(partition), $"Partition {partition} was revoked and not owned.");
            Revoked.Add(partition);
        }

        foreach (var partition in read.Assigned)
        {
            Assert.True(Owned.Add(partition), $"Partition {partition} was assigned twice.");
        }

        foreach (var (partition, total) in read.Totals)
        {
            Totals[(partition, total.Series)] = total.Value;
        }

        foreach (var (partition, records) in read.Records)
        {
            Assert.Contains(partition, Owned);
            if (!Records.TryGetValue(partition, out var known))
            {
                Records[partition] = known = [];
            }

            known.AddRange(records.Select(record => (record.Position, record.Value.ToArray())));
        }

        foreach (var partition in read.Assigned)
        {
            if (Begin(await consumer.LoadAsync(partition, cancellationToken)) is { } position)
            {
                consumer.Seek(partition, position);
            }
        }
    }

    /// <summary>Reads until the condition holds; fails when it doesn't within the fixture's patience.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(patience, TimeProvider.System);
        try
        {
            while (!condition())
            {
                try
                {
                    await ReadOnceAsync(Wait, deadline.Token);
                }
                catch (LogException)
                {
                    await Task.Yield(); // the port: call again
                }
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            Assert.Fail($"Not within {patience}. Owned: {string.Join(' ', Owned)}; records: {Count}; totals: {Totals.Count}.");
        }
    }

    public Task UntilOwnedAsync(int partitions) => UntilAsync(() => Owned.Count >= partitions);

    public async Task<CommitResult> CommitAsync(int partition, long position, string state = "", params Total[] totals) =>
        await consumer.CommitAsync(
            [new PartitionCommit(partition, position, Encoding.UTF8.GetBytes(state), totals)], TestContext.Current.CancellationToken);
}
