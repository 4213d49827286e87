using System.Globalization;
using Footfall.Expose;
using Footfall.Log;

namespace Footfall.Count;

/// <summary>
/// Drives the metrics service: reads the log, folds what comes, commits totals with positions, and exposes what is
/// committed. One call of <see cref="RunAsync"/>; an exception that leaves it is a bug or a foreign checkpoint and
/// ends the service.
/// </summary>
public sealed class CountingLoop(
    ILogConsumer log, CountOptions options, Exposure exposure, TimeProvider time, ICountingEvents events)
{
    /// <summary>The partition whose owner shows the totals and commits announcements.</summary>
    public const int FirstPartition = 0;

    /// <summary>
    /// The log has not answered, or no commit that was due has succeeded, for longer than this: not ready. Longer than a
    /// rebalance or a change of leaders takes.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How long a read waits when nothing is due: what is shown of visitors is at most this old.</summary>
    private static readonly TimeSpan IdleWait = TimeSpan.FromMilliseconds(250);

    /// <summary>How soon it is seen that somebody has been served a series that stands at 0.</summary>
    private static readonly TimeSpan ServedPoll = TimeSpan.FromMilliseconds(25);

    /// <summary>How soon it is seen that a checkpoint has been loaded.</summary>
    private static readonly TimeSpan LoadPoll = TimeSpan.FromMilliseconds(10);

    /// <summary>An instance that has been given no partition for this long is a spare one, and ready as such.</summary>
    private static readonly TimeSpan StandbyAfter = TimeSpan.FromSeconds(15);

    /// <summary>How often the log is told what is no longer needed.</summary>
    private static readonly TimeSpan ReleaseEvery = TimeSpan.FromMinutes(1);

    /// <summary>Records of one read from which on it pays to wake other cores: some milliseconds of work.</summary>
    private const int ParallelRecords = 2_000;

    private static readonly TimeSpan[] VisitorWindows =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30)];

    private readonly SortedDictionary<int, PartitionCount> _partitions = [];
    private readonly SortedDictionary<int, Committed> _committed = []; // of each that is owned, also while it is loaded again
    private readonly Dictionary<int, ReadOnlyMemory<byte>> _partitionLabels = [];
    private readonly Dictionary<string, ReadOnlyMemory<byte>[]> _visitorLabels = new(StringComparer.Ordinal);
    private readonly SipHash _hash = SipHash.WithRandomKey();
    private readonly Backoff _commitBackoff = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
    private readonly Backoff _loadBackoff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
    private readonly FullCollections _fullCollections = new(options);
    private readonly SortedDictionary<int, Task<Checkpoint>?> _toLoad = []; // null: not begun
    private readonly List<Task> _loads = []; // those that run, of partitions revoked meanwhile too
    private long? _loadFailed;
    private TimeSpan _loadPause;
    private readonly long _started = time.GetTimestamp();
    private long? _lastCommit;
    private long? _lastPublish;
    private long? _lastRelease;
    private Task _release = Task.CompletedTask;
    private long _forgottenBefore; // this and the next two: of partitions that are no longer owned
    private long _unmeasuredBefore;
    private long _funnelVisitorsForgottenBefore;
    private bool _wasAssigned;
    private long _lastProgress; // this and the next: timestamps plus one, 0 for never
    private long _commitDue; // since when one is due that none has succeeded for
    private volatile bool _refused; // the last commit: the log answered, and is to blame
    private volatile string? _commitTrouble;
    private long? _commitFailed; // when the last one did; null when it succeeded
    private TimeSpan _commitPause;
    private bool _isFirstNew; // the first partition has been assigned and not loaded since
    private volatile bool _ready;

    /// <summary>Whether the log has answered and every owned partition has been loaded and rebuilt.</summary>
    public bool Ready => _ready;

    /// <summary>
    /// How long ago the log last answered, to a read or to a commit that is due, whichever is longer; null before it first
    /// answered. That it can't write is an answer. What liveness is made of.
    /// </summary>
    public TimeSpan? SinceProgress
    {
        get
        {
            var read = Volatile.Read(ref _lastProgress);
            var due = _refused ? 0 : Volatile.Read(ref _commitDue);
            var since = due == 0 || read < due ? read : due;
            return read == 0 ? null : time.GetElapsedTime(since - 1);
        }
    }

    /// <summary>Why this instance is not ready, for people; null when it is.</summary>
    public string? NotReady
    {
        get
        {
            if (Volatile.Read(ref _commitDue) is > 0 and var due && time.GetElapsedTime(due - 1) > Patience)
            {
                return $"can't commit: {_commitTrouble ?? "the log does not answer"}";
            }

            return !_ready ? "reading the log" : SinceProgress > Patience ? "the log does not answer" : null;
        }
    }

    /// <summary>For how long a commit has been due that none has succeeded for, and what the last try said; null: none is due.</summary>
    public (TimeSpan For, string? Trouble)? CommitDue =>
        Volatile.Read(ref _commitDue) is > 0 and var due ? (time.GetElapsedTime(due - 1), _commitTrouble) : null;

    /// <summary>Runs until cancelled; commits what it has then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await StepAsync(cancellationToken);
                _backoff.Reset();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (LogException e)
            {
                var wait = _backoff.Next();
                events.LogUnavailable(e, wait);
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }

        await _release;

        // What was read and not committed is read again by the next owner; committing now only saves it the work.
        if (_partitions.Values.Any(partition => partition.Changed) && await CommitAsync([], CancellationToken.None) != CommitResult.Committed)
        {
            events.NotCommitted(log.CommitTrouble);
        }

        await Task.WhenAll(_loads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    /// <summary>One turn: read, fold, and commit or publish when due.</summary>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        var read = await log.ReadAsync(NextWait(), cancellationToken);
        Progressed();
        foreach (var partition in read.Revoked)
        {
            Revoke(partition);
        }

        foreach (var total in read.Totals)
        {
            exposure.Recent.Hear(total.Partition, total.Total);
        }

        Fold(read.Records);

        foreach (var partition in read.Assigned)
        {
            Assign(partition);
        }

        if (read.Assigned.Count > 0)
        {
            events.Assigned(read.Assigned);
        }

        // After the fold: what was read is valid until the next call only.
        // No commit in the step that has loaded: an instance that is to show totals first hears, by the next read, all of them.
        BeginLoads(cancellationToken);
        if (await TakeLoadsAsync())
        {
            Publish();
        }
        else
        {
            await CommitOrPublishAsync(cancellationToken);
        }

        var isReady = (_wasAssigned || time.GetElapsedTime(_started) >= StandbyAfter) && IsRebuilt();
        if (isReady && !_ready)
        {
            _fullCollections.MakeOld(exposure.Current.Series.Count);
        }

        _ready = isReady;
        if (_ready)
        {
            exposure.Recent.BeginAll();
        }

        ReleaseWhenDue(cancellationToken);
    }

    private void Progressed() =>
        Volatile.Write(ref _lastProgress, Math.Max(Volatile.Read(ref _lastProgress), (log.Answered ?? time.GetTimestamp()) + 1));

    private bool IsRebuilt() =>
        _toLoad.Count == 0
        && _partitions.All(pair => !pair.Value.Rebuilding || pair.Value.CommittedPosition >= log.EndPosition(pair.Key));

    /// <summary>Partitions have nothing in common: much that comes at once, as after a start, is folded on all cores.</summary>
    private void Fold(IReadOnlyList<PartitionRecords> read)
    {
        var rebuilding = _partitions.Where(pair => pair.Value.Rebuilding).ToArray();
        if (read.Count > 1 && read.Sum(records => records.Records.Count) >= ParallelRecords)
        {
            Parallel.ForEach(read, Fold);
        }
        else
        {
            for (var i = 0; i < read.Count; i++)
            {
                Fold(read[i]);
            }
        }

        foreach (var (number, partition) in rebuilding)
        {
            exposure.Recent.Rebuilt(number, partition);
        }

        foreach (var (number, partition) in rebuilding.Where(pair => !pair.Value.Rebuilding))
        {
            events.Counting(number, partition.CommittedPosition);
        }
    }

    private void Fold(PartitionRecords records)
    {
        if (_partitions.TryGetValue(records.Partition, out var partition))
        {
            partition.Apply(records.Records);
        }
    }

    private void Assign(int partition)
    {
        _toLoad.Add(partition, null);
        _wasAssigned = true;
        _ready = false;
        _isFirstNew |= partition == FirstPartition;
    }

    private void Revoke(int partition)
    {
        if (_partitions.Remove(partition, out var left))
        {
            _forgottenBefore += left.Visitors.Forgotten;
            _unmeasuredBefore += left.Unmeasured;
            _funnelVisitorsForgottenBefore += left.FunnelVisitorsForgotten;
            exposure.Recent.Left(partition);
        }

        _toLoad.Remove(partition);
        _committed.Remove(partition);
        if (partition == FirstPartition)
        {
            _isFirstNew = false;
            exposure.Lease.Revoked();
        }

        events.Revoked(partition);
    }

    /// <summary>
    /// Beside the loop, not in it: a load waits for the open transaction of an owner that died, and meanwhile the other
    /// partitions are counted and the lease is renewed.
    /// </summary>
    private void BeginLoads(CancellationToken cancellationToken)
    {
        if (_loadFailed is { } failed && time.GetElapsedTime(failed) < _loadPause)
        {
            return;
        }

        _loadFailed = null;
        _loads.RemoveAll(load => load.IsCompleted);
        foreach (var partition in _toLoad.Where(load => load.Value is null).Select(load => load.Key).ToArray())
        {
            var load = LoadAsync(partition, cancellationToken);
            _toLoad[partition] = load;
            _loads.Add(load);
        }
    }

    private async Task<Checkpoint> LoadAsync(int partition, CancellationToken cancellationToken) =>
        await log.LoadAsync(partition, cancellationToken);

    /// <summary>Takes what is loaded. What failed is tried again after a pause, unless a read tells that it is no longer ours.</summary>
    /// <returns>Whether anything was.</returns>
    private async Task<bool> TakeLoadsAsync()
    {
        var any = false;
        foreach (var (partition, load) in _toLoad.Where(load => load.Value is { IsCompleted: true }).ToArray())
        {
            try
            {
                Take(partition, await load!);
                _toLoad.Remove(partition);
                _loadBackoff.Reset();
                any = true;
            }
            catch (LogException e)
            {
                _toLoad[partition] = null;
                if (_loadFailed is null)
                {
                    (_loadFailed, _loadPause) = (time.GetTimestamp(), _loadBackoff.Next());
                    events.LogUnavailable(e, _loadPause);
                }
            }
        }

        return any;
    }

    private void Take(int partition, Checkpoint checkpoint)
    {
        foreach (var total in checkpoint.Totals)
        {
            exposure.Recent.Hear(partition, total);
        }

        var count = new PartitionCount(partition, checkpoint, options, _hash, exposure.Recent.Begin(partition));
        if (log.EndPosition(partition) is var end && end < count.CommittedPosition)
        {
            throw new InvalidDataException(
                $"partition {partition} is counted up to position {count.CommittedPosition}, but the log ends at {end}: it was replaced or cut. "
                + "What comes now would pass for counted. Bring the log back, or remove the totals too (docs/operating.md)");
        }

        log.Seek(partition, count.Position);
        _partitions[partition] = count;
        exposure.Recent.Rebuilt(partition, count);
        Stand(partition, count.CommittedPosition);
        if (partition == FirstPartition && _isFirstNew)
        {
            _isFirstNew = false;
            exposure.Lease.Assigned(checkpoint.Seen);
        }

        events.Loaded(partition, count.Position, count.CommittedPosition);
    }

    private TimeSpan NextWait()
    {
        var wait = IdleWait;
        if (_partitions.Values.Any(partition => partition.Changed))
        {
            var due = options.CommitInterval - Since(_lastCommit);
            var again = _commitPause - Since(_commitFailed);
            wait = Least(wait, due > again ? due : again);
        }

        if (_toLoad.Count > 0)
        {
            wait = Least(wait, LoadPoll);
        }

        if (exposure.NextAnnouncement is { } next && exposure.Lease.Holds)
        {
            // When it is due and nobody has been served the 0 yet, there is no telling when somebody will be.
            wait = Least(wait, next > ServedPoll ? next : ServedPoll);
        }

        return wait;
    }

    private static TimeSpan Least(TimeSpan wait, TimeSpan other) => other <= TimeSpan.Zero ? TimeSpan.Zero : other < wait ? other : wait;

    private async Task CommitOrPublishAsync(CancellationToken cancellationToken)
    {
        var announcements = exposure.Lease.Holds && _partitions.ContainsKey(FirstPartition) ? exposure.DueAnnouncements() : [];
        var sinceCommit = Since(_lastCommit);
        var changed = _partitions.Values.Any(partition => partition.Changed);
        var renew = _partitions.ContainsKey(FirstPartition) && sinceCommit >= exposure.Lease.RenewEvery;
        if (announcements.Count > 0 || renew || (changed && sinceCommit >= options.CommitInterval))
        {
            if (Volatile.Read(ref _commitDue) == 0)
            {
                Volatile.Write(ref _commitDue, time.GetTimestamp() + 1);
            }

            // What could not be committed will be, later: not in a hurry, the log may be full.
            if (Since(_commitFailed) >= _commitPause && await CommitAsync(announcements, cancellationToken) is var result and not CommitResult.Committed)
            {
                CommitFailed(result);
            }
        }
        else if (!changed && IsRebuilt())
        {
            // What could not be committed is another's by now, and nobody commits it here.
            NoneDue();
        }

        if (Since(_lastPublish) >= IdleWait)
        {
            Publish();
        }
    }

    private void NoneDue()
    {
        Volatile.Write(ref _commitDue, 0);
        (_refused, _commitTrouble, _commitFailed) = (false, null, null);
        _commitBackoff.Reset();
    }

    /// <summary>The loop goes on reading and showing how far the log is; the next commit waits a little longer each time.</summary>
    private void CommitFailed(CommitResult result)
    {
        (_refused, _commitTrouble) = (result == CommitResult.Refused, log.CommitTrouble);
        (_commitFailed, _commitPause) = (time.GetTimestamp(), _commitBackoff.Next());
        events.CommitFailed(result, _commitTrouble, time.GetElapsedTime(Volatile.Read(ref _commitDue) - 1));
        if (result == CommitResult.Lost)
        {
            Reload();
            (_loadFailed, _loadPause) = (_commitFailed, _commitPause);
        }
    }

    private TimeSpan Since(long? timestamp) => timestamp is { } since ? time.GetElapsedTime(since) : TimeSpan.MaxValue;

    private async Task<CommitResult> CommitAsync(IReadOnlyList<Total> announcements, CancellationToken cancellationToken)
    {
        var commits = new List<PartitionCommit>();
        foreach (var (number, partition) in _partitions)
        {
            if (partition.Changed || number == FirstPartition)
            {
                var commit = partition.TakeCommit();
                commits.Add(number == FirstPartition && announcements.Count > 0
                    ? commit with { Totals = [.. commit.Totals, .. announcements] }
                    : commit);
            }
        }

        var started = time.GetTimestamp();
        if (await log.CommitAsync(commits, cancellationToken) is var result and not CommitResult.Committed)
        {
            // Unless it is lost the windows stay: to rebuild them takes seconds, in every rebalance and for partitions that did not move.
            return result;
        }

        if (_commitFailed is not null)
        {
            events.CommitsAgain(time.GetElapsedTime(Volatile.Read(ref _commitDue) - 1));
        }

        _lastCommit = started;
        NoneDue();
        Volatile.Write(ref _lastProgress, time.GetTimestamp() + 1);
        foreach (var commit in commits)
        {
            _partitions[commit.Partition].Committed(commit);
            foreach (var total in commit.Totals)
            {
                exposure.Totals.Apply(commit.Partition, total);
            }

            exposure.Recent.Committed(_partitions[commit.Partition]);
            Stand(commit.Partition, commit.Position);
            if (commit.Partition == FirstPartition)
            {
                exposure.Lease.Renewed(started);
            }
        }

        Publish();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var partition in _partitions.Values)
        {
            exposure.Delivery.ObserveSince(partition.Received.Moments, now);
            partition.Received.Clear();
        }

        return CommitResult.Committed;
    }

    /// <summary>Beside the loop, not in it: to remove a large backlog takes minutes.</summary>
    private void ReleaseWhenDue(CancellationToken cancellationToken)
    {
        if (Since(_lastRelease) >= ReleaseEvery && _release.IsCompleted)
        {
            _lastRelease = time.GetTimestamp();
            _release = ReleaseAsync([.. _partitions.Select(pair => (pair.Key, pair.Value.NeededFrom))], cancellationToken);
        }
    }

    private async Task ReleaseAsync((int Partition, long Below)[] needed, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (partition, below) in needed)
            {
                await log.ReleaseAsync(partition, below, cancellationToken);
            }
        }
        catch (LogException e)
        {
            events.NotReleased(e);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The rest is removed after the next start.
        }
    }

    /// <summary>What was counted since the last commit is forgotten; the log tells what is so.</summary>
    private void Reload()
    {
        foreach (var (partition, left) in _partitions)
        {
            _toLoad.Add(partition, null);
            _forgottenBefore += left.Visitors.Forgotten;
            _unmeasuredBefore += left.Unmeasured;
            _funnelVisitorsForgottenBefore += left.FunnelVisitorsForgotten;
            exposure.Recent.Left(partition);
        }

        _partitions.Clear();
        _ready = false;
    }

    private void Publish()
    {
        _lastPublish = time.GetTimestamp();
        exposure.Publish(
            [.. _committed.Select(pair => Status(pair.Key, pair.Value))],
            Visitors(),
            _forgottenBefore + _partitions.Values.Sum(partition => partition.Visitors.Forgotten),
            _unmeasuredBefore + _partitions.Values.Sum(partition => partition.Unmeasured),
            _funnelVisitorsForgottenBefore + _partitions.Values.Sum(partition => partition.FunnelVisitorsForgotten));
        _fullCollections.Follow(exposure.Current.Series.Count);
    }

    /// <summary>
    /// Together, at the moment of a commit: an instance that has not heard yet that a partition went elsewhere does hear what
    /// its new owner commits, and would show that beside its own old position.
    /// </summary>
    private void Stand(int number, long position)
    {
        long Of(TotalKind kind) => (long)exposure.Totals.Of(number, kind);
        _committed[number] = new Committed(position, Of(TotalKind.Interactions), Of(TotalKind.Duplicates), Of(TotalKind.Unreadable), Of(TotalKind.Missed));
    }

    private PartitionStatus Status(int number, Committed committed)
    {
        if (!_partitionLabels.TryGetValue(number, out var labels))
        {
            labels = MetricLabels.Encode(("partition", number.ToString(CultureInfo.InvariantCulture)));
            _partitionLabels.Add(number, labels);
        }

        return new PartitionStatus(
            number,
            labels,
            Math.Max(log.EndPosition(number), committed.Position), // the log's own word may be a moment old
            committed.Position,
            committed.Counted,
            committed.Duplicates,
            committed.Unreadable,
            committed.Missed);
    }

    private readonly record struct Committed(long Position, long Counted, long Duplicates, long Unreadable, long Missed);

    private List<ActiveVisitors> Visitors()
    {
        var now = (uint)time.GetUtcNow().ToUnixTimeSeconds();
        var visitors = new List<ActiveVisitors>();
        foreach (var app in _partitions.Values.SelectMany(partition => partition.Visitors.Apps).Distinct(StringComparer.Ordinal))
        {
            if (!_visitorLabels.TryGetValue(app, out var labels))
            {
                labels = [.. VisitorWindows.Select(window => (ReadOnlyMemory<byte>)MetricLabels.Encode(
                    ("app", app), ("window", window.TotalMinutes.ToString("0'm'", CultureInfo.InvariantCulture))))];
                _visitorLabels.Add(app, labels);
            }

            for (var i = 0; i < VisitorWindows.Length; i++)
            {
                var count = _partitions.Values.Sum(partition => partition.Visitors.Active(app, (int)VisitorWindows[i].TotalSeconds, now));
                visitors.Add(new ActiveVisitors(labels[i], app, VisitorWindows[i], count));
            }
        }

        return visitors;
    }
}
