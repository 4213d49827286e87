using System.Globalization;

namespace Footfall.Expose;

/// <summary>Counts durations in fixed buckets. Safe to share.</summary>
public sealed class Histogram
{
    /// <summary>Upper bounds in seconds, from a fast local write to a minute's outage.</summary>
    public static readonly IReadOnlyList<double> Bounds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[Bounds.Count + 1];
    private decimal _sum;

    /// <summary>The label sets of the buckets, <c>le</c> as OpenMetrics writes it, in both formats.</summary>
    internal IReadOnlyList<byte[]> BucketLabels { get; } =
    [
        .. Bounds.Select(bound => MetricLabels.Encode(("le", bound.ToString(bound % 1 == 0 ? "0.0" : "R", CultureInfo.InvariantCulture)))),
        MetricLabels.Encode(("le", "+Inf")),
    ];

    /// <summary>Counts one duration; a negative one, of clocks that disagree, counts as 0.</summary>
    public void Observe(TimeSpan duration)
    {
        lock (_lock)
        {
            Add(duration.TotalSeconds, 1);
        }
    }

    /// <summary>Counts how long ago each of these was.</summary>
    /// <param name="since">Unix milliseconds, and how many then.</param>
    /// <param name="now">Unix milliseconds.</param>
    public void ObserveSince(IEnumerable<KeyValuePair<long, int>> since, long now)
    {
        lock (_lock)
        {
            foreach (var (moment, count) in since)
            {
                Add((now - moment) / 1000.0, count);
            }
        }
    }

    internal (long[] Counts, decimal Sum) Read()
    {
        lock (_lock)
        {
            return ((long[])_counts.Clone(), _sum);
        }
    }

    private void Add(double seconds, int times)
    {
        seconds = Math.Max(0, seconds);
        var bucket = 0;
        while (bucket < Bounds.Count && seconds > Bounds[bucket])
        {
            bucket++;
        }

        _counts[bucket] += times;
        _sum += Math.Round((decimal)seconds, 6) * times;
    }
}

/// <summary>What a histogram counted in the last minute. One writer, any number of readers.</summary>
public sealed class RecentHistogram
{
    private const int Seconds = 60;

    private readonly Lock _lock = new();
    private readonly Queue<(long Second, long[] Counts)> _before = new(); // at the end of a second
    private long[] _counts = new long[Histogram.Bounds.Count + 1];
    private long _second;

    /// <summary>Notes what the histogram has counted by now.</summary>
    /// <param name="histogram">Always the same.</param>
    /// <param name="second">Monotonic or not: a clock that is set back only makes the minute longer.</param>
    public void Note(Histogram histogram, long second)
    {
        lock (_lock)
        {
            if (second > _second)
            {
                _before.Enqueue((_second, _counts));
                _second = second;
                while (_before.Count > 1 && _before.ElementAt(1).Second < second - Seconds)
                {
                    _before.Dequeue();
                }
            }

            _counts = histogram.Read().Counts;
        }
    }

    /// <summary>
    /// Quantiles of the last minute, in seconds, by linear interpolation in the bucket as Prometheus' <c>histogram_quantile</c>
    /// does (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile); null where nothing came.
    /// </summary>
    /// <param name="quantile">From 0 to 1.</param>
    public double? Quantile(double quantile)
    {
        long[] counts;
        lock (_lock)
        {
            counts = (long[])_counts.Clone();
            if (_before.TryPeek(out var before))
            {
                for (var i = 0; i < counts.Length; i++)
                {
                    counts[i] -= before.Counts[i];
                }
            }
        }

        var total = counts.Sum();
        if (total == 0)
        {
            return null;
        }

        var rank = quantile * total;
        var below = 0L;
        var bucket = 0;
        while (bucket < Histogram.Bounds.Count && below + counts[bucket] < rank)
        {
            below += counts[bucket++];
        }

        if (bucket == Histogram.Bounds.Count)
        {
            return Histogram.Bounds[^1];
        }

        var start = bucket == 0 ? 0 : Histogram.Bounds[bucket - 1];
        return start + ((Histogram.Bounds[bucket] - start) * ((rank - below) / counts[bucket]));
    }
}
