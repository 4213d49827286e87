using Footfall.Count;

namespace Footfall.Expose;

/// <summary>The metrics service's <c>/metrics</c>.</summary>
public static class MetricsDocument
{
    /// <summary>Writes the document of one snapshot.</summary>
    /// <param name="writer">In either format.</param>
    /// <param name="snapshot">What to show.</param>
    /// <param name="exposure">The delivery times.</param>
    /// <param name="showTotals">Whether this instance shows the totals, see <see cref="TotalsLease"/>.</param>
    /// <param name="version">Footfall's.</param>
    public static void Write(MetricsWriter writer, Snapshot snapshot, Exposure exposure, bool showTotals, string version)
    {
        if (showTotals)
        {
            WriteTotals(writer, snapshot.Series);
        }

        WriteVisitors(writer, snapshot);
        writer.Histogram(
            "footfall_delivery_seconds",
            "Time from the collector taking an interaction until its total was exposed here.",
            exposure.Delivery);
        WritePartitions(writer, snapshot.Partitions);
        WriteViewers(writer, exposure);
        writer.Unlabelled("footfall_totals_shown", MetricKind.Gauge, "1 on the one instance that shows the totals, 0 on the others.", showTotals ? 1 : 0);
        WriteBuildInfo(writer, version);
        writer.End();
    }

    /// <summary>The version, as every service shows it.</summary>
    public static void WriteBuildInfo(MetricsWriter writer, string version)
    {
        writer.Family("footfall_build", MetricKind.Info, "The version of Footfall that runs here.");
        writer.Sample("footfall_build_info"u8, MetricLabels.Encode(("version", version)), 1);
    }

    private static void WriteTotals(MetricsWriter writer, IReadOnlyList<SeriesTotal> totals)
    {
        writer.Family("footfall_interactions", MetricKind.Counter, "Interactions counted, each exactly once.");
        Samples(writer, totals, TotalKind.Interactions, "footfall_interactions_total"u8);
        writer.Family("footfall_interaction_value", MetricKind.Counter, "Sum of the values of interactions that have one, such as a price.");
        Samples(writer, totals, TotalKind.Value, "footfall_interaction_value_total"u8);
        writer.Family("footfall_funnel_visitors", MetricKind.Counter, "Visitors who reached a step of a funnel after those before it, once an attempt.");
        Samples(writer, totals, TotalKind.Funnel, "footfall_funnel_visitors_total"u8);
        writer.Family("footfall_duplicates", MetricKind.Counter, "Repeats of interactions that were counted before; not counted again.");
        Samples(writer, totals, TotalKind.Duplicates, "footfall_duplicates_total"u8);
        writer.Family("footfall_late", MetricKind.Counter, "Interactions counted that came later than the duplicate window can see.");
        Samples(writer, totals, TotalKind.Late, "footfall_late_total"u8);
        writer.Family("footfall_unseen", MetricKind.Counter, "Interactions that page views numbered and that never came, below the last that did.");
        Samples(writer, totals, TotalKind.Unseen, "footfall_unseen_total"u8);
        writer.Family("footfall_series_overflowed", MetricKind.Counter, "Interactions counted in a series (other) because the series cap was reached.");
        Samples(writer, totals, TotalKind.Overflowed, "footfall_series_overflowed_total"u8);
        writer.Unlabelled(
            "footfall_series",
            MetricKind.Gauge,
            "Series of footfall_interactions_total.",
            First(totals, TotalKind.Interactions + 1) - First(totals, TotalKind.Interactions));
    }

    private static void Samples(MetricsWriter writer, IReadOnlyList<SeriesTotal> totals, TotalKind kind, ReadOnlySpan<byte> name)
    {
        for (var i = First(totals, kind); i < totals.Count && totals[i] is var total && total.Series.Key.Kind == kind; i++)
        {
            writer.Sample(name, total.Series.Labels.Span, total.Shown);
        }
    }

