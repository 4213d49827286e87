using System.Buffers;
using System.Diagnostics;
using System.Text;
using Footfall.Count;
using Footfall.Log;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Expose;

/// <summary>The metrics service's document as a whole.</summary>
public sealed class MetricsDocumentTests
{
    public static bool HasPromtool { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "promtool")));

    [Theory]
    [InlineData(MetricsFormat.Text)]
    [InlineData(MetricsFormat.OpenMetrics)]
    public void Document_is_this(MetricsFormat format) =>
        Golden.Equal($"metrics.{Golden.Extension(format)}", Document(format, showTotals: true));

    [Theory]
    [InlineData(MetricsFormat.Text)]
    [InlineData(MetricsFormat.OpenMetrics)]
    public void Instance_that_does_not_hold_the_lease_shows_all_but_totals(MetricsFormat format)
    {
        var document = Document(format, showTotals: false);
        Assert.DoesNotContain("footfall_interactions", document, StringComparison.Ordinal);
        Assert.DoesNotContain("footfall_interaction_value", document, StringComparison.Ordinal);
        Assert.Contains("footfall_totals_shown 0\n", document, StringComparison.Ordinal);
        Assert.Contains("footfall_log_lag{partition=\"0\"} 2\n", document, StringComparison.Ordinal);
    }

    [Fact(Skip = "promtool is not on the PATH (Debian: apt-get install prometheus)", SkipUnless = nameof(HasPromtool))]
    public async Task Promtool_finds_nothing_wrong_with_the_documents()
    {
        foreach (var name in new[] { "metrics.txt", "collector.txt" })
        {
            var start = new ProcessStartInfo("promtool", ["check", "metrics"])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            using var promtool = Process.Start(start)!;
            await promtool.StandardInput.WriteAsync(await File.ReadAllTextAsync(Path.Combine(Golden.Folder, name)));
            promtool.StandardInput.Close();
            var said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
            await promtool.WaitForExitAsync();
            Assert.Equal($"{name}: ", $"{name}: {said}");
            Assert.Equal(0, promtool.ExitCode);
        }
    }

    [Theory]
    [InlineData("say \"hi\"", "{l=\"say \\\"hi\\\"\"}")]
    [InlineData("a\\b", "{l=\"a\\\\b\"}")]
    [InlineData("a\\nb", "{l=\"a\\\\nb\"}")]
    [InlineData("a\nb", "{l=\"a\\nb\"}")]
    [InlineData("größe {x}, 😀", "{l=\"größe {x}, 😀\"}")]
    [InlineData("", "")]
    public void Label_value_is_escaped(string value, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(MetricLabels.Encode(("l", value))));

    [Fact]
    public void Empty_labels_are_left_out() =>
        Assert.Equal("{a=\"1\",c=\"3\"}", Encoding.UTF8.GetString(MetricLabels.Encode(("a", "1"), ("b", ""), ("c", "3"))));

    [Theory]
    [InlineData("0", "0")]
    [InlineData("49.90", "49.90")]
    [InlineData("5.000", "5")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", "9223372036854775808")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    [InlineData("0.0000000000000000000000000001", "0.0000000000000000000000000001")]
    public void Value_is_written_exactly(string value, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        new MetricsWriter(output, MetricsFormat.Text).Sample("x"u8, [], decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal($"x {expected}\n", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Durations_fall_into_the_bucket_whose_bound_they_do_not_exceed()
    {
        var histogram = new Histogram();
        histogram.Observe(TimeSpan.FromSeconds(-5));
        histogram.Observe(TimeSpan.FromMilliseconds(1));
        histogram.Observe(TimeSpan.FromMilliseconds(1.001));
        histogram.Observe(TimeSpan.FromSeconds(61));
        histogram.ObserveSince([new(1_000, 2), new(4_000, 1)], 3_000);
        var output = new ArrayBufferWriter<byte>();
        new MetricsWriter(output, MetricsFormat.Text).Histogram("h", "Help.", histogram);
        var lines = Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.Contains("h_bucket{le=\"0.001\"} 3\n", lines, StringComparison.Ordinal);
        Assert.Contains("h_bucket{le=\"0.0025\"} 4\n", lines, StringComparison.Ordinal);
        Assert.Contains("h_bucket{le=\"1.0\"} 4\n", lines, StringComparison.Ordinal);
        Assert.Contains("h_bucket{le=\"2.5\"} 6\n", lines, StringComparison.Ordinal);
        Assert.Contains("h_bucket{le=\"60.0\"} 6\nh_bucket{le=\"+Inf\"} 7\nh_sum 65.002001\nh_count 7\n", lines, StringComparison.Ordinal);
    }

    private static string Document(MetricsFormat format, bool showTotals)
    {
        var time = new FakeTimeProvider();
        var exposure = new Exposure(
            new CommittedTotals(["shop"], [new PinnedTarget("shop", "Enroll Now")], [Funnel.Enroll("shop")]), new TotalsLease(null, time), new ExposeOptions(), time);
        var buyNow = new SeriesKey(TotalKind.Interactions, "shop", "click", "Say \"Buy\\Now\"", "/courses/:id");
        Apply(buyNow, 3);
        Apply(buyNow with { Kind = TotalKind.Value }, 149.70m);
        Apply(buyNow with { Kind = TotalKind.Announced }, 1);
        Apply(buyNow with { Kind = TotalKind.AnnouncedValue }, 1);
        Apply(buyNow with { Target = "New" }, 2);
        Apply(new SeriesKey(TotalKind.Interactions, "shop", "view", "", "/"), 4);
        Apply(new SeriesKey(TotalKind.Announced, "shop", "view", "", "/"), 1);
        var saw = SeriesKey.OfFunnel("shop", "enroll", "view");
        Apply(saw, 5);
        Apply(saw with { Kind = TotalKind.AnnouncedFunnel }, 1);
        Apply(SeriesKey.OfFunnel("shop", "enroll", "Enroll Now"), 3);
        Apply(SeriesKey.OfFunnel("shop", "of old", "view"), 2);
        Apply(new SeriesKey(TotalKind.Duplicates, "shop"), 1);
        Apply(new SeriesKey(TotalKind.Unseen, "shop"), 2);
        Apply(new SeriesKey(TotalKind.Unreadable), 1);
        exposure.Delivery.Observe(TimeSpan.FromMilliseconds(120));
        exposure.Publish(
            [new PartitionStatus(0, MetricLabels.Encode(("partition", "0")), 13, 11, 9, 1, 1, 0)],
            [new ActiveVisitors(MetricLabels.Encode(("app", "shop"), ("window", "5m")), "shop", TimeSpan.FromMinutes(5), 2)],
            6,
            7,
            8);
        var output = new ArrayBufferWriter<byte>();
        MetricsDocument.Write(new MetricsWriter(output, format), exposure.Current, exposure, showTotals, "1.2.3");
        return Encoding.UTF8.GetString(output.WrittenSpan);

        void Apply(SeriesKey key, decimal value) => exposure.Totals.Apply(0, new Total(key.ToText(), value));
    }
}
