using System.Globalization;
using Footfall.Count;
using Footfall.Log;

namespace Footfall.Expose;

/// <summary>How well it is, for a light on the board.</summary>
public enum HealthLevel
{
    /// <summary>Nothing to say.</summary>
    Ok,

    /// <summary>Numbers are late or may become so.</summary>
    Warn,

    /// <summary>Nothing new is shown.</summary>
    Bad,
}

/// <summary>What the collector of the same process did since its start, where there is one.</summary>
/// <param name="Accepted">Interactions that the log or the spool has, of all apps.</param>
/// <param name="Rejected">Interactions not taken, of all apps.</param>
/// <param name="Spool">Null where the log has none.</param>
public readonly record struct CollectorNumbers(long Accepted, long Rejected, SpoolStatus? Spool);

/// <summary>How the metrics service is, as the board tells it.</summary>
/// <param name="Level">How well.</param>
/// <param name="Message">One sentence for people; null where all is well.</param>
/// <param name="Advice">What to do; null where all is well.</param>
/// <param name="NotReady">See <see cref="CountingLoop.NotReady"/>.</param>
/// <param name="Collector">Null: none in this process.</param>
/// <param name="IsKafka">Which log.</param>
/// <param name="TotalsShown">See <see cref="TotalsLease"/>.</param>
/// <param name="Version">Footfall's.</param>
public sealed record BoardHealth(
    HealthLevel Level, string? Message, string? Advice, string? NotReady, CollectorNumbers? Collector, bool IsKafka, bool TotalsShown, string Version);

/// <summary>
/// Judges how the metrics service is. Safe to share. It looks by itself once a second, so that for how long something is so
/// is told since it began, to a second, and not since somebody first asked.
/// </summary>
public sealed class HealthWatch : IDisposable
{
    /// <summary>How often it looks by itself.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>What waits for longer is told: ten times the way of an interaction at its usual pace.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromSeconds(2);

    /// <summary>A log that has not answered for longer is told: a quiet Kafka is asked once a second.</summary>
    public static readonly TimeSpan Silent = TimeSpan.FromSeconds(3);

    /// <summary>A start that takes longer is not one: nothing is shown meanwhile.</summary>
    public static readonly TimeSpan LongStart = TimeSpan.FromSeconds(30);

    private readonly Exposure _exposure;
    private readonly CountingLoop _loop;
    private readonly Func<CollectorNumbers?>? _collector;
    private readonly bool _isKafka;
    private readonly string _version;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, (long Written, long Since)> _behind = []; // an end that a partition has not come to since
    private readonly ITimer _timer;
    private long? _reading;
    private long? _hidden;

    /// <param name="exposure">What is shown.</param>
    /// <param name="loop">Who counts.</param>
    /// <param name="collector">The collector of this process; null: none.</param>
    /// <param name="isKafka">Which log.</param>
    /// <param name="version">Footfall's.</param>
    /// <param name="time">Monotonic.</param>
    public HealthWatch(Exposure exposure, CountingLoop loop, Func<CollectorNumbers?>? collector, bool isKafka, string version, TimeProvider time)
    {
        (_exposure, _loop, _collector, _isKafka, _version, _time) = (exposure, loop, collector, isKafka, version, time);
        Note();
        _timer = time.CreateTimer(_ => Note(), null, Every, Every);
    }

    private string Log => _isKafka ? "Kafka" : "The log";