    /// <summary>Where those of a kind begin: the kind comes first in their order.</summary>
    private static int First(IReadOnlyList<SeriesTotal> totals, TotalKind kind)
    {
        var (low, high) = (0, totals.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = totals[middle].Series.Key.Kind < kind ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static void WriteVisitors(MetricsWriter writer, Snapshot snapshot)
    {
        writer.Family("footfall_active_visitors", MetricKind.Gauge, "Visitors with an interaction within the window, of this instance's partitions.");
        foreach (var visitors in snapshot.ActiveVisitors)
        {
            writer.Sample("footfall_active_visitors"u8, visitors.Labels.Span, visitors.Count);
        }

        writer.Unlabelled(
            "footfall_visitors_forgotten",
            MetricKind.Counter,
            "Visitors dropped from the active ones early because there were too many.",
            snapshot.VisitorsForgotten);
        writer.Unlabelled(
            "footfall_unmeasured",
            MetricKind.Counter,
            "Interactions of page views that could not be measured because there were too many, or the log had dropped some.",
            snapshot.Unmeasured);
        writer.Unlabelled(
            "footfall_funnel_visitors_forgotten",
            MetricKind.Counter,
            "Visitors whose progress in a funnel was forgotten because there were too many, or the log had dropped some records.",
            snapshot.FunnelVisitorsForgotten);
    }

    private static void WritePartitions(MetricsWriter writer, IReadOnlyList<PartitionStatus> partitions)
    {
        PerPartition(writer, partitions, "footfall_log_written", MetricKind.Counter, "Records ever written to the partition.", status => status.Written);
        PerPartition(writer, partitions, "footfall_log_counted", MetricKind.Counter, "Records of the partition counted.", status => status.Counted);
        PerPartition(writer, partitions, "footfall_log_duplicates", MetricKind.Counter, "Records of the partition dropped as repeats.", status => status.Duplicates);
        PerPartition(writer, partitions, "footfall_log_unreadable", MetricKind.Counter, "Records of the partition that are no interaction.", status => status.Unreadable);
        PerPartition(writer, partitions, "footfall_log_missed", MetricKind.Counter, "Records of the partition that the log dropped before they were counted.", status => status.Missed);
        PerPartition(writer, partitions, "footfall_log_lag", MetricKind.Gauge, "Records of the partition not counted yet.", status => status.Lag);
    }

    private static void WriteViewers(MetricsWriter writer, Exposure exposure)
    {
        writer.Unlabelled("footfall_live_viewers", MetricKind.Gauge, "Viewers of the live board of this instance.", exposure.Viewers.Now);
        writer.Unlabelled("footfall_live_viewers_refused", MetricKind.Counter, "Viewers refused because there were too many.", exposure.Viewers.Refused);
        writer.Unlabelled(
            "footfall_live_viewers_ended", MetricKind.Counter, "Viewers whose connection was ended because they read nothing for too long.", exposure.Viewers.Ended);
        writer.Unlabelled("footfall_live_ticks_skipped", MetricKind.Counter, "Ticks of the live board that viewers were too slow for.", exposure.Viewers.SkippedTicks);
        writer.Unlabelled(
            "footfall_live_overflowed",
            MetricKind.Counter,
            "Interactions that the live board has without their target or page by the second because there were too many.",
            exposure.Recent.Ring.Overflowed);
    }

    private static void PerPartition(
        MetricsWriter writer,
        IReadOnlyList<PartitionStatus> partitions,
        string name,
        MetricKind kind,
        string help,
        Func<PartitionStatus, long> value)
    {
        writer.Family(name, kind, help);
        var sample = System.Text.Encoding.UTF8.GetBytes(kind == MetricKind.Counter ? name + "_total" : name);
        foreach (var status in partitions)
        {
            writer.Sample(sample, status.Labels.Span, value(status));
        }
    }
}
