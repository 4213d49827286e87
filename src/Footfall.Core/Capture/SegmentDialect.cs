using System.Text;
using System.Text.Json;

namespace Footfall.Capture;

/// <summary>
/// Segment's tracking API: one call, or a batch of them. A track is an interaction of type <c>track</c>, a page or
/// screen a view; what tells who somebody is, is ignored, and so is <c>userId</c> wherever it stands.
/// </summary>
public sealed class SegmentDialect : Dialect
{
    private readonly string? _call;

    private SegmentDialect(string? call) => _call = call;

    /// <summary>Calls in a <c>batch</c>, each of which says its <c>type</c>.</summary>
    public static SegmentDialect Batch { get; } = new(null);

    /// <summary>One call, whose type the path says: <c>track</c>, <c>page</c>, <c>screen</c>, <c>identify</c>, <c>group</c> or <c>alias</c>.</summary>
    public static SegmentDialect Of(string call) => new(call);

    internal override void Read(ReadOnlyMemory<byte> body, InteractionReader.Pass events)
    {
        using var document = Parse(body);
        var root = document.RootElement;
        if (Text(Member(root, "writeKey"u8)) is { } key)
        {
            events.UseKey(Encoding.UTF8.GetBytes(key));
        }

        if (_call is not null)
        {
            events.Take(root, (call, fields) => Read(_call, call, default, fields));
            return;
        }

        // Once: looked up for each call, a wide envelope around many calls would keep a core busy for long.
        var common = new Common(PageOf(root), Member(root, "sentAt"u8));

        var batch = Member(root, "batch"u8);
        if (batch.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException("the body must be an object with a list of calls, batch");
        }

        foreach (var item in batch.EnumerateArray())
        {
            events.Take(item, (call, fields) => Read(Text(Member(call, "type"u8)), call, common, fields));
        }
    }

    private static Ignored? Read(string? type, JsonElement call, Common common, InteractionFields fields)
    {
        var properties = Member(call, "properties"u8);
        var page = Or(PageOf(call), common.Page);
        switch (type)
        {
            case "track":
                fields.Set(Field.Type, "track"u8);
                fields.Set(Field.Target, Member(call, "event"u8));
                fields.Set(Field.Value, Or(Number(properties, "value"u8), Number(properties, "revenue"u8)));
                fields.Set(Field.FittingProperties, properties);
                break;

            case "page":
                // Its properties are the page's address, with the query, and its title: not kept.
                page = Or(AddressOf(properties), page);
                goto case "screen";

            case "screen":
                fields.Set(Field.Type, "view"u8);
                fields.Set(Field.Target, Member(call, "name"u8));
                break;

            case "identify":
                return Ignored.Identify;

            case "group":
                return Ignored.Group;

            case "alias":
                return Ignored.Alias;

            default:
                fields.Reject(RejectReason.InvalidType);
                break;
        }

        fields.Set(Field.Id, Member(call, "messageId"u8));
        fields.Set(Field.Page, page);
        fields.Set(Field.Visitor, Member(call, "anonymousId"u8));
        fields.Set(Field.At, Or(Member(call, "timestamp"u8), Member(call, "originalTimestamp"u8)));
        fields.Set(Field.SentAt, Or(Member(call, "sentAt"u8), common.SentAt));
        return null;
    }

    /// <summary>Where a call was made; of a batch, where all of its calls were that don't say.</summary>
    private static JsonElement PageOf(JsonElement call) => AddressOf(Member(Member(call, "context"u8), "page"u8));

    private static JsonElement AddressOf(JsonElement page) => Or(Member(page, "path"u8), Member(page, "url"u8));

    /// <summary>A property that may be anything is a value only where it is a number.</summary>
    private static JsonElement Number(JsonElement properties, ReadOnlySpan<byte> name) =>
        Member(properties, name) is { ValueKind: JsonValueKind.Number } number ? number : default;

    /// <summary>What a batch says for its calls.</summary>
    private readonly record struct Common(JsonElement Page, JsonElement SentAt);
}
