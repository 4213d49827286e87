using Footfall.Count;
using Footfall.Log;

namespace Footfall.Expose;

/// <summary>The latest interactions of an app, in order.</summary>
/// <param name="Interactions">At most <see cref="RecentCounts.MaxLatest"/>.</param>
/// <param name="Added">How many there ever were.</param>
/// <param name="Counted">How many were counted since the start, these included.</param>
/// <param name="UpTo">When the newest that is counted was received, Unix milliseconds; null: none is known.</param>
public readonly record struct LatestInteractions(IReadOnlyList<SampledInteraction> Interactions, long Added, long Counted, long? UpTo);

/// <summary>
/// What was counted lately, for the live board: by the second, and some of it as it is. Committed alone, and each interaction
/// once, as in the totals. Written by the counting loop, read by anybody.
/// </summary>
public sealed class RecentCounts(CommittedTotals totals, TimeProvider time)
{
    /// <summary>Interactions of an app's stream: a screen full.</summary>
    public const int MaxLatest = 50;

    private const int Others = -1; // no partition's number

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Latest> _latest = new(StringComparer.Ordinal);

    // The loop's.
    private readonly HashSet<int> _begun = []; // partitions whose totals are known: what more is heard of them is new
    private readonly Dictionary<int, long> _since = [];
    private readonly RecentlyCounted _counted = new();
    private readonly List<SeriesSecond> _rebuilt = [];
    private readonly List<(ExposedSeries Series, long Second, int Count)> _seconds = [];
    private bool _allBegun;

    /// <summary>By row and second.</summary>
    public SecondRing Ring { get; } = new(totals.Apps, time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>What the stream of an app shows.</summary>
    public LatestInteractions LatestOf(string app)
    {
        lock (_gate)
        {
            return _latest.TryGetValue(app, out var latest)
                ? new LatestInteractions([.. latest.Interactions], latest.Added, latest.Counted, latest.UpTo)
                : new LatestInteractions([], 0, 0, null);
        }
    }

    /// <summary>A partition is about to be counted here. For the counting loop.</summary>
    /// <returns>
    /// Since when (Unix seconds) what is read again fills the ring; null: it does not, for what was counted of the partition
    /// meanwhile is known from its totals, as they were heard.
    /// </returns>
    public long? Begin(int partition) =>
        !_allBegun && _begun.Add(partition) ? Now - SecondRing.Seconds : null;

    /// <summary>All totals that there were at the start have been heard: what more is heard is new. For the counting loop.</summary>
    public void BeginAll()
    {
        if (!_allBegun)
        {
            _allBegun = true;
            if (totals.HasOther(_begun))
            {
                // What others counted before is in no second of ours.
                _since[Others] = Now + 1;
                Ring.Replaced(_since.Values.Max());
            }
        }
    }

    /// <summary>A total as another instance committed it, or as a checkpoint has it. For the counting loop.</summary>
    public void Hear(int partition, Total total)
    {
        var more = totals.Apply(partition, total);
        if (more > 0 && (_allBegun || _begun.Contains(partition)) && totals.Find(total.Series, TotalKind.Interactions) is { } series)
        {
            var now = time.GetUtcNow();
            for (var left = more; left > 0; left -= int.MaxValue)
            {
                _seconds.Add((series, now.ToUnixTimeSeconds(), (int)Math.Min(left, int.MaxValue)));
            }

            AddSeconds();
            lock (_gate)
            {
                Of(series.Key.App).Add(now.ToUnixTimeMilliseconds(), (long)more, []);
            }
        }
    }

    /// <summary>A commit of all that this partition had counted has succeeded. For the counting loop, once its totals are applied.</summary>
    public void Committed(PartitionCount partition)
    {
        partition.TakeCounted(_counted);
        Resolve(_counted.Seconds);
        AddSeconds();
        if (_counted.Apps.Count > 0)
        {
            lock (_gate)
            {
                foreach (var app in _counted.Apps)
                {
                    Of(app.App).Add(app.Newest, app.Count, app.Samples);
                }
            }
        }

        _counted.Clear();
    }

    /// <summary>Takes what a partition has read again. For the counting loop, after each read.</summary>
    public void Rebuilt(int number, PartitionCount partition)
    {
        partition.TakeRebuilt(_rebuilt);
        if (_rebuilt.Count > 0)
        {
            Resolve(_rebuilt);
            lock (_gate)
            {
                foreach (var (series, second, _) in _seconds)
                {
                    Of(series.Key.App).Add(second * 1000, 0, []);
                }
            }

            AddSeconds();
            _rebuilt.Clear();
        }

        if (!partition.Rebuilding)
        {
            Know(number, partition.RebuiltFrom);
        }
    }

    /// <summary>A partition is no longer counted here, or is loaded again: what it had still to read again never fills the ring. For the counting loop.</summary>
    public void Left(int partition) => Know(partition, Now + 1);

    private void Know(int partition, long since)
    {
        if (_begun.Contains(partition) && _since.TryAdd(partition, since) && _begun.All(_since.ContainsKey))
        {
            Ring.Replaced(_since.Values.Max());
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    private void Resolve(List<SeriesSecond> seconds)
    {
        foreach (var (name, second, count) in seconds)
        {
            if (totals.Find(name, TotalKind.Interactions) is { } series)
            {
                _seconds.Add((series, second, count));
            }
        }
    }

    private void AddSeconds()
    {
        if (_seconds.Count > 0)
        {
            Ring.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_seconds), Now);
            _seconds.Clear();
        }
    }

    private Latest Of(string app)
    {
        if (!_latest.TryGetValue(app, out var latest))
        {
            _latest.Add(app, latest = new Latest());
        }

        return latest;
    }

    private sealed class Latest
    {
        public Queue<SampledInteraction> Interactions { get; } = new();

        public long Added { get; private set; }

        public long Counted { get; private set; }

        public long? UpTo { get; private set; }

        public void Add(long upTo, long count, IReadOnlyList<SampledInteraction> samples)
        {
            (UpTo, Counted, Added) = (Math.Max(UpTo ?? 0, upTo), Counted + count, Added + samples.Count);
            foreach (var sample in samples)
            {
                Interactions.Enqueue(sample);
                if (Interactions.Count > MaxLatest)
                {
                    Interactions.Dequeue();
                }
            }
        }
    }
}
