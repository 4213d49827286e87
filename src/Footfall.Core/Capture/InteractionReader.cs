using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Footfall.Capture;

/// <summary>How a request's body is laid out.</summary>
public enum BodyForm
{
    /// <summary>One JSON value (object or array); where it is several objects in a row, lines.</summary>
    Json,

    /// <summary>One JSON object a line (NDJSON); a line that can't be read is rejected alone.</summary>
    Lines,
}

/// <summary>
/// Turns a request's bytes into records: checks, cleans, names and stamps each interaction, and writes it as the log
/// keeps it. What it keeps of a call (types, minutes) changes no answer of another; safe to share.
/// </summary>
public sealed class InteractionReader(CurrentApps apps, TimeProvider time)
{
    /// <summary>Interactions' types are few; beyond this many a new one is made each time instead of kept.</summary>
    private const int KnownTypes = 1_000;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = CaptureLimits.JsonDepth };

    private readonly ConcurrentDictionary<string, string> _types = new(StringComparer.Ordinal);
    private JsonWrite.Minute? _receivedMinute;
    private JsonWrite.Minute? _atMinute;

    /// <summary>A reader for apps that stay as they are.</summary>
    public InteractionReader(AppTable apps, TimeProvider time)
        : this(new CurrentApps(apps), time)
    {
    }

    /// <summary>Reads a body that has been decompressed.</summary>
    /// <param name="body">At most as long as the collector's body limit.</param>
    /// <param name="form">From the content type.</param>
    /// <param name="sender">Who sent it.</param>
    public CapturedBatch Read(ReadOnlyMemory<byte> body, BodyForm form, Sender sender)
    {
        var bytes = WithoutMark(body).Span;
        var start = body.Length - bytes.Length;
        var batch = new CapturedBatch(bytes.Length);
        using var scratch = new Scratch(1024);
        var pass = NewPass(batch, scratch, sender);
        if (form == BodyForm.Lines)
        {
            pass.ReadLines(bytes, start, Utf8.IsValid(bytes));
        }
        else
        {
            pass.ReadJson(bytes, start);
        }

        if (batch.Unreadable is null && batch.Received == 0)
        {
            batch.Unreadable = "there is no interaction in the body";
        }

        return batch;
    }

    /// <summary>Reads a body in somebody else's format; one without an event is no mistake.</summary>
    /// <param name="body">At most as long as the collector's body limit, decompressed.</param>
    /// <param name="dialect">How it is laid out, and what its events mean.</param>
    /// <param name="sender">Who sent it.</param>
    public CapturedBatch Read(ReadOnlyMemory<byte> body, Dialect dialect, Sender sender)
    {
        var batch = new CapturedBatch(body.Length);
        using var scratch = new Scratch(1024);
        NewPass(batch, scratch, sender).ReadDialect(WithoutMark(body), dialect, body.Length);
        return batch;
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body) => body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;

    private Pass NewPass(CapturedBatch batch, Scratch scratch, Sender sender)
    {
        var pass = new Pass(this, batch, new InteractionFields(scratch), scratch, sender, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (sender.Key is { } key)
        {
            pass.UseKey(Encoding.UTF8.GetBytes(key));
        }

        return pass;
    }

    private AppTable Apps => apps.Table;

    private string CloudEventType(ReadOnlySpan<byte> type)
    {
        Span<char> chars = stackalloc char[CaptureLimits.TypeLength];
        var name = chars[..Encoding.UTF8.GetChars(type, chars)];
        if (_types.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var known))
        {
            return known;
        }

        var text = string.Concat(CloudEvents.TypePrefix, name);
        if (_types.Count < KnownTypes)
        {
            _types.TryAdd(name.ToString(), text);
        }

        return text;
    }

    /// <summary>One request's reading.</summary>
    internal sealed class Pass(
        InteractionReader owner, CapturedBatch batch, InteractionFields fields, Scratch scratch, Sender sender, long now)
    {
        private readonly AppTable _apps = owner.Apps;
        private App? _checkedApp;
        private bool _checkedAllowed;
        private App? _keysApp;
        private bool _keyIsUnknown;
        private string _type = CloudEvents.TypePrefix; // of the last interaction, as a CloudEvent
        private int _start; // in the body, of what the JSON reader has before it
        private Range _place; // of the interaction at hand

        /// <summary>The request's write key; where no app has one it says nothing.</summary>
        public void UseKey(ReadOnlySpan<byte> utf8Key)
        {
            _keysApp = _apps.FindByKey(utf8Key);
            _keyIsUnknown = _keysApp is null && _apps.HasKeys;
        }

        public void ReadJson(ReadOnlySpan<byte> body, int start)
        {
            _start = start;
            if (!Utf8.IsValid(body))
            {
                batch.Unreadable = "the body is not valid UTF-8";
                return;
            }

            if (fields.TryReadPlain(body))
            {
                _place = start..(start + body.Length);
                Judge();
                return;
            }

            var reader = new Utf8JsonReader(body, ReaderOptions);
            try
            {
                if (!reader.Read() || reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
                {
                    batch.Unreadable = "the body must be a JSON object, an array of objects, or one object a line";
                    return;
                }

                if (reader.TokenType == JsonTokenType.StartArray)
                {
                    ReadArray(ref reader);
                    reader.Read(); // to the body's end: anything after the array is an error
                    return;
                }

                // An object: the whole body, or the first of several lines.
                ReadFields(ref reader);
                if (body[(int)reader.BytesConsumed..].IndexOfAnyExcept(" \t\r\n"u8) < 0)
                {
                    Judge();
                    return;
                }
            }
            catch (JsonException e)
            {
                if (body.IndexOf((byte)'\n') < 0 || body.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..])
                {
                    batch.Unreadable = Describe(e);
                    return;
                }
            }

            ReadLines(body, start, isValid: true);
        }

        public void ReadDialect(ReadOnlyMemory<byte> body, Dialect dialect, int length)
        {
            _place = ..length; // where an event stands in somebody else's envelope is not known
            try
            {
                dialect.Read(body, this);
            }
            catch (JsonException e)
            {
                batch.Unreadable = Describe(e);
            }
            catch (InvalidDataException e)
            {
                batch.Unreadable = e.Message;
            }
            catch (InvalidOperationException)
            {
                // A list that is none, or half a surrogate pair in a name around the events.
                batch.Unreadable = "the body is not laid out as its format says";
            }
        }

        /// <summary>Whether an event has to name its app: there are several, and no write key names it.</summary>
        public bool NeedsAppName => _keysApp is null && _apps.Default is null;

        /// <summary>The next event of a dialect: taken, rejected or ignored.</summary>
        public void Take(JsonElement item, ReadEvent read)
        {
            if (batch.TooMany)
            {
                return;
            }

            fields.Clear();
            if (item.ValueKind != JsonValueKind.Object)
            {
                RejectAs(null, RejectReason.Malformed);
                return;
            }

            try
            {
                if (read(item, fields) is { } ignored)
                {
                    Ignore(ignored);
                    return;
                }
            }
            catch (InvalidOperationException)
            {
                fields.Reject(RejectReason.Malformed);
            }

            Judge();
        }

        /// <param name="body">One object a line.</param>
        /// <param name="start">Where it begins in what was sent.</param>
        /// <param name="isValid">Whether all of it is valid UTF-8; else some lines may be.</param>
        public void ReadLines(ReadOnlySpan<byte> body, int start, bool isValid)
        {
            var whole = start + body.Length;
            while (!body.IsEmpty && !batch.TooMany)
            {
                var end = body.IndexOf((byte)'\n');
                var line = (end < 0 ? body : body[..end]).TrimStart(" \t\r"u8);
                _start = whole - (end < 0 ? 0 : body.Length - end) - line.Length;
                line = line.TrimEnd(" \t\r"u8);
                _place = _start..(_start + line.Length);
                body = end < 0 ? default : body[(end + 1)..];
                if (!line.IsEmpty)
                {
                    ReadLine(line, isValid);
                }
            }

            // One line, and not even that was JSON: the sender meant something else.
            if (batch.Received == 1 && batch.Rejections is [{ Reason: RejectReason.Malformed }])
            {
                batch.Unreadable = "the body is not JSON";
            }
        }

        private static string Describe(JsonException e)
        {
            var place = e.LineNumber is { } line ? $", line {line + 1}, byte {e.BytePositionInLine}" : "";
            return $"the body is not JSON: {e.Message.Split(". LineNumber", 2)[0].TrimEnd('.')}{place}";
        }

        private void ReadArray(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray && !batch.TooMany)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadOne(ref reader);
                }
                else
                {
                    var start = reader.TokenStartIndex;
                    reader.Skip();
                    _place = Place(start, reader.BytesConsumed);
                    RejectAs(null, RejectReason.Malformed);
                }
            }
        }

        private void ReadLine(ReadOnlySpan<byte> line, bool isValid)
        {
            if ((isValid || Utf8.IsValid(line)) && (fields.TryReadPlain(line) || TryReadObject(line)))
            {
                Judge();
            }
            else
            {
                RejectAs(null, RejectReason.Malformed);
            }
        }

        /// <summary>Reads the fields of a line that is one object, and nothing after it.</summary>
        private bool TryReadObject(ReadOnlySpan<byte> line)
        {
            var reader = new Utf8JsonReader(line, ReaderOptions);
            try
            {
                if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                {
                    return false;
                }

                fields.Read(ref reader);
                return !reader.Read();
            }
            catch (JsonException)
            {
                return false;
            }
        }

        private void ReadOne(ref Utf8JsonReader reader)
        {
            ReadFields(ref reader);
            Judge();
        }

        private void ReadFields(ref Utf8JsonReader reader)
        {
            var start = reader.TokenStartIndex;
            fields.Read(ref reader);
            _place = Place(start, reader.BytesConsumed);
        }

        /// <summary>What has been read is taken, or rejected for the first thing that is wrong; a wrong key comes before all.</summary>
        private void Judge()
        {
            var app = FindApp();
            if (!KeyFits(app))
            {
                RejectAs(app, RejectReason.InvalidKey);
                return;
            }

            if (app is null)
            {
                fields.Reject(RejectReason.UnknownApp);
            }
            else if (!Allowed(app))
            {
                fields.Reject(RejectReason.OriginNotAllowed);
            }

            if (!IsOfPage() && fields.Target is not { IsEmpty: false })
            {
                fields.Reject(RejectReason.InvalidTarget);
            }

            if (fields.Wrong is { } reason)
            {
                RejectAs(app, reason);
            }
            else if (CountOne())
            {
                if (sender.Bot != BotKind.None && app!.Bots == BotPolicy.Drop)
                {
                    batch.SetAside(app, sender.Bot);
                    return;
                }

                Write(app!);
            }
        }

        /// <summary>Whether it tells of the page as a whole, and so needs no target.</summary>
        private bool IsOfPage() =>
            fields.Type is { } type && (scratch[type].SequenceEqual("view"u8) || scratch[type].SequenceEqual("leave"u8));

        private Range Place(long start, long end) => (_start + (int)start)..(_start + (int)end);

        private void RejectAs(App? app, RejectReason reason)
        {
            if (CountOne())
            {
                batch.Reject(app, reason, _place);
            }
        }

        private void Ignore(Ignored kind)
        {
            if (CountOne())
            {
                batch.Ignore(kind);
            }
        }

        private bool CountOne()
        {
            batch.TooMany |= batch.Events >= CaptureLimits.BatchCount;
            return !batch.TooMany;
        }

        private App? FindApp() => fields.App is { } name ? _apps.Find(scratch[name]) : _keysApp ?? _apps.Default;

        private bool KeyFits(App? app) =>
            !_keyIsUnknown && (app is null || app == _keysApp || (_keysApp is null && app.Key is null));

        private bool Allowed(App app)
        {
            if (!ReferenceEquals(app, _checkedApp))
            {
                (_checkedApp, _checkedAllowed) = (app, app.Allows(sender.Origin));
            }

            return _checkedAllowed;
        }

        /// <summary>
        /// The record, in this order: what Count reads stands first. Id and key follow it as plain bytes. The key is the
        /// visitor, so that their interactions keep their order, else the view, so that its numbers are in one place, else
        /// the id: a repeat always meets its first try.
        /// </summary>
        private void Write(App app)
        {
            // Before any text is looked at, for it may move them all.
            var pageLabel = fields.Page is { IsEmpty: false } page ? PageLabel(app, page) : (Slot?)null;
            var output = batch.Output;
            var start = output.Length;
            output.Append("{\"id\":"u8);
            Span<byte> made = stackalloc byte[36];
            var id = fields.Id is { } sent ? scratch[sent] : MakeId(made);
            WriteText(id);
            output.Append(",\"app\":"u8);
            WriteText(app.Utf8Name.Span);
            output.Append(",\"type\":"u8);
            var type = fields.Type is { } given ? scratch[given] : "click"u8;
            WriteText(type);
            if (fields.Target is { IsEmpty: false } target)
            {
                output.Append(",\"target\":"u8);
                WriteText(scratch[target]);
            }

            if (pageLabel is { } label)
            {
                output.Append(",\"page\":"u8);
                JsonWrite.Text(output, scratch[label]); // a pattern's text may be in it, which is not the sender's
            }

            WriteOptional(",\"visitor\":"u8, fields.Visitor);
            output.Append(",\"received\":"u8);
            JsonWrite.Time(output, now, ref owner._receivedMinute);
            if (fields.Value is { } value)
            {
                output.Append(",\"value\":"u8);
                JsonWrite.Number(output, value);
            }

            output.Append(",\"at\":"u8);
            JsonWrite.Time(output, fields.At is { } at ? OwnClock.Read(at, sender.ClockBehind ?? (sender.Came ?? now) - fields.SentAt, now, ref batch.Clocks) : now, ref owner._atMinute);
            WriteOptional(",\"view\":"u8, fields.View);
            if (fields.Number is { } number)
            {
                output.Append(",\"n\":"u8);
                JsonWrite.Number(output, number);
            }

            WriteOptional(",\"session\":"u8, fields.Session);
            if (fields.Properties is { } properties)
            {
                output.Append(",\"properties\":"u8);
                output.Append(scratch[properties]);
            }

            output.Append((byte)'}');
            var record = output.Since(start);
            var idStart = output.Length;
            output.Append(id);
            var idSlot = output.Since(idStart);
            var key = idSlot;
            if ((fields.Visitor ?? fields.View) is { } together)
            {
                var keyStart = output.Length;
                output.Append(scratch[together]);
                key = output.Since(keyStart);
            }

            batch.ShortenedTargets += fields.TargetShortened ? 1 : 0;
            batch.ShortenedProperties += fields.PropertiesShortened ? 1 : 0;
            batch.Take(app, record, idSlot, key, now, CloudEventType(type));
        }

        private void WriteOptional(ReadOnlySpan<byte> name, Slot? text)
        {
            if (text is { } slot)
            {
                batch.Output.Append(name);
                WriteText(scratch[slot]);
            }
        }

        private void WriteText(ReadOnlySpan<byte> utf8)
        {
            if (fields.IsPlain)
            {
                JsonWrite.PlainText(batch.Output, utf8);
            }
            else
            {
                JsonWrite.Text(batch.Output, utf8);
            }
        }

        private string CloudEventType(ReadOnlySpan<byte> type)
        {
            if (!Ascii.Equals(type, _type.AsSpan(CloudEvents.TypePrefix.Length)))
            {
                _type = owner.CloudEventType(type);
            }

            return _type;
        }

        /// <summary>In the scratch, which may move by that.</summary>
        private Slot PageLabel(App app, Slot page)
        {
            var room = scratch.Reserve(app.Pages.MaxBytes(page.Length));
            var start = scratch.Length;
            scratch.Advance(app.Pages.Normalise(scratch[page], room));
            var label = Labels.Clean(scratch, scratch.Since(start), CaptureLimits.PageLength, out var shortened);
            batch.ShortenedPages += shortened ? 1 : 0;
            return label;
        }

        /// <summary>For a sender that gives none: a UUIDv7 (RFC 9562). Its repeats can't be told from new ones.</summary>
        private ReadOnlySpan<byte> MakeId(Span<byte> destination)
        {
            Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(now)).TryFormat(destination, out _);
            return destination;
        }
    }
}
