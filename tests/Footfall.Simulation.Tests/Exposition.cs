using System.Globalization;
using System.Text;

namespace Footfall.Simulation;

/// <summary>Reads what a /metrics says, as far as the simulation needs it.</summary>
internal static class Exposition
{
    /// <summary>The name, labels as written, and value of each sample.</summary>
    public static List<(string Name, string Labels, decimal Value)> Samples(ReadOnlySpan<byte> document)
    {
        var samples = new List<(string, string, decimal)>();
        foreach (var line in Encoding.UTF8.GetString(document).AsSpan().EnumerateLines())
        {
            if (line.IsEmpty || line[0] == '#')
            {
                continue;
            }

            var space = line.LastIndexOf(' ');
            var brace = line.IndexOf('{');
            var nameEnds = brace < 0 ? space : brace;
            var name = line[..nameEnds];
            if (name.Contains("_bucket", StringComparison.Ordinal) || name.EndsWith("_sum", StringComparison.Ordinal))
            {
                continue;
            }

            samples.Add((name.ToString(), line[nameEnds..space].ToString(), decimal.Parse(line[(space + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture)));
        }

        return samples;
    }
}
