using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Footfall.Capture;

/// <summary>
/// OpenTelemetry's logs over HTTP in JSON (OTLP 1.x): of its log records those that are events, which is to say that
/// have a name. A click or page view of the semantic conventions is one of ours; any other is an interaction of type
/// <c>event</c> whose target is the name.
/// </summary>
public sealed class OtlpLogsDialect : Dialect
{
    private OtlpLogsDialect()
    {
    }

    /// <summary>It has no settings.</summary>
    public static OtlpLogsDialect Instance { get; } = new();

    internal override void Read(ReadOnlyMemory<byte> body, InteractionReader.Pass events)
    {
        using var document = Parse(body);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException("the body must be an object with a list, resourceLogs");
        }

        foreach (var logs in Items(Member(document.RootElement, "resourceLogs"u8)))
        {
            var resource = AttributesOf(Member(logs, "resource"u8));
            var app = events.NeedsAppName ? resource.GetValueOrDefault("service.name") : default;
            foreach (var scope in Items(Member(logs, "scopeLogs"u8)))
            {
                foreach (var record in Items(Member(scope, "logRecords"u8)))
                {
                    events.Take(record, (item, fields) => Read(item, resource, app, fields));
                }
            }
        }
    }

    private static Ignored? Read(JsonElement record, Dictionary<string, JsonElement> resource, JsonElement app, InteractionFields fields)
    {
        var attributes = AttributesOf(record);
        JsonElement Own(string name) => TextIn(attributes.GetValueOrDefault(name));
        JsonElement Common(string name) => Or(Own(name), TextIn(resource.GetValueOrDefault(name)));

        var name = Text(Member(record, "eventName"u8)) is { Length: > 0 } ? Member(record, "eventName"u8) : Own("event.name");
        switch (Text(name))
        {
            case null or "":
                return Ignored.LogRecord;

            case "app.widget.click":
                fields.Set(Field.Type, "click"u8);
                fields.Set(Field.Target, Or(Own("app.widget.name"), Own("app.widget.id")));
                break;

            case "browser.page_view":
                fields.Set(Field.Type, "view"u8);
                break;

            default:
                fields.Set(Field.Type, "event"u8);
                fields.Set(Field.Target, name);
                break;
        }

        fields.Set(Field.Id, Or(Own("event.id"), Own("log.record.uid")));
        fields.Set(Field.App, TextIn(app));
        fields.Set(Field.Page, Or(Common("url.path"), Common("url.full")));
        fields.Set(Field.Visitor, Or(Common("enduser.pseudo.id"), Common("app.installation.id")));
        fields.Set(Field.Session, Common("session.id"));
        SetValue(attributes.GetValueOrDefault("value"), fields);
        SetTime(Or(NonZero(record, "timeUnixNano"u8), NonZero(record, "observedTimeUnixNano"u8)), fields);
        return null;
    }

    /// <summary>By their names; of one that stands twice, the last.</summary>
    private static Dictionary<string, JsonElement> AttributesOf(JsonElement owner)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var attribute in Items(Member(owner, "attributes"u8)))
        {
            if (Text(Member(attribute, "key"u8)) is { } key)
            {
                values[key] = Member(attribute, "value"u8);
            }
        }

        return values;
    }

    /// <summary>An attribute's text; of another kind as it is, for the field to say that it is no text.</summary>
    private static JsonElement TextIn(JsonElement value) => Or(Member(value, "stringValue"u8), value);

    /// <summary>An attribute of that name may be anything; it is a value where it is a number.</summary>
    private static void SetValue(JsonElement value, InteractionFields fields)
    {
        var whole = Member(value, "intValue"u8);
        if (Text(whole) is not { } text)
        {
            fields.Set(Field.Value, Or(Member(value, "doubleValue"u8), whole));
        }
        else if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            fields.SetJson(Field.Value, Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
        }
        else
        {
            fields.Reject(RejectReason.InvalidValue);
        }
    }

    /// <summary>64-bit numbers are texts in protobuf's JSON; 0 is no time.</summary>
    private static JsonElement NonZero(JsonElement record, ReadOnlySpan<byte> name)
    {
        var value = Member(record, name);
        return value.ValueKind == JsonValueKind.Number ? (value.TryGetInt64(out var time) && time == 0 ? default : value)
            : Text(value) is "" or "0" ? default : value;
    }

    private static void SetTime(JsonElement nanoseconds, InteractionFields fields)
    {
        if (nanoseconds.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return;
        }

        var text = Text(nanoseconds) ?? nanoseconds.GetRawText();
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var time))
        {
            fields.SetJson(Field.At, Encoding.UTF8.GetBytes((time / 1_000_000).ToString(CultureInfo.InvariantCulture)));
        }
        else
        {
            fields.Reject(RejectReason.InvalidAt);
        }
    }
}
