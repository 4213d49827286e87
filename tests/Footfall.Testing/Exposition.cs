using System.Globalization;
using System.Text;

namespace Footfall.Testing;

/// <summary>One line of a <c>/metrics</c> page; labels as they are written, which is always in one order.</summary>
public readonly record struct Sample(string Name, string Labels, decimal Value)
{
    public string Series => Labels.Length == 0 ? Name : $"{Name}{{{Labels}}}";

    /// <summary>The value of a label, empty where it is not there.</summary>
    public string Label(string name)
    {
        for (var at = 0; at < Labels.Length;)
        {
            var equals = Labels.IndexOf('=', at);
            var end = equals + 2;
            while (Labels[end] != '"')
            {
                end += Labels[end] == '\\' ? 2 : 1;
            }

            if (Labels.AsSpan(at, equals - at).SequenceEqual(name))
            {
                return Unescape(Labels.AsSpan((equals + 2)..end));
            }

            at = end + 2;
        }

        return "";
    }

    private static string Unescape(ReadOnlySpan<char> text)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            plain.Append(text[i] != '\\' ? text[i] : text[++i] == 'n' ? '\n' : text[i]);
        }

        return plain.ToString();
    }
}

/// <summary>Reads the text format 0.0.4.</summary>
public static class Exposition
{
    public static List<Sample> Read(string text)
    {
        var samples = new List<Sample>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var space = line.LastIndexOf(' ');
            var value = line[(space + 1)..];
            if (value is "+Inf" or "-Inf" or "NaN")
            {
                continue;
            }

            var brace = line.IndexOf('{');
            var name = line[..(brace < 0 ? space : brace)];
            var labels = brace < 0 ? [] : line[(brace + 1)..(space - 1)];
            samples.Add(new(name.ToString(), labels.ToString(), decimal.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture)));
        }

        return samples;
    }
}
