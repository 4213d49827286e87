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
