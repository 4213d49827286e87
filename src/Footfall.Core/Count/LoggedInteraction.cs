using System.Text.Json;
using System.Text.Unicode;
using Footfall.Capture;

namespace Footfall.Count;

/// <summary>What Count reads of a record. Spans are valid as long as the record and the scratch.</summary>
public ref struct LoggedInteraction
{
    /// <summary>Labels longer than this did not come through a collector.</summary>
    public const int MaxFieldBytes = 1024;

    /// <summary>Scratch that <see cref="TryRead"/> needs.</summary>
    public const int ScratchBytes = 8 * MaxFieldBytes;

    /// <summary>2106-02-07: the log's time is kept in 32 bits of seconds.</summary>
    internal const long MaxReceived = uint.MaxValue * 1000L;

    private Span<byte> _scratch;
    private bool _wrong;

    /// <summary>Identity, with <see cref="App"/>.</summary>
    public ReadOnlySpan<byte> Id { get; private set; }

    /// <summary>The app.</summary>
    public ReadOnlySpan<byte> App { get; private set; }

    /// <summary>The type.</summary>
    public ReadOnlySpan<byte> Type { get; private set; }

    /// <summary>The target, or empty.</summary>
    public ReadOnlySpan<byte> Target { get; private set; }

    /// <summary>The page, or empty.</summary>
    public ReadOnlySpan<byte> Page { get; private set; }

    /// <summary>The visitor, or empty.</summary>
    public ReadOnlySpan<byte> Visitor { get; private set; }

    /// <summary>When a collector took it, Unix milliseconds.</summary>
    public long Received { get; private set; }

    /// <summary>When it happened by its own account, Unix milliseconds: of a UUIDv7 id, else of <c>at</c>.</summary>
    public long OwnTime { get; private set; }

    /// <summary>The page view that it belongs to, or empty.</summary>
    public ReadOnlySpan<byte> View { get; private set; }

    /// <summary>When the view began by its own account, Unix milliseconds: of a UUIDv7; -1: it does not say.</summary>
    public long ViewBegan { get; private set; }

    /// <summary>Its place among the interactions of the view, from 1; 0: it has none.</summary>
    public int Number { get; private set; }

    /// <summary>Its value, if it has one.</summary>
    public decimal? Value { get; private set; }

    /// <summary>App, type, target and page in the spelling of a collector's record, which no other labels have; empty: it is spelled otherwise.</summary>
    internal ReadOnlySpan<byte> Labels { get; private set; }

    /// <summary>Takes a record's fields from where they are.</summary>
    /// <param name="json">The record.</param>
    /// <param name="form">Which was read of it.</param>
    internal LoggedInteraction(ReadOnlySpan<byte> json, scoped in CollectorForm form)
    {
        (Received, Number, Value) = (form.Received, form.Number, form.Value);
        Id = form.Id.Of(json);
        App = form.App.Of(json);
        Type = form.Type.Of(json);
        Target = form.Target.Of(json);
        Page = form.Page.Of(json);
        Visitor = form.Visitor.Of(json);
        View = form.View.Of(json);
        Labels = form.Labels.Of(json);
        OwnTime = TryUuidTime(Id, out var time) ? time : form.At;
        ViewBegan = TryUuidTime(View, out var began) ? began : -1;
    }

    /// <summary>Reads a record as <c>InteractionReader</c> writes it; fields may stand in any order.</summary>
    /// <returns>False when it is no interaction: broken JSON, or without id, app, type or time.</returns>
    public static bool TryRead(ReadOnlySpan<byte> json, Span<byte> scratch, out LoggedInteraction interaction)
    {
        interaction = new LoggedInteraction { _scratch = scratch, Received = -1, OwnTime = -1, ViewBegan = -1 };
        try
        {
            return interaction.Read(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private bool Read(ReadOnlySpan<byte> json)
    {
        // A collector writes valid UTF-8 only; what is none would be longer as a label than as a field.
        if (!Utf8.IsValid(json))
        {
            return false;
        }

        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (!_wrong && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadField(ref reader);
        }

        if (TryUuidTime(Id, out var time))
        {
            OwnTime = time;
        }

        if (TryUuidTime(View, out var began))
        {
            ViewBegan = began;
        }

        return !_wrong && !Id.IsEmpty && !App.IsEmpty && !Type.IsEmpty && Received is >= 0 and <= MaxReceived && !reader.Read();
    }

    private void ReadField(scoped ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("id"u8))
        {
            Id = Text(ref reader);
        }
        else if (reader.ValueTextEquals("app"u8))
        {
            App = Text(ref reader);
        }
        else if (reader.ValueTextEquals("type"u8))
        {
            Type = Text(ref reader);
        }
        else if (reader.ValueTextEquals("target"u8))
        {
            Target = Text(ref reader);
        }
        else if (reader.ValueTextEquals("page"u8))
        {
            Page = Text(ref reader);
        }
        else if (reader.ValueTextEquals("visitor"u8))
        {
            Visitor = Text(ref reader);
        }
        else if (reader.ValueTextEquals("received"u8))
        {
            Received = Time(ref reader);
        }
        else if (reader.ValueTextEquals("at"u8))
        {
            OwnTime = Time(ref reader);
        }
        else if (reader.ValueTextEquals("value"u8))
        {
            reader.Read();
            _wrong |= !reader.TryGetDecimal(out var value) || value is < 0 or > CaptureLimits.Value;
            Value = value;
        }
        else if (reader.ValueTextEquals("view"u8))
        {
            // No label and no identity: where others have something else of that name, the interaction counts all the same.
            View = TryText(ref reader, out var view) ? view : default;
        }
        else if (reader.ValueTextEquals("n"u8))
        {
            reader.Read();
            Number = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && number > 0 ? number : 0;
            reader.Skip();
        }
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    /// <summary>A label or an identity: without it, or with another thing in its place, the record is no interaction.</summary>
    private ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader)
    {
        _wrong |= !TryText(ref reader, out var text);
        return text;
    }

    /// <returns>False, and nothing, where the field is no text, one that is too long, or one that has what separates labels in a series' key.</returns>
    private bool TryText(scoped ref Utf8JsonReader reader, out ReadOnlySpan<byte> text)
    {
        text = default;
        reader.Read();
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > Math.Min(MaxFieldBytes, _scratch.Length))
        {
            reader.Skip();
            return false;
        }

        if (!reader.ValueIsEscaped)
        {
            text = reader.ValueSpan;
            return true;
        }

        return TryUnescape(ref reader, out text);
    }

    private bool TryUnescape(scoped ref Utf8JsonReader reader, out ReadOnlySpan<byte> text)
    {
        text = default;
        try
        {
            var unescaped = _scratch[..reader.CopyString(_scratch)];
            _scratch = _scratch[unescaped.Length..];
            if (unescaped.Contains((byte)0))
            {
                return false;
            }

            text = unescaped;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false; // half a surrogate pair
        }
    }

    private long Time(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        _wrong |= !reader.TryGetDateTimeOffset(out var time);
        return time.ToUnixTimeMilliseconds();
    }

    /// <summary>The first 48 bits of a UUID of version 7 (RFC 9562, 5.7).</summary>
    private static bool TryUuidTime(ReadOnlySpan<byte> id, out long unixMilliseconds)
    {
        unixMilliseconds = 0;
        if (id.Length != 36 || id[8] != '-' || id[13] != '-' || id[14] != '7')
        {
            return false;
        }

        var (high, low) = (HexNumber.Of(id[..8]), HexNumber.Of(id[9..13]));
        if (high < 0 || low < 0)
        {
            return false;
        }

        unixMilliseconds = (high << 16) | low;
        return true;
    }
}
