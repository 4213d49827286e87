using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Footfall.Expose;

/// <summary>The two exposition formats that Prometheus scrapes.</summary>
public enum MetricsFormat
{
    /// <summary>Prometheus text format 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics 1.0.0.</summary>
    OpenMetrics,
}

/// <summary>What a family holds.</summary>
public enum MetricKind
{
    /// <summary>Only grows; its samples' names end in <c>_total</c>.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>A constant 1 whose labels tell; its sample's name ends in <c>_info</c>.</summary>
    Info,
}

/// <summary>
/// Writes metric families in either exposition format
/// (https://prometheus.io/docs/instrumenting/exposition_formats, https://prometheus.io/docs/specs/om/open_metrics_spec).
/// </summary>
public sealed class MetricsWriter(IBufferWriter<byte> output, MetricsFormat format)
{
    /// <summary>The <c>Content-Type</c> of a format.</summary>
    public static string ContentType(MetricsFormat format) => format == MetricsFormat.OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Begins a family.</summary>
    /// <param name="name">Without the suffix that its kind brings.</param>
    /// <param name="kind">What it holds.</param>
    /// <param name="help">One line without backslashes and quotes.</param>
    public void Family(string name, MetricKind kind, string help)
    {
        var isOpen = format == MetricsFormat.OpenMetrics;
        var suffix = isOpen ? "" : Suffix(kind);
        var type = kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Info when isOpen => "info",
            _ => "gauge",
        };
        Header(name + suffix, type, help);
    }

    /// <summary>One sample of a family.</summary>
    /// <param name="name">The sample's whole name, suffix included.</param>
    /// <param name="labels">From <see cref="MetricLabels"/>.</param>
    /// <param name="value">Written exactly, without exponent.</param>
    public void Sample(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, decimal value)
    {
        var span = output.GetSpan(name.Length + labels.Length + 34);
        name.CopyTo(span);
        labels.CopyTo(span[name.Length..]);
        var length = name.Length + labels.Length;
        span[length++] = (byte)' ';
        int written;
        // Nearly all totals are whole numbers, which format several times faster as such.
        if (value <= long.MaxValue && (value.Scale == 0 || decimal.Truncate(value) == value))
        {
            Utf8Formatter.TryFormat((long)value, span[length..], out written);
        }
        else
        {
            Utf8Formatter.TryFormat(value, span[length..], out written);
        }

        span[length + written] = (byte)'\n';
        output.Advance(length + written + 1);
    }

    /// <summary>A whole family of one sample without labels.</summary>
    public void Unlabelled(string name, MetricKind kind, string help, decimal value)
    {
        Family(name, kind, help);
        Sample(Encoding.UTF8.GetBytes(name + Suffix(kind)), [], value);
    }

    /// <summary>A histogram of seconds as a whole family.</summary>
    public void Histogram(string name, string help, Histogram histogram)
    {
        Header(name, "histogram", help);
        var (counts, sum) = histogram.Read();
        var bucket = Encoding.UTF8.GetBytes(name + "_bucket");
        var running = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            running += counts[i];
            Sample(bucket, histogram.BucketLabels[i], running);
        }

        Sample(Encoding.UTF8.GetBytes(name + "_sum"), [], sum);
        Sample(Encoding.UTF8.GetBytes(name + "_count"), [], running);
    }

    /// <summary>Ends the document.</summary>
    public void End()
    {
        if (format == MetricsFormat.OpenMetrics)
        {
            output.Write("# EOF\n"u8);
        }
    }

    private static string Suffix(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "_total",
        MetricKind.Info => "_info",
        _ => "",
    };

    private void Header(string name, string type, string help)
    {
        const int MostBytes = 3; // of a character of UTF-16
        var span = output.GetSpan(MostBytes * ((2 * name.Length) + help.Length + type.Length + "# HELP  \n# TYPE  \n".Length));
        Utf8.TryWrite(span, $"# HELP {name} {help}\n# TYPE {name} {type}\n", out var written);
        output.Advance(written);
    }
}

/// <summary>Label sets as they stand in both formats.</summary>
public static class MetricLabels
{
    /// <summary><c>{name="value",...}</c>; a label with an empty value is the same as none and is left out.</summary>
    public static byte[] Encode(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            if (value.Length > 0)
            {
                text.Append(text.Length == 0 ? '{' : ',').Append(name).Append("=\"");
                text.Append(value.Replace("\\", @"\\", StringComparison.Ordinal)
                    .Replace("\n", @"\n", StringComparison.Ordinal)
                    .Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
            }
        }

        return text.Length == 0 ? [] : Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }
}
