using System.Diagnostics;
using Footfall.Bench.Measure;
using Footfall.Count;
using Footfall.Expose;
using Footfall.Log;
using Footfall.Log.Sqlite;

namespace Footfall.Bench.Scenarios;

/// <summary>
/// How long counting is away from the log at a time, while it commits and publishes many series and each second somebody
/// scrapes them. In this process: nothing outside tells it as exactly.
/// </summary>
internal static class CountingPauses
{
    private const int Warmup = 3; // seconds: code is compiled, heaps grow
    private const int PerSecond = 10_000;
    private const int AppendsPerSecond = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Commits = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest of each second.</summary>
    public static async Task<List<TimeSpan>> MeasureAsync(string folder, int series, int seconds, TimeProvider time)
    {
        await using var log = SqliteLog.Open(new SqliteLogOptions(folder), time);
        await using var consumer = new Watched(log.OpenConsumer());
        var exposure = new Exposure(new CommittedTotals([DistinctSeries.App], []), new TotalsLease(consumer.Lease, time), new ExposeOptions { ZeroFirst = TimeSpan.Zero }, time);
        var loop = new CountingLoop(consumer, new CountOptions { MaxSeries = 2 * series, CommitInterval = Commits }, exposure, time, new Silent());
        using var over = new CancellationTokenSource();
        var counting = Task.Run(() => loop.RunAsync(over.Token), CancellationToken.None);
        var loading = Task.Run(() => LoadAsync(log, time, over.Token), CancellationToken.None);
        var longest = new List<TimeSpan>();
        while (!counting.IsCompleted && (!loop.Ready || exposure.Current.Series.Count < series))
        {
            await Task.Delay(Look, time, CancellationToken.None);
        }

        for (var second = 0; second < seconds + Warmup && !counting.IsCompleted; second++)
        {
            var start = Stopwatch.GetTimestamp();
            await Task.Run(() =>
            {
                // As MetricsAnswer has it: what that leaves to be collected stops counting, too.
                using var output = new DocumentBuffer();
                var snapshot = exposure.Current;
                MetricsDocument.Write(new MetricsWriter(output, MetricsFormat.Text), snapshot, exposure, showTotals: true, "bench");
                exposure.Served(snapshot);
            }, CancellationToken.None);
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, 1 - Stopwatch.GetElapsedTime(start).TotalSeconds)), time, CancellationToken.None);
            var pause = consumer.TakeLongest();
            if (second >= Warmup)
            {
                longest.Add(pause);
            }
        }

        await over.CancelAsync();
        await Task.WhenAll(counting, loading);
        return longest;
    }

    private static async Task LoadAsync(SqliteLog log, TimeProvider time, CancellationToken cancellationToken)
    {
        var interactions = new Interactions();
        try
        {
            while (true)
            {
                using var batch = interactions.Next(PerSecond / AppendsPerSecond, time.GetUtcNow());
                await log.AppendAsync(batch.Records, CancellationToken.None);
                await Task.Delay(TimeSpan.FromSeconds(1.0 / AppendsPerSecond), time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    /// <summary>Sees when the loop is with the log, reading or committing, and when it is not.</summary>
    private sealed class Watched(ILogConsumer consumer) : ILogConsumer
    {
        private readonly Lock _gate = new();
        private long _since;
        private TimeSpan _longest;

        public TimeSpan? Lease => consumer.Lease;

        public long? Answered => consumer.Answered;

        public string? CommitTrouble => consumer.CommitTrouble;

        public TimeSpan TakeLongest()
        {
            lock (_gate)
            {
                var longest = _longest;
                _longest = TimeSpan.Zero;
                return longest;
            }
        }

        public async ValueTask<LogRead> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
        {
            Come();
            try
            {
                return await consumer.ReadAsync(wait, cancellationToken);
            }
            finally
            {
                _since = Stopwatch.GetTimestamp();
            }
        }

        public async ValueTask<CommitResult> CommitAsync(IReadOnlyList<PartitionCommit> commits, CancellationToken cancellationToken)
        {
            Come();
            try
            {
                return await consumer.CommitAsync(commits, cancellationToken);
            }
            finally
            {
                _since = Stopwatch.GetTimestamp();
            }
        }

        public ValueTask<Checkpoint> LoadAsync(int partition, CancellationToken cancellationToken) => consumer.LoadAsync(partition, cancellationToken);

        public void Seek(int partition, long position) => consumer.Seek(partition, position);

        public ValueTask ReleaseAsync(int partition, long below, CancellationToken cancellationToken) => consumer.ReleaseAsync(partition, below, cancellationToken);

        public long EndPosition(int partition) => consumer.EndPosition(partition);

        public ValueTask DisposeAsync() => consumer.DisposeAsync();

        private void Come()
        {
            if (_since != 0)
            {
                var pause = Stopwatch.GetElapsedTime(_since);
                lock (_gate)
                {
                    _longest = pause > _longest ? pause : _longest;
                }
            }
        }
    }

    private sealed class Silent : ICountingEvents
    {
        public void Loaded(int partition, long rebuildFrom, long countFrom)
        {
        }

        public void Counting(int partition, long position)
        {
        }

        public void Assigned(IReadOnlyList<int> partitions)
        {
        }

        public void Revoked(int partition)
        {
        }

        public void CommitFailed(CommitResult result, string? reason, TimeSpan failing) => throw new InvalidOperationException($"A commit failed: {reason}");

        public void CommitsAgain(TimeSpan after)
        {
        }

        public void NotCommitted(string? reason)
        {
        }

        public void LogUnavailable(LogException cause, TimeSpan wait) => throw new InvalidOperationException("The log can't be read.", cause);

        public void NotReleased(LogException cause)
        {
        }
    }
}
