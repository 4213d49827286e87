using System.Text.Json;

namespace Footfall.Capture;

/// <summary>
/// Reads one interaction's fields, each checked and cleaned as it comes; what was wrong first is remembered and the
/// rest read on, so that the next interaction of the batch is found.
/// </summary>
internal sealed class InteractionFields(Scratch scratch)
{
    private const long MaxUnixMilliseconds = 253_402_300_799_999; // the end of 9999

    public Slot? Id { get; private set; }

    public Slot? App { get; private set; }

    public Slot? Type { get; private set; }

    public Slot? Target { get; private set; }

    /// <summary>As sent: which patterns normalise it depends on the app.</summary>
    public Slot? Page { get; private set; }

    public Slot? Visitor { get; private set; }

    public Slot? Session { get; private set; }

    public Slot? View { get; private set; }

    /// <summary>Its place among the interactions of its view.</summary>
    public int? Number { get; private set; }

    public long? At { get; private set; }

    public decimal? Value { get; private set; }

    /// <summary>Already JSON.</summary>
    public Slot? Properties { get; private set; }

    public bool TargetShortened { get; private set; }

    public RejectReason? Wrong { get; private set; }

    /// <summary>Reads from a start of object to its end.</summary>
    /// <exception cref="JsonException">The JSON is broken; nothing after it can be read.</exception>
    public void Read(ref Utf8JsonReader reader)
    {
        Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var depth = reader.CurrentDepth;
            try
            {
                ReadField(ref reader);
            }
            catch (InvalidOperationException)
            {
                // Half a surrogate pair in an escape: JSON's grammar has it, Unicode has not.
                Reject(RejectReason.Malformed);
                SkipToDepth(ref reader, depth);
            }
        }
    }

    public void Reject(RejectReason reason) => Wrong ??= reason;

    private static bool IsWord(ReadOnlySpan<byte> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'_' or (byte)'-' or (byte)'.' or (byte)':'))
            {
                return false;
            }
        }

        return !text.IsEmpty && text.Length <= CaptureLimits.TypeLength;
    }

    private static void SkipToDepth(ref Utf8JsonReader reader, int depth)
    {
        while (reader.CurrentDepth > depth)
        {
            reader.Read();
        }

        reader.Skip();
    }

    private void Clear()
    {
        scratch.Reset();
        Id = App = Type = Target = Page = Visitor = Session = View = Properties = null;
        At = null;
        Number = null;
        Value = null;
        TargetShortened = false;
        Wrong = null;
    }

    private void ReadField(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("id"u8))
        {
            Id = Identity(ref reader, CaptureLimits.IdLength, RejectReason.InvalidId, emptyIsWrong: true);
        }
        else if (reader.ValueTextEquals("type"u8))
        {
            Type = Word(ref reader);
        }
        else if (reader.ValueTextEquals("target"u8))
        {
            Target = TargetLabel(ref reader);
        }
        else if (reader.ValueTextEquals("page"u8))
        {
            Page = Text(ref reader, RejectReason.InvalidPage);
        }
        else if (reader.ValueTextEquals("visitor"u8))
        {
            Visitor = Identity(ref reader, CaptureLimits.VisitorLength, RejectReason.InvalidVisitor, emptyIsWrong: false);
        }
        else if (reader.ValueTextEquals("at"u8))
        {
            At = Time(ref reader);
        }
        else if (reader.ValueTextEquals("app"u8))
        {
            App = Text(ref reader, RejectReason.UnknownApp);
        }
        else if (reader.ValueTextEquals("session"u8))
        {
            Session = Identity(ref reader, CaptureLimits.VisitorLength, RejectReason.InvalidSession, emptyIsWrong: false);
        }
        else if (reader.ValueTextEquals("value"u8))
        {
            Value = Amount(ref reader);
        }
        else if (reader.ValueTextEquals("properties"u8))
        {
            Properties = FlatObject(ref reader);
        }
        else if (reader.ValueTextEquals("view"u8))
        {
            View = Identity(ref reader, CaptureLimits.ViewLength, RejectReason.InvalidView, emptyIsWrong: false);
        }
        else if (reader.ValueTextEquals("n"u8))
        {
            Number = Place(ref reader);
        }
        else
        {
            // A field of a later version, or somebody's own: not ours to refuse.
            reader.Read();
            reader.Skip();
        }
    }

    /// <summary>A text's bytes, unescaped; null stands for a field that is not there.</summary>
    private Slot? Text(ref Utf8JsonReader reader, RejectReason wrong)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            Reject(wrong);
            reader.Skip();
            return null;
        }

        return Copy(ref reader);
    }

    private Slot Copy(ref Utf8JsonReader reader)
    {
        var start = scratch.Length;
        scratch.Advance(reader.CopyString(scratch.Reserve(reader.ValueSpan.Length)));
        return scratch.Since(start);
    }

    private Slot? Identity(ref Utf8JsonReader reader, int maxLength, RejectReason wrong, bool emptyIsWrong)
    {
        if (Text(ref reader, wrong) is not { } slot)
        {
            return null;
        }

        var text = scratch[slot];
        if (Labels.Length(text) > maxLength || text.ContainsAnyInRange((byte)0, (byte)0x1F) || (emptyIsWrong && slot.IsEmpty))
        {
            Reject(wrong);
        }

        return slot.IsEmpty ? null : slot;
    }

    private Slot? Word(ref Utf8JsonReader reader)
    {
        var slot = Text(ref reader, RejectReason.InvalidType);
        if (slot is { } word && !IsWord(scratch[word]))
        {
            Reject(RejectReason.InvalidType);
        }

        return slot;
    }

    private Slot? TargetLabel(ref Utf8JsonReader reader)
    {
        TargetShortened = false;
        if (Text(ref reader, RejectReason.InvalidTarget) is not { } raw)
        {
            return null;
        }

        var room = scratch.Reserve(Labels.MaxBytes(raw.Length, CaptureLimits.TargetLength));
        var start = scratch.Length;
        scratch.Advance(Labels.Clean(scratch[raw], room, CaptureLimits.TargetLength, out var shortened));
        TargetShortened = shortened;
        return scratch.Since(start);
    }

    private long? Time(ref Utf8JsonReader reader)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;

            case JsonTokenType.Number when reader.TryGetDouble(out var number) && number is >= 0 and <= MaxUnixMilliseconds:
                // A double holds milliseconds of these years exactly; a fraction (performance.now) is cut off.
                return (long)number;

            case JsonTokenType.String when HasOffset(scratch[Copy(ref reader)])
                && reader.TryGetDateTimeOffset(out var time) && time.ToUnixTimeMilliseconds() >= 0:
                return time.ToUnixTimeMilliseconds();

            default:
                Reject(RejectReason.InvalidAt);
                reader.Skip();
                return null;
        }
    }

    /// <summary>Ends in Z, ±hh:mm or ±hhmm; without one a time would mean the server's own zone.</summary>
    private static bool HasOffset(ReadOnlySpan<byte> text) =>
        text.Length > 10 && (text[^1] is (byte)'Z' or (byte)'z' || text[10..].IndexOfAny((byte)'+', (byte)'-') >= 0);

    private int? Place(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && number > 0)
        {
            return number;
        }

        Reject(RejectReason.InvalidN);
        reader.Skip();
        return null;
    }

    private decimal? Amount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out var value) && value is >= 0 and <= CaptureLimits.Value)
        {
            return Math.Round(value, CaptureLimits.ValueDecimals, MidpointRounding.ToEven);
        }

        Reject(RejectReason.InvalidValue);
        reader.Skip();
        return null;
    }

    private Slot? FlatObject(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Reject(RejectReason.InvalidProperties);
            reader.Skip();
            return null;
        }

        var start = scratch.Length;
        scratch.Append((byte)'{');
        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (++count > CaptureLimits.Properties)
            {
                Reject(RejectReason.InvalidProperties);
            }

            if (Wrong is not null)
            {
                reader.Read();
                reader.Skip();
                continue;
            }

            if (count > 1)
            {
                scratch.Append((byte)',');
            }

            PropertyText(ref reader, CaptureLimits.PropertyNameLength);
            scratch.Append((byte)':');
            reader.Read();
            PropertyValue(ref reader);
        }

        scratch.Append((byte)'}');
        return count == 0 ? null : scratch.Since(start);
    }

    private void PropertyValue(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                PropertyText(ref reader, CaptureLimits.PropertyTextLength);
                break;

            case JsonTokenType.Number when reader.ValueSpan.Length <= CaptureLimits.PropertyNameLength:
            case JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null:
                scratch.Append(reader.ValueSpan);
                break;

            default:
                Reject(RejectReason.InvalidProperties);
                reader.Skip();
                break;
        }
    }

    private void PropertyText(ref Utf8JsonReader reader, int maxLength)
    {
        var raw = new byte[reader.ValueSpan.Length];
        var length = reader.CopyString(raw);
        var text = raw.AsSpan(0, length);
        if (Labels.Length(text) > maxLength)
        {
            Reject(RejectReason.InvalidProperties);
            return;
        }

        JsonWrite.Text(scratch, text);
    }
}
