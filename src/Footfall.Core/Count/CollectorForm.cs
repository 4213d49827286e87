using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Footfall.Capture;

namespace Footfall.Count;

/// <summary>
/// Where the fields are of a record in the very form in which <see cref="InteractionReader"/> writes it: in its order, without
/// blanks and escapes, as nearly all are: faster than a JSON reader, which looks for what may be anywhere. A record that deviates
/// in anything is left to <see cref="LoggedInteraction.TryRead"/>, which reads any JSON.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct CollectorForm
{
    /// <summary>For a value within the record, which as a whole may be one level deeper.</summary>
    private static readonly JsonReaderOptions Nested = new() { MaxDepth = 63 };

    public Slot Id, App, Type, Target, Page, Visitor, View;

    /// <summary>Unix milliseconds.</summary>
    public long Received, At;

    public int Number;

    public decimal? Value;

    /// <summary>
    /// From the app to the last of type, target and page, as they stand in the record; none where one is there and empty, which
    /// a collector leaves out: so that a series has one such spelling.
    /// </summary>
    public readonly Slot Labels
    {
        get
        {
            var last = !Page.IsEmpty ? Page : !Target.IsEmpty ? Target : Type;
            var isEmptyThere = (Page.IsEmpty && Page.Start > 0) || (Target.IsEmpty && Target.Start > 0);
            return isEmptyThere ? default : new Slot(App.Start, last.Start + last.Length - App.Start);
        }
    }

    /// <returns>False: it has another form, and may be an interaction all the same.</returns>
    public static bool TryRead(ReadOnlySpan<byte> json, TimeReader received, TimeReader at, out CollectorForm form)
    {
        form = default;
        return (PlainJson.IsAscii(json) || (PlainJson.Is(json) && Utf8.IsValid(json))) && form.Read(new PlainJson(json), received, at);
    }

    private bool Read(PlainJson json, TimeReader received, TimeReader at) =>
        json.TryPass("{\"id\":\""u8) && TryText(ref json, out Id) && !Id.IsEmpty
        && json.TryPass(",\"app\":\""u8) && TryText(ref json, out App) && !App.IsEmpty
        && json.TryPass(",\"type\":\""u8) && TryText(ref json, out Type) && !Type.IsEmpty
        && (!json.TryPass(",\"target\":\""u8) || TryText(ref json, out Target))
        && (!json.TryPass(",\"page\":\""u8) || TryText(ref json, out Page))
        && (!json.TryPass(",\"visitor\":\""u8) || TryText(ref json, out Visitor))
        && json.TryPass(",\"received\":\""u8) && TryTime(ref json, received, out Received) && Received is >= 0 and <= LoggedInteraction.MaxReceived
        && (!json.TryPass(",\"value\":"u8) || TryAmount(ref json, out Value))
        && json.TryPass(",\"at\":\""u8) && TryTime(ref json, at, out At)
        && (!json.TryPass(",\"view\":\""u8) || TryText(ref json, out View))
        && (!json.TryPass(",\"n\":"u8) || TryPlace(ref json, out Number))
        && (!json.TryPass(",\"session\":\""u8) || TryText(ref json, out _))
        && (!json.TryPass(",\"properties\":"u8) || TryRest(ref json))
        && json.IsAtLast;

    private static bool TryText(ref PlainJson json, out Slot text) => json.TryText(out text) && text.Length <= LoggedInteraction.MaxFieldBytes;

    private static bool TryTime(ref PlainJson json, TimeReader times, out long unixMilliseconds)
    {
        unixMilliseconds = 0;
        var text = json.Rest;
        if (text.Length <= TimeReader.Length || text[TimeReader.Length] != '"' || !times.TryRead(text[..TimeReader.Length], out unixMilliseconds))
        {
            return false;
        }

        json.Pass(TimeReader.Length + 1);
        return true;
    }

    /// <summary>An amount of money, which another field follows.</summary>
    private static bool TryAmount(ref PlainJson json, out decimal? value)
    {
        value = null;
        var text = json.Rest;
        var length = Math.Max(0, text.IndexOf((byte)','));
        if (!IsJson(text[..length], out var reader) || reader.TokenType != JsonTokenType.Number || !reader.TryGetDecimal(out var number)
            || number is < 0 or > CaptureLimits.Value)
        {
            return false;
        }

        value = number;
        json.Pass(length);
        return true;
    }

    private static bool TryPlace(ref PlainJson json, out int place)
    {
        var isPlace = json.TryNumber(out var number) && number is > 0 and <= int.MaxValue;
        place = isPlace ? (int)number : 0;
        return isPlace;
    }

    /// <summary>One JSON value that nothing but the record's end follows.</summary>
    private static bool TryRest(ref PlainJson json)
    {
        var length = json.Rest.Length - 1;
        if (length <= 0 || !IsJson(json.Rest[..length], out _))
        {
            return false;
        }

        json.Pass(length);
        return true;
    }

    /// <summary>Whether it is one JSON value and no more; the reader is at its end.</summary>
    private static bool IsJson(ReadOnlySpan<byte> text, out Utf8JsonReader reader)
    {
        reader = new Utf8JsonReader(text, Nested);
        try
        {
            reader.Read();
            reader.Skip();
            var after = reader;
            return !after.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
