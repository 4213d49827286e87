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
/// keeps it. Holds no state between calls; safe to share.
/// </summary>
public sealed class InteractionReader(CurrentApps apps, TimeProvider time)
{
    /// <summary>Interactions' types are few; beyond this many a new one is made each time instead of kept.</summary>
    private const int KnownTypes = 1_000;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = CaptureLimits.JsonDepth };

    private readonly ConcurrentDictionary<string, string> _types = new(StringComparer.Ordinal);

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
        var bytes = body.Span;
        var start = bytes.StartsWith("\uFEFF"u8) ? 3 : 0;
        bytes = bytes[start..];
        var batch = new CapturedBatch(bytes.Length);
        using var scratch = new Scratch(1024);
        var pass = new Pass(this, batch, new InteractionFields(scratch), scratch, sender, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (form == BodyForm.Lines)
        {
            pass.ReadLines(bytes, start);
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
    private sealed class Pass(
        InteractionReader owner, CapturedBatch batch, InteractionFields fields, Scratch scratch, Sender sender, long now)
    {
        private readonly AppTable _apps = owner.Apps;
        private App? _checkedApp;
        private bool _checkedAllowed;
        private int _start; // in the body, of what the JSON reader has before it
        private Range _place; // of the interaction at hand

        public void ReadJson(ReadOnlySpan<byte> body, int start)
        {
            _start = start;
            if (!Utf8.IsValid(body))
            {
                batch.Unreadable = "the body is not valid UTF-8";
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
                var probe = reader;
                probe.Skip();
                if (body[(int)probe.BytesConsumed..].IndexOfAnyExcept(" \t\r\n"u8) < 0)
                {
                    ReadOne(ref reader);
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

            ReadLines(body, start);
        }

        public void ReadLines(ReadOnlySpan<byte> body, int start)
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
                    ReadLine(line);
                }
            }

            // One line, and not even that was JSON: the sender meant something else.
            if (batch.Received == 1 && batch.Rejections is [{ Reason: RejectReason.Malformed }])
            {
                batch.Unreadable = "the body is not JSON";
            }
        }

        private static string Describe(JsonException e) =>
            $"the body is not JSON: {e.Message.Split(". LineNumber", 2)[0].TrimEnd('.')}, line {e.LineNumber + 1}, byte {e.BytePositionInLine}";

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

        private void ReadLine(ReadOnlySpan<byte> line)
        {
            if (!Utf8.IsValid(line))
            {
                RejectAs(null, RejectReason.Malformed);
                return;
            }

            var reader = new Utf8JsonReader(line, ReaderOptions);
            try
            {
                // The whole line is walked first: a record is written only when there is nothing after it.
                var probe = reader;
                if (!probe.Read() || probe.TokenType != JsonTokenType.StartObject)
                {
                    RejectAs(null, RejectReason.Malformed);
                    return;
                }

                probe.Skip();
                probe.Read();
            }
            catch (JsonException)
            {
                RejectAs(null, RejectReason.Malformed);
                return;
            }

            reader.Read();
            ReadOne(ref reader);
        }

        private void ReadOne(ref Utf8JsonReader reader)
        {
            var start = reader.TokenStartIndex;
            fields.Read(ref reader);
            _place = Place(start, reader.BytesConsumed);
            var app = FindApp();
            if (app is null)
            {
                fields.Reject(RejectReason.UnknownApp);
            }
            else if (!Allowed(app))
            {
                fields.Reject(RejectReason.OriginNotAllowed);
            }

            var isView = fields.Type is { } type && scratch[type].SequenceEqual("view"u8);
            if (!isView && fields.Target is not { IsEmpty: false })
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

        private Range Place(long start, long end) => (_start + (int)start)..(_start + (int)end);

        private void RejectAs(App? app, RejectReason reason)
        {
            if (CountOne())
            {
                batch.Reject(app, reason, _place);
            }
        }

        private bool CountOne()
        {
            batch.TooMany |= batch.Received >= CaptureLimits.BatchCount;
            return !batch.TooMany;
        }

        private App? FindApp() => fields.App is { } name ? _apps.Find(scratch[name]) : _apps.Default;

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
        /// visitor, so that their interactions keep their order, else the id: a repeat always meets its first try.
        /// </summary>
        private void Write(App app)
        {
            var output = batch.Output;
            var start = output.Length;
            output.Append("{\"id\":"u8);
            Span<byte> made = stackalloc byte[36];
            var id = fields.Id is { } sent ? scratch[sent] : MakeId(made);
            JsonWrite.Text(output, id);
            output.Append(",\"app\":"u8);
            JsonWrite.Text(output, app.Utf8Name.Span);
            output.Append(",\"type\":"u8);
            var type = fields.Type is { } given ? scratch[given] : "click"u8;
            JsonWrite.Text(output, type);
            if (fields.Target is { IsEmpty: false } target)
            {
                output.Append(",\"target\":"u8);
                JsonWrite.Text(output, scratch[target]);
            }

            if (fields.Page is { IsEmpty: false } page)
            {
                WritePage(app, scratch[page]);
            }

            WriteOptional(",\"visitor\":"u8, fields.Visitor);
            output.Append(",\"received\":"u8);
            JsonWrite.Time(output, now);
            if (fields.Value is { } value)
            {
                output.Append(",\"value\":"u8);
                JsonWrite.Number(output, value);
            }

            output.Append(",\"at\":"u8);
            JsonWrite.Time(output, fields.At is { } at ? OwnClock.Read(at, sender.ClockBehind, now, ref batch.Clocks) : now);
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
            if (fields.Visitor is { } visitor)
            {
                var keyStart = output.Length;
                output.Append(scratch[visitor]);
                key = output.Since(keyStart);
            }

            batch.ShortenedTargets += fields.TargetShortened ? 1 : 0;
            batch.Take(app, record, idSlot, key, now, owner.CloudEventType(type));
        }

        private void WriteOptional(ReadOnlySpan<byte> name, Slot? text)
        {
            if (text is { } slot)
            {
                batch.Output.Append(name);
                JsonWrite.Text(batch.Output, scratch[slot]);
            }
        }

        private void WritePage(App app, ReadOnlySpan<byte> page)
        {
            var rented = ArrayPool<byte>.Shared.Rent(app.Pages.MaxBytes(page.Length));
            var path = rented.AsSpan(0, app.Pages.Normalise(page, rented));
            var label = ArrayPool<byte>.Shared.Rent(Labels.MaxBytes(path.Length, CaptureLimits.PageLength));
            var length = Labels.Clean(path, label, CaptureLimits.PageLength, out var shortened);
            batch.ShortenedPages += shortened ? 1 : 0;
            batch.Output.Append(",\"page\":"u8);
            JsonWrite.Text(batch.Output, label.AsSpan(0, length));
            ArrayPool<byte>.Shared.Return(label);
            ArrayPool<byte>.Shared.Return(rented);
        }

        /// <summary>For a sender that gives none: a UUIDv7 (RFC 9562). Its repeats can't be told from new ones.</summary>
        private ReadOnlySpan<byte> MakeId(Span<byte> destination)
        {
            Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(now)).TryFormat(destination, out _);
            return destination;
        }
    }
}
