using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Footfall.Capture;
using Footfall.Count;
using Footfall.Log;

namespace Footfall.Fuzz.Targets;

/// <summary>What every record is: valid, within its bounds, and read back by Count and by the spool as it was written.</summary>
internal static class RecordOracle
{
    private static readonly long Oldest = FixedTime.Now.ToUnixTimeMilliseconds() - (long)CaptureLimits.OldestAt.TotalMilliseconds;

    /// <summary>The fields a record may have, in their order.</summary>
    private static readonly string[] Fields = ["id", "app", "type", "target", "page", "visitor", "received", "value", "at", "view", "n", "session", "properties"];

    public static void Check(LogRecord record, bool hasFixedTime = true)
    {
        BrokenPromise.Unless(Utf8.IsValid(record.Value.Span), "a record is not valid UTF-8");
        BrokenPromise.Unless(record.Value.Span.IndexOfAnyInRange((byte)0, (byte)0x1F) < 0, "a record has a control character as it is");
        using var document = Parse(record.Value);
        var fields = document.RootElement;
        BrokenPromise.Unless(fields.ValueKind == JsonValueKind.Object, "a record is no object");
        CheckFields(fields, hasFixedTime);
        CheckCounted(record, fields);
        CheckRestored(record);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> value)
    {
        try
        {
            return JsonDocument.Parse(value);
        }
        catch (JsonException error)
        {
            throw new BrokenPromise($"a record is not JSON: '{error.Message}'");
        }
    }

    private static void CheckFields(JsonElement fields, bool hasFixedTime)
    {
        var last = -1;
        foreach (var field in fields.EnumerateObject())
        {
            var place = Array.IndexOf(Fields, field.Name);
            BrokenPromise.Unless(place > last, $"field '{field.Name}' is unknown, twice or not in its place");
            last = place;
        }

        CheckText(fields, "id", 1, CaptureLimits.IdLength);
        CheckText(fields, "type", 1, CaptureLimits.TypeLength);
        CheckText(fields, "visitor", 1, CaptureLimits.VisitorLength);
        CheckText(fields, "session", 1, CaptureLimits.VisitorLength);
        CheckText(fields, "view", 1, CaptureLimits.ViewLength);
        CheckLabel(fields, "target", CaptureLimits.TargetLength);
        CheckLabel(fields, "page", CaptureLimits.PageLength);
        BrokenPromise.Unless(fields.GetProperty("app").GetString() is "shop" or "blog", "an app that is not configured");
        BrokenPromise.Unless(fields.TryGetProperty("target", out _) || fields.GetProperty("type").GetString() is "view" or "leave", "no target");
        if (fields.TryGetProperty("value", out var value))
        {
            BrokenPromise.Unless(value.GetDecimal() is >= 0 and <= CaptureLimits.Value and var number && decimal.Round(number, CaptureLimits.ValueDecimals) == number, "a value out of its bounds");
        }

        BrokenPromise.Unless(!fields.TryGetProperty("n", out var n) || n.GetInt32() > 0, "a number that is none");
        var (received, at) = (fields.GetProperty("received").GetDateTimeOffset().ToUnixTimeMilliseconds(), fields.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds());
        BrokenPromise.Unless(!hasFixedTime || received == FixedTime.Now.ToUnixTimeMilliseconds(), "received at another time");
        BrokenPromise.Unless(at <= received && (!hasFixedTime || at >= Oldest), "at is out of its window");
        if (fields.TryGetProperty("properties", out var properties))
        {
            CheckProperties(properties);
        }
    }

    private static void CheckText(JsonElement fields, string name, int least, int most)
    {
        if (fields.TryGetProperty(name, out var field))
        {
            var text = field.GetString()!;
            BrokenPromise.Unless(Length(text) >= least && Length(text) <= most, $"'{name}' has {Length(text)} characters");
            BrokenPromise.Unless(!text.Any(char.IsControl), $"'{name}' has a control character");
        }
    }

    /// <summary>What a label is: see <see cref="Labels"/>.</summary>
    private static void CheckLabel(JsonElement fields, string name, int most)
    {
        CheckText(fields, name, 1, most);
        var text = fields.TryGetProperty(name, out var field) ? field.GetString()! : "";
        BrokenPromise.Unless(!text.Any(char.IsControl) && !text.Any(c => c is '\u202e' or '\ufeff' or '\u200e') && text.Trim() == text && !text.Contains("  ", StringComparison.Ordinal), $"'{name}' is not clean");
    }

    private static void CheckProperties(JsonElement properties)
    {
        var count = 0;
        foreach (var property in properties.EnumerateObject())
        {
            count++;
            BrokenPromise.Unless(Length(property.Name) <= CaptureLimits.PropertyNameLength, "a property's name is too long");
            BrokenPromise.Unless(
                property.Value.ValueKind switch
                {
                    JsonValueKind.String => Length(property.Value.GetString()!) <= CaptureLimits.PropertyTextLength,
                    JsonValueKind.Number => property.Value.GetRawText().Length <= CaptureLimits.PropertyNameLength,
                    JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => true,
                    _ => false,
                },
                "a property is not flat, or too long");
        }

        BrokenPromise.Unless(count is > 0 and <= CaptureLimits.Properties, $"there are {count} properties");
    }

    /// <summary>Count sees what stands there.</summary>
    private static void CheckCounted(LogRecord record, JsonElement fields)
    {
        Span<byte> scratch = stackalloc byte[LoggedInteraction.ScratchBytes];
        BrokenPromise.Unless(LoggedInteraction.TryRead(record.Value.Span, scratch, out var counted), "Count can't read a record");
        Same(counted.Id, "id");
        Same(counted.App, "app");
        Same(counted.Type, "type");
        Same(counted.Target, "target");
        Same(counted.Page, "page");
        Same(counted.Visitor, "visitor");
        Same(counted.View, "view");
        BrokenPromise.Unless(counted.Value == (fields.TryGetProperty("value", out var value) ? value.GetDecimal() : null), "Count reads another value");
        BrokenPromise.Unless(counted.Number == (fields.TryGetProperty("n", out var n) ? n.GetInt32() : 0), "Count reads another n");
        BrokenPromise.Unless(counted.Received == record.Time, "Count reads another time");

        void Same(ReadOnlySpan<byte> text, string name) => BrokenPromise.Unless(
            fields.TryGetProperty(name, out var field) ? field.ValueEquals(text) : text.IsEmpty, $"Count reads another {name}");
    }

    /// <summary>What was spooled goes to Kafka as it would have gone at once.</summary>
    private static void CheckRestored(LogRecord record)
    {
        var restored = StoredRecord.Restore(record.Value);
        BrokenPromise.Unless(
            restored.Key.Span.SequenceEqual(record.Key.Span) && restored.Id.Span.SequenceEqual(record.Id.Span) && restored.Time == record.Time
            && restored.Source == record.Source && restored.Type == record.Type,
            "a record is another one when it comes out of the spool");
    }

    private static int Length(string text) => text.EnumerateRunes().Count();
}
