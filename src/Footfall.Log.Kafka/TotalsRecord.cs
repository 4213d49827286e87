using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Confluent.Kafka;

namespace Footfall.Log.Kafka;

/// <summary>
/// A record of the totals topic. A total: key <c>[3,"series"]</c>, value <c>{"total":123.45}</c>, exact, never with an
/// exponent. A partition's checkpoint: key <c>[3]</c>, value Count's state as it is, header <c>position</c> in digits,
/// header <c>transactional.id</c> of who committed it.
/// </summary>
internal static class TotalsRecord
{
    private const string PositionHeader = "position";
    private const string CommitterHeader = "transactional.id";

    // As a person would write it: keys are read in kcat, and compaction needs one spelling for one series.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static Message<byte[]?, byte[]> Of(int partition, in Total total)
    {
        var buffer = new ArrayBufferWriter<byte>(32 + (total.Series.Length * 2));
        using var writer = new Utf8JsonWriter(buffer, Plain);
        writer.WriteStartArray();
        writer.WriteNumberValue(partition);
        writer.WriteStringValue(total.Series);
        writer.WriteEndArray();
        writer.Flush();
        var key = buffer.WrittenSpan.ToArray();
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        writer.WriteStartObject();
        writer.WriteNumber("total"u8, total.Value);
        writer.WriteEndObject();
        writer.Flush();
        return new() { Key = key, Value = buffer.WrittenSpan.ToArray() };
    }

    public static Message<byte[]?, byte[]> Of(in PartitionCommit commit, string transactionalId)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(commit.Position, digits, out var length);
        return new()
        {
            Key = Encoding.ASCII.GetBytes($"[{commit.Partition}]"),
            Value = commit.State.ToArray(),
            Headers =
            [
                new Header(PositionHeader, digits[..length].ToArray()),
                new Header(CommitterHeader, Encoding.UTF8.GetBytes(transactionalId)),
            ],
        };
    }

    /// <summary>False when the key is of neither kind: written by another, or by a later version.</summary>
    public static bool TryReadKey(ReadOnlySpan<byte> key, out string? series)
    {
        series = null;
        try
        {
            var reader = new Utf8JsonReader(key);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray
                || !reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.Read())
            {
                return false;
            }

            if (reader.TokenType == JsonTokenType.String)
            {
                series = reader.GetString();
                return reader.Read() && reader.TokenType == JsonTokenType.EndArray;
            }

            return reader.TokenType == JsonTokenType.EndArray;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    public static bool TryReadTotal(ReadOnlySpan<byte> value, out decimal total)
    {
        total = 0;
        try
        {
            var reader = new Utf8JsonReader(value);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && reader.Read() && reader.ValueTextEquals("total"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out total);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    public static long? ReadPosition(Headers? headers) =>
        headers is not null && headers.TryGetLastBytes(PositionHeader, out var digits)
            && Utf8Parser.TryParse(digits, out long position, out var read) && read == digits.Length ? position : null;

    /// <summary>The transactional id of who committed a checkpoint; null when it does not say.</summary>
    public static string? ReadCommitter(Headers? headers) =>
        headers is not null && headers.TryGetLastBytes(CommitterHeader, out var id) ? Encoding.UTF8.GetString(id) : null;
}
