using System.Diagnostics;
using Footfall.Bench.Measure;
using Footfall.Count;
using Footfall.Expose;
using Footfall.Log;
using Footfall.Log.Sqlite;

namespace Footfall.Bench.Scenarios;

/// <summary>
/// How long counting is held up at a time, while it commits and publishes many series and each second somebody scrapes them. In
/// this process, compiled at run time: nothing outside tells it as exactly.
/// </summary>
internal static class CountingPauses
{
    private const int Warmup = 3; // seconds: code is compiled, heaps grow
    private const int PerSecond = 10_000;
    private const int AppendsPerSecond = 100;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Commits = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The longest of each second: away from the log, and until a durable interaction is counted.</summary>
    /// <exception cref="InvalidOperationException">Something appended was not durable, or is not counted in the end.</exception>
    public static async Task<List<(TimeSpan Away, TimeSpan Uncounted)>> MeasureAsync(string folder, int series, int seconds, TimeProvider time)
    {
        await using var log = SqliteLog.Open(new SqliteLogOptions(folder), time);
        await using var consumer = new Watched(log.OpenConsumer());
        var exposure = new Exposure(new CommittedTotals([DistinctSeries.App], []), new TotalsLease(consumer.Lease, time), new ExposeOptions { ZeroFirst = TimeSpan.Zero }, time);
        var loop = new CountingLoop(consumer, new CountOptions { MaxSeries = 2 * series, CommitInterval = Commits }, exposure, time, new Silent());
        using var over = new CancellationTokenSource();
        var counting = Task.Run(() => loop.RunAsync(over.Token), CancellationToken.None);
        var longest = new List<(TimeSpan, TimeSpan)>();
        while (!counting.IsCompleted && (!loop.Ready || exposure.Current.Series.Count < series))
        {
            await Task.Delay(Look, time, CancellationToken.None);
        }

        using var enough = new CancellationTokenSource();
        var loading = Task.Run(() => LoadAsync(log, consumer, time, enough.Token), CancellationToken.None);
        for (var second = 0; second < seconds + Warmup && !counting.IsCompleted && !loading.IsCompleted; second++)
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

        await enough.CancelAsync();
        var end = await loading;
        var ended = Stopwatch.GetTimestamp();
        while (consumer.Counted < end && !counting.IsCompleted && Stopwatch.GetElapsedTime(ended) < Patience)
        {
            await Task.Delay(Look, time, CancellationToken.None);
        }

        await over.CancelAsync();
        await counting;
        return consumer.Counted == end
            ? longest
            : throw new InvalidOperationException($"It counted up to {consumer.Counted}, and the log ends at {end}.");
    }

    /// <returns>The position behind the last.</returns>
    private static async Task<long> LoadAsync(SqliteLog log, Watched consumer, TimeProvider time, CancellationToken cancellationToken)
    {
        const int Batch = PerSecond / AppendsPerSecond;
        var interactions = new Interactions();
        var (start, end) = (Stopwatch.GetTimestamp(), consumer.EndPosition(0)); // all has been read
        var first = end;
        while (!cancellationToken.IsCancellationRequested)
        {
            using var batch = interactions.Next(Batch, time.GetUtcNow());
            if (await log.AppendAsync(batch.Records, CancellationToken.None) is var result and not AppendResult.Durable)
            {
                throw new InvalidOperationException($"An append was {result}.");
            }

            end += Batch;
            consumer.Durable(end);
            var due = TimeSpan.FromSeconds((double)(end - first) / PerSecond) - Stopwatch.GetElapsedTime(start);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, time, CancellationToken.None);
            }
        }

        return end;
    }

    /// <summary>Sees when the loop is with the log, reading or committing, and what it has counted when it comes for more.</summary>
    private sealed class Watched(ILogConsumer consumer) : ILogConsumer
    {
        private readonly Lock _gate = new();
        private readonly Queue<(long End, long Since)> _durable = []; // and not counted
        private long _since;
        private long _handed;
        private long _counted;
        private TimeSpan _away, _uncounted;

        public TimeSpan? Lease => consumer.Lease;

        public long? Answered => consumer.Answered;

        public string? CommitTrouble => consumer.CommitTrouble;

        /// <summary>The position behind the last record that was counted.</summary>
        public long Counted => Interlocked.Read(ref _counted);

        /// <summary>What lies before the position is durable from now on.</summary>
        public void Durable(long end)
        {
            lock (_gate)
            {
                if (end > _counted)
                {
                    _durable.Enqueue((end, Stopwatch.GetTimestamp()));
                }
            }
        }

        public (TimeSpan Away, TimeSpan Uncounted) TakeLongest()
        {
            lock (_gate)
            {
                if (_durable.TryPeek(out var oldest))
                {
                    Wait(oldest.Since);
                }

                var longest = (_away, _uncounted);
                _away = _uncounted = TimeSpan.Zero;
                return longest;
            }
        }

        public async ValueTask<LogRead> ReadAsync(TimeSpan wait, CancellationToken cancellationToken)
        {
            Come();
            lock (_gate)
            {
                _counted = _handed;
                while (_durable.TryPeek(out var oldest) && oldest.End <= _counted)
                {
                    Wait(_durable.Dequeue().Since);
                }
            }

            try
            {
                var read = await consumer.ReadAsync(wait, cancellationToken);
                if (read.Records is [.., { Records: [.., var last] }])
                {
                    _handed = last.Position + 1;
                }

                return read;
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
                    _away = pause > _away ? pause : _away;
                }
            }
        }

        private void Wait(long since)
        {
            var waited = Stopwatch.GetElapsedTime(since);
            _uncounted = waited > _uncounted ? waited : _uncounted;
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
