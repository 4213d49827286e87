using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Footfall.Capture;

/// <summary>
/// Reads one interaction's fields, each checked and cleaned as it comes; what was wrong first is remembered and the
/// rest read on, so that the next interaction of the batch is found.
/// </summary>
internal sealed class InteractionFields(Scratch scratch)
{
    // A dialect's document has been read whole, within its own bound.
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = CaptureLimits.DocumentDepth + 1 };

    /// <summary>In the order in which footfall.js writes them.</summary>
    private static readonly (byte[] Name, Field Field)[] Names =
    [
        ("id"u8.ToArray(), Field.Id),
        ("app"u8.ToArray(), Field.App),
        ("type"u8.ToArray(), Field.Type),
        ("target"u8.ToArray(), Field.Target),
        ("page"u8.ToArray(), Field.Page),
        ("visitor"u8.ToArray(), Field.Visitor),
        ("view"u8.ToArray(), Field.View),
        ("n"u8.ToArray(), Field.Number),
        ("at"u8.ToArray(), Field.At),
        ("value"u8.ToArray(), Field.Value),
        ("properties"u8.ToArray(), Field.Properties),
        ("session"u8.ToArray(), Field.Session),
    ];

    private int _nextName;
    private bool _hasHalfPair;

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

    /// <summary>When the sender's clock says it was sent; nothing where it says none that can be read.</summary>
    public long? SentAt { get; private set; }

    public decimal? Value { get; private set; }

    /// <summary>Already JSON.</summary>
    public Slot? Properties { get; private set; }

    public bool TargetShortened { get; private set; }

    public bool PropertiesShortened { get; private set; }

    public RejectReason? Wrong { get; private set; }

    /// <summary>Whether no text has anything that JSON escapes.</summary>
    public bool IsPlain { get; private set; }

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
                _hasHalfPair = true;
                SkipToDepth(ref reader, depth);
            }
        }
    }

    /// <summary>
    /// Reads an object in the form in which browsers' own <c>JSON.stringify</c> writes one of texts and whole numbers, as nearly
    /// all are: without blanks and escapes. Faster than a JSON reader, which looks for what may be anywhere.
    /// </summary>
    /// <param name="json">Valid UTF-8; in another form it is for <see cref="Read(ref Utf8JsonReader)"/>.</param>
    public bool TryReadPlain(ReadOnlySpan<byte> json)
    {
        var plain = new PlainJson(json);
        if (!plain.TryPass("{\""u8) || !PlainJson.Is(json))
        {
            return false;
        }

        Clear();
        scratch.Append(json); // a text's place is the same there
        do
        {
            if (!plain.TryText(out var name) || !plain.TryPass(":"u8) || !TryReadPlain(FieldOf(name.Of(json)), ref plain))
            {
                return false;
            }
        }
        while (plain.TryPass(",\""u8));

        IsPlain = plain.IsAtLast;
        return IsPlain;
    }

    /// <summary>Reads a field's value as a dialect has it; what is not there, or null, is a field that is not there.</summary>
    public void Set(Field field, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Undefined)
        {
            SetJson(field, JsonMarshal.GetRawUtf8Value(value));
        }
    }

    /// <summary>Reads all fields of an object that is an interaction in our own form.</summary>
    public void SetAll(JsonElement item)
    {
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(item), AnyDepth);
        reader.Read();
        Read(ref reader);
    }

    /// <summary>Reads a field's value from a text of the dialect's own, or that did not come as JSON.</summary>
    public void Set(Field field, ReadOnlySpan<byte> utf8)
    {
        using var json = new Scratch(utf8.Length + 16);
        JsonWrite.Text(json, utf8);
        SetJson(field, json[json.Since(0)]);
    }

    /// <summary>Reads a field's value from JSON: one value, in valid UTF-8.</summary>
    public void SetJson(Field field, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, AnyDepth);
        Read(field, ref reader);
    }

    public void Reject(RejectReason? reason) => Wrong ??= reason;

    /// <summary>For the next interaction.</summary>
    public void Clear()
    {
        scratch.Reset();
        Id = App = Type = Target = Page = Visitor = Session = View = Properties = null;
        At = SentAt = null;
        Number = null;
        Value = null;
        TargetShortened = PropertiesShortened = false;
        Wrong = null;
        IsPlain = false;
        _nextName = 0;
        _hasHalfPair = false;
    }

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

    private void ReadField(ref Utf8JsonReader reader)
    {
        // It is rejected, and whose it is can be told by what has no escapes. An exception for each of a body's fields
        // would keep a core busy for a second.
        if (_hasHalfPair && (reader.ValueIsEscaped || !IsPlainApp(reader)))
        {
            reader.Read();
            reader.Skip();
            return;
        }

        if (FieldOf(ref reader) is { } field)
        {
            Read(field, ref reader);
            return;
        }

        // A field of a later version, or somebody's own: not ours to refuse.
        reader.Read();
        reader.Skip();
    }

    /// <summary>Looks ahead, with a reader of its own.</summary>
    private bool IsPlainApp(Utf8JsonReader reader) => FieldOf(ref reader) == Field.App && reader.Read() && !reader.ValueIsEscaped;

    private Field? FieldOf(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return FieldOf(reader.ValueSpan);
        }

        foreach (var (name, field) in Names)
        {
            if (reader.ValueTextEquals(name))
            {
                return field;
            }
        }

        return null;
    }

    /// <summary>Looks first for the one that follows the last.</summary>
    private Field? FieldOf(ReadOnlySpan<byte> name)
    {
        for (var tries = 0; tries < Names.Length; tries++)
        {
            var (known, field) = Names[_nextName];
            _nextName = _nextName + 1 < Names.Length ? _nextName + 1 : 0;
            if (name.SequenceEqual(known))
            {
                return field;
            }
        }

        return null;
    }

    /// <returns>False: the value has another form, or needs a closer look.</returns>
    private bool TryReadPlain(Field? field, ref PlainJson json)
    {
        if (json.TryPass("\""u8))
        {
            return json.TryText(out var text) && (field is not { } named || TrySet(named, text));
        }

        return json.TryNumber(out var number) && (field is not { } numbered || TrySet(numbered, number));
    }

    /// <summary>Why a text field is wrong whose value is another thing; null: it is no text field.</summary>
    private static RejectReason? WrongText(Field field) => field switch
    {
        Field.Id => RejectReason.InvalidId,
        Field.App => RejectReason.UnknownApp,
        Field.Type => RejectReason.InvalidType,
        Field.Target => RejectReason.InvalidTarget,
        Field.Page => RejectReason.InvalidPage,
        Field.Visitor => RejectReason.InvalidVisitor,
        Field.Session => RejectReason.InvalidSession,
        Field.View => RejectReason.InvalidView,
        _ => null,
    };

    /// <summary>The one way in for a field's JSON, whoever's format it comes from.</summary>
    private void Read(Field field, ref Utf8JsonReader reader)
    {
        if (WrongText(field) is { } wrong)
        {
            Set(field, Text(ref reader, wrong), wrong);
            return;
        }

        switch (field)
        {
            case Field.Number:
                Number = Place(ref reader);
                break;
            case Field.At:
                At = Time(ref reader, out var isWrong);
                Reject(isWrong ? RejectReason.InvalidAt : null);
                break;
            case Field.SentAt:
                SentAt = Time(ref reader, out _);
                break;
            case Field.Value:
                Value = Amount(ref reader);
                break;
            case Field.Properties:
                Properties = FlatObject(ref reader, leaveOut: false);
                break;
            default:
                Properties = FlatObject(ref reader, leaveOut: true);
                break;
        }
    }

    /// <summary>The one way in for a text field's text.</summary>
    /// <param name="field">One that has a text.</param>
    /// <param name="text">Null: it is not there.</param>
    /// <param name="wrong">The reason where it does not fit.</param>
    private void Set(Field field, Slot? text, RejectReason wrong)
    {
        switch (field)
        {
            case Field.Id:
                Id = Identity(text, CaptureLimits.IdLength, wrong);
                Reject(text is { IsEmpty: true } ? wrong : null);
                break;
            case Field.App:
                App = text;
                break;
            case Field.Type:
                Type = text;
                Reject(text is { } word && !IsWord(scratch[word]) ? wrong : null);
                break;
            case Field.Target:
                Target = TargetLabel(text);
                break;
            case Field.Page:
                Page = text;
                break;
            case Field.Visitor:
                Visitor = Identity(text, CaptureLimits.VisitorLength, wrong);
                break;
            case Field.Session:
                Session = Identity(text, CaptureLimits.VisitorLength, wrong);
                break;
            default:
                View = Identity(text, CaptureLimits.ViewLength, wrong);
                break;
        }
    }

    /// <returns>False: not a text's field.</returns>
    private bool TrySet(Field field, Slot text)
    {
        if (WrongText(field) is not { } wrong)
        {
            return false;
        }

        Set(field, text, wrong);
        return true;
    }

    /// <returns>False: not a number's field, or the number is one that needs a closer look.</returns>
    private bool TrySet(Field field, long number)
    {
        switch (field)
        {
            case Field.At when number <= CaptureLimits.MaxUnixMilliseconds:
                At = number;
                return true;
            case Field.Number when number is > 0 and <= int.MaxValue:
                Number = (int)number;
                return true;
            case Field.Value when number <= CaptureLimits.Value:
                Value = number;
                return true;
            default:
                return false;
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

    private Slot? TargetLabel(Slot? text)
    {
        var shortened = false;
        Slot? label = text is { } raw ? Labels.Clean(scratch, raw, CaptureLimits.TargetLength, out shortened) : null;
        TargetShortened = shortened;
        return label;
    }

    /// <returns>Null also for an empty one.</returns>
    private Slot? Identity(Slot? text, int maxLength, RejectReason wrong)
    {
        if (text is not { IsEmpty: false } slot)
        {
            return null;
        }

        Reject(IsIdentity(scratch[slot], maxLength) ? null : wrong);
        return slot;
    }

    /// <summary>Whether valid UTF-8 is not too long and has no controls, as in labels; printable ASCII, which ids are, is passed over at once.</summary>
    private static bool IsIdentity(ReadOnlySpan<byte> text, int maxLength)
    {
        var at = text.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E);
        return at < 0 ? text.Length <= maxLength : Labels.Length(text) <= maxLength && !HasControl(text[at..]);
    }

    private static bool HasControl(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var consumed);
            if (Rune.IsControl(rune))
            {
                return true;
            }

            text = text[consumed..];
        }

        return false;
    }

    private long? Time(ref Utf8JsonReader reader, out bool isWrong)
    {
        isWrong = false;
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;

            case JsonTokenType.Number when reader.TryGetDouble(out var number) && number is >= 0 and <= CaptureLimits.MaxUnixMilliseconds:
                // A double holds milliseconds of these years exactly; a fraction (performance.now) is cut off.
                return (long)number;

            case JsonTokenType.String when HasOffset(scratch[Copy(ref reader)])
                && reader.TryGetDateTimeOffset(out var time) && time.ToUnixTimeMilliseconds() >= 0:
                return time.ToUnixTimeMilliseconds();

            default:
                isWrong = true;
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

    /// <param name="reader">Before the object.</param>
    /// <param name="leaveOut">Whether what does not fit is left out, for the event did happen, instead of being a reason to reject it.</param>
    private Slot? FlatObject(ref Utf8JsonReader reader, bool leaveOut)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            Unfit(leaveOut);
            reader.Skip();
            return null;
        }

        var start = scratch.Length;
        scratch.Append((byte)'{');
        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var end = scratch.Length;
            if (Wrong is null && count < CaptureLimits.Properties && TryProperty(ref reader, isFirst: count == 0))
            {
                count++;
                continue;
            }

            scratch.Advance(end - scratch.Length);
            Unfit(leaveOut);
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                reader.Read();
            }

            reader.Skip();
        }

        scratch.Append((byte)'}');
        return count == 0 ? null : scratch.Since(start);
    }

    private void Unfit(bool leaveOut)
    {
        PropertiesShortened |= leaveOut;
        Reject(leaveOut ? null : RejectReason.InvalidProperties);
    }

    private bool TryProperty(ref Utf8JsonReader reader, bool isFirst)
    {
        if (!isFirst)
        {
            scratch.Append((byte)',');
        }

        if (!TryPropertyText(ref reader, CaptureLimits.PropertyNameLength))
        {
            return false;
        }

        scratch.Append((byte)':');
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return TryPropertyText(ref reader, CaptureLimits.PropertyTextLength);

            case JsonTokenType.Number when reader.ValueSpan.Length <= CaptureLimits.PropertyNameLength:
            case JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null:
                scratch.Append(reader.ValueSpan);
                return true;

            default:
                return false;
        }
    }

    private bool TryPropertyText(ref Utf8JsonReader reader, int maxLength)
    {
        var raw = new byte[reader.ValueSpan.Length];
        var length = reader.CopyString(raw);
        var text = raw.AsSpan(0, length);
        if (Labels.Length(text) > maxLength)
        {
            return false;
        }

        JsonWrite.Text(scratch, text);
        return true;
    }
}
