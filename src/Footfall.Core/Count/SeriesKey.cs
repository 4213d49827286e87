using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Footfall.Count;

/// <summary>What a total counts. The names stand in the log's totals; they are never renamed.</summary>
public enum TotalKind
{
    /// <summary>Interactions of a series.</summary>
    Interactions,

    /// <summary>The sum of their values.</summary>
    Value,

    /// <summary>Repeats of an app's interactions, dropped.</summary>
    Duplicates,

    /// <summary>Interactions that came later than the duplicate window can see; counted.</summary>
    Late,

    /// <summary>Interactions counted in <c>(other)</c> since the series cap was reached.</summary>
    Overflowed,

    /// <summary>Records of the partition that are no interaction.</summary>
    Unreadable,

    /// <summary>Records of the partition that the log had dropped before they were counted.</summary>
    Missed,

    /// <summary>1 once the series of <see cref="Interactions"/> has been shown as 0 to who scrapes.</summary>
    Announced,

    /// <summary>1 once the series of <see cref="Value"/> has been shown as 0 to who scrapes.</summary>
    AnnouncedValue,

    /// <summary>Interactions of an app that page views numbered and that never came, below the last that did.</summary>
    Unseen,

    /// <summary>Visitors who reached a step of a funnel.</summary>
    Funnel,

    /// <summary>1 once the series of <see cref="Funnel"/> has been shown as 0 to who scrapes.</summary>
    AnnouncedFunnel,
}

/// <summary>One total's name: what it counts, and one combination of labels ("" where a kind has no such label).</summary>
public sealed record SeriesKey(TotalKind Kind, string App = "", string Type = "", string Target = "", string Page = "")
{
    /// <summary>The label for all that is beyond a cap.</summary>
    public const string Other = "(other)";

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Names = ["interactions", "value", "duplicates", "late", "overflowed", "unreadable", "missed", "announced", "announcedValue", "unseen", "funnel", "announcedFunnel"];

    /// <summary>Whether the kind has the labels type, target and page.</summary>
    public bool HasTarget => Kind is TotalKind.Interactions or TotalKind.Value or TotalKind.Announced or TotalKind.AnnouncedValue;

    /// <summary>Whether it is of a funnel's step, see <see cref="OfFunnel"/>.</summary>
    public bool HasStep => Kind is TotalKind.Funnel or TotalKind.AnnouncedFunnel;

    /// <summary>The label <c>funnel</c>, where it has a step.</summary>
    public string Funnel => HasStep ? Type : "";

    /// <summary>The label <c>step</c>, where it has one.</summary>
    public string Step => HasStep ? Target : "";

    /// <summary>The name of a step's total: its funnel stands in the place of the type, and the step in that of the target.</summary>
    public static SeriesKey OfFunnel(string app, string funnel, string step) => new(TotalKind.Funnel, app, funnel, step);

    /// <summary>The name as the log keeps it: a JSON array, such as <c>["interactions","demo","click","Buy Now","/"]</c>.</summary>
    public string ToText()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, WriterOptions))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(Names[(int)Kind]);
            if (Kind is not (TotalKind.Unreadable or TotalKind.Missed))
            {
                writer.WriteStringValue(App);
            }

            if (HasTarget)
            {
                writer.WriteStringValue(Type);
                writer.WriteStringValue(Target);
                writer.WriteStringValue(Page);
            }

            if (HasStep)
            {
                writer.WriteStringValue(Funnel);
                writer.WriteStringValue(Step);
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Reads <see cref="ToText"/>'s form; null for a kind that this version does not know.</summary>
    /// <exception cref="FormatException">Not that form.</exception>
    public static SeriesKey? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var parts = document.RootElement.EnumerateArray().Select(part => part.GetString() ?? "").ToArray();
            var kind = Array.IndexOf(Names, parts[0]);
            string Part(int i) => parts.Length > i ? parts[i] : "";
            return kind < 0 ? null : new SeriesKey((TotalKind)kind, Part(1), Part(2), Part(3), Part(4));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new FormatException($"a total's series is not a JSON array of texts: {text}", e);
        }
    }
}
