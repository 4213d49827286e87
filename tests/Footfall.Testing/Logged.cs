using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Footfall.Log;

namespace Footfall.Testing;

/// <summary>Records as a collector writes them, seconds after a beginning.</summary>
public sealed record Logged(string Id, double Second = 0)
{
    /// <summary>2026-11-24T00:00:00Z in Unix seconds.</summary>
    public const long Beginning = 1_795_478_400;

    public string App { get; init; } = "shop";

    public string Type { get; init; } = "click";

    public string Target { get; init; } = "Buy Now";

    public string Page { get; init; } = "/";

    public string Visitor { get; init; } = "";

    public decimal? Value { get; init; }

    /// <summary>The page view that numbers it.</summary>
    public string? View { get; init; }

    /// <summary>Its place in that.</summary>
    public int Number { get; init; }

    /// <summary>When it happened by its own account; null: when it was received.</summary>
    public double? At { get; init; }

    public static DateTimeOffset Time(double second) => DateTimeOffset.FromUnixTimeMilliseconds((long)((Beginning + second) * 1000));

    /// <summary>An id that says when it was made.</summary>
    public static string Uuid(int number, double second) =>
        $"{Time(second).ToUnixTimeMilliseconds():x12}".Insert(8, "-") + $"-7000-8000-{number:x12}";

    public byte[] ToBytes()
    {
        var json = new JsonObject
        {
            ["id"] = Id,
            ["app"] = App,
            ["type"] = Type,
            ["target"] = Target,
            ["page"] = Page,
            ["visitor"] = Visitor,
            ["received"] = Text(Second),
            ["at"] = Text(At ?? Second),
        };
        if (Value is { } value)
        {
            json.Add("value", value);
        }

        if (View is not null)
        {
            json.Add("view", View);
            json.Add("n", Number);
        }

        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    public LoggedRecord AtPosition(long position) => new(position, ToBytes());

    public LogRecord ToRecord() => new(
        Encoding.UTF8.GetBytes(Visitor), ToBytes(), Time(Second).ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes(Id), "/apps/" + App, Type);

    private static string Text(double second) => Time(second).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
