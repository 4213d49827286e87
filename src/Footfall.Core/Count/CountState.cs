using System.Text;
using System.Text.Json;

namespace Footfall.Count;

/// <summary>What a partition's checkpoint keeps of Count besides totals: from where its windows can be rebuilt.</summary>
/// <param name="RebuildFrom">The first position to read again.</param>
/// <param name="Second">The log's time there, Unix seconds.</param>
/// <param name="Horizon">See <see cref="DuplicateWindow.Horizon"/>.</param>
/// <param name="Gap">Records are missing before the position, and none since has told how new they were.</param>
/// <param name="ViewsAfter">See <see cref="ViewMeter.NewAfter"/>.</param>
/// <param name="Funnels">What progress in funnels is rebuilt from.</param>
internal readonly record struct CountState(long RebuildFrom, uint Second, uint Horizon, bool Gap, long ViewsAfter, FunnelState Funnels)
{
    public byte[] Write() => Encoding.UTF8.GetBytes(
        $$"""{"rebuildFrom":{{RebuildFrom}},"second":{{Second}},"horizon":{{Horizon}},"gap":{{(Gap ? "true" : "false")}},"viewsAfter":{{ViewsAfter}},"windowsFrom":{{Funnels.WindowsFrom}},"funnelsFrom":{{Funnels.From}},"funnels":"{{Funnels.Fingerprint}}"}""");

    /// <exception cref="FormatException">Not that form.</exception>
    public static CountState Read(ReadOnlySpan<byte> json, long position)
    {
        if (json.IsEmpty)
        {
            return new CountState(position, 0, 0, Gap: false, ViewsAfter: 0, FunnelState.None(position, position));
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            var root = JsonElement.ParseValue(ref reader);
            var second = root.GetProperty("second").GetUInt32();
            var from = root.GetProperty("rebuildFrom").GetInt64();
            return new CountState(
                from,
                second,
                root.GetProperty("horizon").GetUInt32(),
                root.GetProperty("gap").GetBoolean(),
                // A version that did not measure views left none: some may have begun before what is read again.
                root.TryGetProperty("viewsAfter", out var after) ? after.GetInt64() : second + (long)ViewMeter.SecondsAhead,
                // Likewise: who was on the way is not known.
                root.TryGetProperty("funnels", out var funnels)
                    ? new FunnelState(root.GetProperty("windowsFrom").GetInt64(), root.GetProperty("funnelsFrom").GetInt64(), funnels.GetString() ?? "")
                    : FunnelState.None(from, position));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("the checkpoint's state can't be read: it was written by another version of Footfall, or by another program", e);
        }
    }
}

/// <summary>What a checkpoint keeps of funnels.</summary>
/// <param name="WindowsFrom">
/// The first position that anything else is rebuilt from. What is read before it tells which of the records after it are repeats,
/// which only the funnels need to know.
/// </param>
/// <param name="From">The first position that progress is rebuilt from.</param>
/// <param name="Fingerprint">See <see cref="Funnel.Fingerprint"/>.</param>
internal readonly record struct FunnelState(long WindowsFrom, long From, string Fingerprint)
{
    public static FunnelState None(long windowsFrom, long position) => new(windowsFrom, position, "");
}
