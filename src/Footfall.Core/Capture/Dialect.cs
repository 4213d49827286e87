using System.Text.Json;
using System.Text.Unicode;

namespace Footfall.Capture;

/// <summary>
/// Somebody else's format: says of each event in a request which field of an interaction each of its values is. It
/// checks nothing that <see cref="InteractionFields"/> checks. Holds no state between calls; safe to share.
/// </summary>
public abstract class Dialect
{
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = CaptureLimits.DocumentDepth };

    /// <summary>Tells each event of a body, in its order.</summary>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is not what the format says; the message is for the sender.</exception>
    /// <exception cref="InvalidOperationException">The same, where there is no more to say.</exception>
    internal abstract void Read(ReadOnlyMemory<byte> body, InteractionReader.Pass events);

    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is no text.</exception>
    private protected static JsonDocument Parse(ReadOnlyMemory<byte> body) => Utf8.IsValid(body.Span)
        ? JsonDocument.Parse(body, DocumentOptions)
        : throw new InvalidDataException("the body is not valid UTF-8");

    /// <summary>A member's value; undefined where there is none, or the element is no object.</summary>
    private protected static JsonElement Member(JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>The first of two that is there.</summary>
    private protected static JsonElement Or(JsonElement first, JsonElement second) =>
        first.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? second : first;

    /// <summary>What a list holds; nothing where there is no list.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    private protected static JsonElement.ArrayEnumerator Items(JsonElement list) =>
        list.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? default : list.EnumerateArray();

    /// <summary>A text's characters; null where it is none.</summary>
    private protected static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Fills the fields of one event, which is an object.</summary>
/// <returns>Why it is no interaction; null: it is one.</returns>
internal delegate Ignored? ReadEvent(JsonElement item, InteractionFields fields);
