using System.Text;
using System.Text.Json;

namespace Footfall.Count;

/// <summary>What a partition's checkpoint keeps of Count besides totals: from where its windows can be rebuilt.</summary>
/// <param name="RebuildFrom">The first position to read again.</param>
/// <param name="Second">The log's time there, Unix seconds.</param>
/// <param name="Horizon">See <see cref="DuplicateWindow.Horizon"/>.</param>
/// <param name="Gap">Records are missing before the position, and none since has told how new they were.</param>
internal readonly record struct CountState(long RebuildFrom, uint Second, uint Horizon, bool Gap)
{
    public byte[] Write() => Encoding.UTF8.GetBytes(
        $$"""{"rebuildFrom":{{RebuildFrom}},"second":{{Second}},"horizon":{{Horizon}},"gap":{{(Gap ? "true" : "false")}}}""");

    /// <exception cref="FormatException">Not that form.</exception>
    public static CountState Read(ReadOnlySpan<byte> json, long position)
    {
        if (json.IsEmpty)
        {
            return new CountState(position, 0, 0, Gap: false);
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            var root = JsonElement.ParseValue(ref reader);
            return new CountState(
                root.GetProperty("rebuildFrom").GetInt64(),
                root.GetProperty("second").GetUInt32(),
                root.GetProperty("horizon").GetUInt32(),
                root.GetProperty("gap").GetBoolean());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("the checkpoint's state can't be read: it was written by another version of Footfall, or by another program", e);
        }
    }
}
