using System.Text.Json;

namespace Footfall.Server.Capture.Doctor;

/// <summary>What a collector says to an interaction that it does not take (docs/reference/http-api.md).</summary>
/// <param name="Refusal">The reason for the whole request.</param>
/// <param name="Rejected">The reason for its first interaction; null: it did not come to that.</param>
public sealed record CollectorAnswer(string Refusal, string? Rejected)
{
    /// <summary>Reads it; null: this is no collector's answer.</summary>
    public static CollectorAnswer? Read(Visit answer)
    {
        if (answer.IsCut || answer.MediaType != "application/problem+json")
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "reason") is not { } refusal)
            {
                return null;
            }

            var isList = root.TryGetProperty("rejected", out var rejected) && rejected.ValueKind == JsonValueKind.Array && rejected.GetArrayLength() > 0;
            return new CollectorAnswer(refusal, isList ? Text(rejected[0], "reason") : null);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
