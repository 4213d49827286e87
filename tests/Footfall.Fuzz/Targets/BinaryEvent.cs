using System.Text;

namespace Footfall.Fuzz.Targets;

/// <summary>A CloudEvent in binary mode as one input: lines <c>name: value</c>, an empty line, and the data.</summary>
internal static class BinaryEvent
{
    public static (Func<string, string?> Attributes, byte[] Body) Read(byte[] input)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        var rest = input.AsSpan();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (line.IsEmpty)
            {
                break;
            }

            var colon = line.IndexOf(": "u8);
            if (colon > 0)
            {
                attributes[Encoding.UTF8.GetString(line[..colon])] = Text(line[(colon + 2)..]);
            }
        }

        return (attributes.GetValueOrDefault, rest.ToArray());
    }

    /// <summary>A header's text may be any: half a surrogate pair is written <c>\ud800</c>.</summary>
    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8).Replace(@"\ud800", "\ud800", StringComparison.Ordinal);
}