    /// <summary>How it is now.</summary>
    public BoardHealth Look()
    {
        var (numbers, snapshot, notReady) = (_collector?.Invoke(), _exposure.Current, _loop.NotReady);
        var shown = _exposure.Lease.Holds;
        lock (_gate)
        {
            var (level, message, advice) = Judge(snapshot, notReady, numbers?.Spool, Note(snapshot, notReady, shown));
            return new BoardHealth(level, message, advice, notReady, numbers, _isKafka, shown, _version);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Note()
    {
        var (snapshot, notReady, shown) = (_exposure.Current, _loop.NotReady, _exposure.Lease.Holds);
        lock (_gate)
        {
            Note(snapshot, notReady, shown);
        }
    }

    private Spans Note(Snapshot snapshot, string? notReady, bool shown) => new(
        LongestBehind(snapshot.Partitions),
        Since(notReady is not null && !_loop.Ready, ref _reading),
        Since(!shown && snapshot.Partitions.Any(partition => partition.Partition == CountingLoop.FirstPartition), ref _hidden));

    private (HealthLevel Level, string? Message, string? Advice) Judge(Snapshot snapshot, string? notReady, SpoolStatus? spool, in Spans spans)
    {
        if (_loop.CommitDue is { } due && due.For > Late)
        {
            return (
                due.For > CountingLoop.Patience ? HealthLevel.Bad : HealthLevel.Warn,
                $"What was counted can't be committed for {Seconds(due.For)}, so nothing new is shown: {due.Trouble ?? "the log does not answer"}.",
                _isKafka ? "Nothing is lost. Look at the brokers and at this service's log." : "Nothing is lost. Look at the disk: is it full?");
        }

        if (spool is { For: { } away } && away > Late)
        {
            return (
                HealthLevel.Warn,
                $"{Log} does not take interactions for {Seconds(away)}; they wait in the spool: {Number(spool.Value.Waiting)}.",
                "Nothing is lost. Look at the brokers; what waits is forwarded when they are back.");
        }

        if (_loop.Ready && _loop.SinceProgress is { } quiet && quiet > Silent)
        {
            return (
                notReady is null ? HealthLevel.Warn : HealthLevel.Bad,
                $"{Log} does not answer for {Seconds(quiet)}: what comes meanwhile is not shown.",
                _isKafka ? "Nothing is lost. Look at the brokers and the network to them." : "Look at the disk and at this service's log.");
        }

        if (notReady is not null)
        {
            return (
                spans.Reading > LongStart ? HealthLevel.Bad : HealthLevel.Warn,
                $"The metrics service is reading the log for {Seconds(spans.Reading)}; its numbers come when it has.",
                spans.Reading > LongStart ? "Look at this service's log for what keeps it." : "Wait a moment.");
        }

        if (spool is { Waiting: > 0 })
        {
            return (HealthLevel.Warn, $"{Number(spool.Value.Waiting)} interactions wait in the spool and are being forwarded.", "Nothing is lost. Wait until it is empty.");
        }

        if (spans.Behind > Late)
        {
            return (
                HealthLevel.Warn,
                $"Counting is behind: {Number(snapshot.Partitions.Sum(partition => partition.Lag))} interactions wait, the first for {Seconds(spans.Behind)}.",
                "Nothing is lost. If it stays so, this machine is too slow for what comes: on Kafka, start another metrics service.");
        }

        return spans.Hidden > Late
            ? (HealthLevel.Warn, "Prometheus is not shown the totals by this service now.", "After a move of partitions that takes some seconds. If it stays so, look at this service's log.")
            : (HealthLevel.Ok, null, null);
    }

    private TimeSpan Since(bool isSo, ref long? since)
    {
        since = isSo ? since ?? _time.GetTimestamp() : null;
        return since is { } known ? _time.GetElapsedTime(known) : TimeSpan.Zero;
    }

    /// <summary>How long ago at least what waits longest was first seen to wait.</summary>
    private TimeSpan LongestBehind(IReadOnlyList<PartitionStatus> partitions)
    {
        var longest = TimeSpan.Zero;
        foreach (var gone in _behind.Keys.Except(partitions.Where(partition => partition.Lag > 0).Select(partition => partition.Partition)).ToArray())
        {
            _behind.Remove(gone);
        }

        foreach (var partition in partitions.Where(partition => partition.Lag > 0))
        {
            if (!_behind.TryGetValue(partition.Partition, out var seen) || partition.Position >= seen.Written)
            {
                _behind[partition.Partition] = seen = (partition.Written, _time.GetTimestamp());
            }

            var elapsed = _time.GetElapsedTime(seen.Since);
            longest = elapsed > longest ? elapsed : longest;
        }

        return longest;
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalSeconds):0} s");

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>For how long: something waits, the start takes, and the totals are not shown though they are to be.</summary>
    private readonly record struct Spans(TimeSpan Behind, TimeSpan Reading, TimeSpan Hidden);
}
