using System.Text;
using System.Text.Json;

namespace Footfall.Count;

/// <summary>What a partition's checkpoint keeps of Count besides totals: from where its windows can be rebuilt.</summary>
/// <param name="RebuildFrom">The first position to read again.</param>
/// <param name="Second">The log's time there, Unix seconds.</param>
/// <param name="Horizon">See <see cref="DuplicateWindow.Horizon"/>.</param>
/// <param name="Gap">Records are missing before the position, and none since has told how new they were.</param>
/// <param name="ViewsAfter">See <see cref="ViewMeter.NewAfter"/>.</param>
internal readonly record struct CountState(long RebuildFrom, uint Second, uint Horizon, bool Gap, long ViewsAfter)
{
    public byte[] Write() => Encoding.UTF8.GetBytes(
        $$"""{"rebuildFrom":{{RebuildFrom}},"second":{{Second}},"horizon":{{Horizon}},"gap":{{(Gap ? "true" : "false")}},"viewsAfter":{{ViewsAfter}}}""");

    /// <exception cref="FormatException">Not that form.</exception>
    public static CountState Read(ReadOnlySpan<byte> json, long position)
    {
        if (json.IsEmpty)
        {
            return new CountState(position, 0, 0, Gap: false, ViewsAfter: 0);
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            var root = JsonElement.ParseValue(ref reader);
            var second = root.GetProperty("second").GetUInt32();
            return new CountState(
                root.GetProperty("rebuildFrom").GetInt64(),
                second,
                root.GetProperty("horizon").GetUInt32(),
                root.GetProperty("gap").GetBoolean(),
                // A version that did not measure views left none: some may have begun before what is read again.
                root.TryGetProperty("viewsAfter", out var after) ? after.GetInt64() : second + (long)ViewMeter.SecondsAhead);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("the checkpoint's state can't be read: it was written by another version of Footfall, or by another program", e);
        }
    }
}
