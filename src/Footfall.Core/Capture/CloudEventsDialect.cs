using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Footfall.Capture;

/// <summary>
/// CloudEvents 1.0 in the JSON format: one event, or a list of them. Of a type <c>footfall.interaction.TYPE</c>, the
/// data is an interaction, as the log on Kafka has it too. Any other is an interaction of type <c>event</c> whose
/// target is the event's type; its data, which may be anything, is not looked at.
/// </summary>
public sealed class CloudEventsDialect : Dialect
{
    private static readonly string[] Attributes = ["specversion", "id", "source", "type", "time"];

    private readonly Func<string, string?>? _attribute;

    private CloudEventsDialect(Func<string, string?>? attribute) => _attribute = attribute;

    /// <summary>Everything is in the body: structured or batched mode.</summary>
    public static CloudEventsDialect Structured { get; } = new(null);

    /// <summary>The body is the data alone: binary mode.</summary>
    /// <param name="attribute">The text of an attribute, by its name, from the request's headers; null where there is none.</param>
    public static CloudEventsDialect Binary(Func<string, string?> attribute) => new(attribute);

    internal override void Read(ReadOnlyMemory<byte> body, InteractionReader.Pass events)
    {
        using var document = Parse(_attribute is null ? body : Envelope(body.Span, _attribute));
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array)
        {
            events.Take(root, ReadOne);
            return;
        }

        foreach (var item in root.EnumerateArray())
        {
            events.Take(item, ReadOne);
        }
    }

    private static Ignored? ReadOne(JsonElement item, InteractionFields fields)
    {
        var type = Text(Member(item, "type"u8)) ?? "";
        if (type.StartsWith(CloudEvents.TypePrefix, StringComparison.Ordinal))
        {
            ReadData(item, fields);
            fields.Set(Field.Type, Encoding.UTF8.GetBytes(type[CloudEvents.TypePrefix.Length..]));
        }
        else
        {
            fields.Set(Field.Type, "event"u8);
            fields.Set(Field.Target, Encoding.UTF8.GetBytes(type));
        }

        if (Text(Member(item, "specversion"u8)) is not ['1', '.', ..])
        {
            fields.Reject(RejectReason.Malformed);
        }

        if (fields.At is null)
        {
            fields.Set(Field.At, Member(item, "time"u8));
        }

        ReadIdentity(Text(Member(item, "source"u8)) ?? "", Text(Member(item, "id"u8)) ?? "", fields);
        return null;
    }

    private static void ReadData(JsonElement item, InteractionFields fields)
    {
        var data = Member(item, "data"u8);
        if (data.ValueKind == JsonValueKind.Object)
        {
            fields.SetAll(data);
        }
        else if (data.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) || Member(item, "data_base64"u8).ValueKind != JsonValueKind.Undefined)
        {
            fields.Reject(RejectReason.Malformed);
        }
    }

    /// <summary>
    /// An event is what it is by its source and id together. The source of an app of ours is the app, as on Kafka; any
    /// other goes before the id, with a blank between, which no source has.
    /// </summary>
    private static void ReadIdentity(string source, string id, InteractionFields fields)
    {
        if (source.StartsWith(CloudEvents.SourcePrefix, StringComparison.Ordinal))
        {
            fields.Set(Field.App, Encoding.UTF8.GetBytes(source[CloudEvents.SourcePrefix.Length..]));
            fields.Set(Field.Id, Encoding.UTF8.GetBytes(id));
            return;
        }

        if (source.Length == 0 || id.Length == 0)
        {
            fields.Reject(RejectReason.InvalidId);
            return;
        }

        var both = Encoding.UTF8.GetBytes($"{source} {id}");
        var fits = !source.Contains(' ', StringComparison.Ordinal) && Labels.Length(both) <= CaptureLimits.IdLength;
        fields.Set(Field.Id, fits ? both : Encoding.UTF8.GetBytes(HashOf(source, id)));
    }

    /// <summary>Of both lengths too, so that no other two give the same bytes.</summary>
    private static string HashOf(string source, string id) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{source.Length}:{source}{id}")));

    /// <summary>The same event in structured mode; data that is not ours is left where it is.</summary>
    private static ReadOnlyMemory<byte> Envelope(ReadOnlySpan<byte> data, Func<string, string?> attribute)
    {
        var output = new ArrayBufferWriter<byte>(data.Length + 512);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        foreach (var name in Attributes)
        {
            writer.WriteString(name, Encoding.UTF8.GetBytes(attribute(name) ?? ""));
        }

        if (attribute("type")?.StartsWith(CloudEvents.TypePrefix, StringComparison.Ordinal) == true && data.ContainsAnyExcept(" \t\r\n"u8))
        {
            writer.WritePropertyName("data");
            writer.WriteRawValue(data);
        }

        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }
}
