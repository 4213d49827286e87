using System.Globalization;
using System.Text;
using CsCheck;
using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Count;

/// <summary>Records that no collector wrote must not stop a partition: a Kafka topic is open to others.</summary>
public sealed class LoggedInteractionTests
{
    private const string Time = "\"received\":\"2026-11-24T05:29:48Z\"";

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"id\":\"i\",\"app\":\"a\",\"type\":\"t\"}")]
    [InlineData("{\"id\":\"\",\"app\":\"a\",\"type\":\"t\"," + Time + "}")]
    [InlineData("{\"id\":\"i\",\"type\":\"t\"," + Time + "}")]
    [InlineData("{\"id\":\"i\",\"app\":\"a\"," + Time + "}")]
    [InlineData("{\"id\":5,\"app\":\"a\",\"type\":\"t\"," + Time + "}")]
    [InlineData("{\"id\":\"\\ud800\",\"app\":\"a\",\"type\":\"t\"," + Time + "}")]
    [InlineData("{\"id\":\"i\",\"app\":\"a\",\"type\":\"t\"," + Time + "} x")]
    [InlineData("{\"id\":\"i\",\"app\":\"a\",\"type\":\"t\"," + Time)]
    [InlineData("{\"id\":\"i\",\"app\":\"a\",\"type\":\"t\",\"received\":\"now\"}")]
    [InlineData("{\"id\":\"i\",\"app\":\"a\",\"type\":\"t\",\"received\":5}")]
    [InlineData("{\"id\":\"i\",\"app\":\"a\",\"type\":\"t\",\"received\":\"1969-12-31T23:59:59Z\"}")]
    [InlineData("{\"id\":\"i\",\"app\":\"a\",\"type\":\"t\",\"received\":\"2999-12-31T23:59:59Z\"}")]
    [InlineData("{\"id\":\"i\",\"app\":\"a\",\"type\":\"t\",\"value\":-1," + Time + "}")]
    [InlineData("{\"id\":\"i\",\"app\":\"a\",\"type\":\"t\",\"value\":\"1\"," + Time + "}")]
    [InlineData("{\"id\":\"i\",\"app\":\"a\",\"type\":\"t\",\"value\":79228162514264337593543950335," + Time + "}")]
    public void What_is_no_interaction_is_unreadable(string record) => Assert.False(CanRead(Encoding.UTF8.GetBytes(record)));

    [Fact]
    public void Fields_may_stand_in_any_order_with_others_between()
    {
        var record = Encoding.UTF8.GetBytes($$"""{"x":[{}],{{Time}},"type":"t","properties":{"id":"no"},"app":"a","id":"\u0069"}""");
        Assert.True(LoggedInteraction.TryRead(record, new byte[LoggedInteraction.ScratchBytes], out var interaction));
        Assert.Equal("i", Encoding.UTF8.GetString(interaction.Id));
        Assert.Equal(-1, interaction.OwnTime);
        Assert.Null(interaction.Value);
    }

    [Fact]
    public void Text_that_is_no_utf8_is_unreadable() =>
        Assert.False(CanRead([.. "{\"id\":\""u8, 0xFF, .. Encoding.UTF8.GetBytes("\",\"app\":\"a\",\"type\":\"t\"," + Time + "}")]));

    [Fact]
    public void Fields_longer_than_a_collector_writes_are_unreadable()
    {
        Assert.True(CanRead(WithTarget(new string('x', LoggedInteraction.MaxFieldBytes))));
        Assert.False(CanRead(WithTarget(new string('x', LoggedInteraction.MaxFieldBytes + 1))));
    }

    [Fact]
    public void More_escaped_text_than_there_is_room_for_is_unreadable()
    {
        var escaped = "\"target\":\"\\u0061" + new string('x', 1000) + "\",";
        Assert.False(CanRead(Encoding.UTF8.GetBytes(
            "{" + string.Concat(Enumerable.Repeat(escaped, 20)) + "\"id\":\"i\",\"app\":\"a\",\"type\":\"t\"," + Time + "}")));
    }

    [Theory]
    [InlineData("019ab3a0-0000-7000-8000-000000000001", 0x019ab3a00000)]
    [InlineData("019AB3A0-00ff-7000-8000-000000000001", 0x019ab3a000ff)]
    [InlineData("019ab3a0-0000-4000-8000-000000000001", 1_795_498_188_000)]
    [InlineData("019ab3a0-000x-7000-8000-000000000001", 1_795_498_188_000)]
    [InlineData("019ab3a0-0000-7000-8000-00000000000", 1_795_498_188_000)]
    public void Own_time_is_the_ids_if_it_says_one(string id, long expected)
    {
        var record = Encoding.UTF8.GetBytes(
            $$"""{"id":"{{id}}","app":"a","type":"t",{{Time}},"at":"2026-11-24T05:29:48Z"}""");
        Assert.True(LoggedInteraction.TryRead(record, new byte[LoggedInteraction.ScratchBytes], out var interaction));
        Assert.Equal(expected, interaction.OwnTime);
    }

    [Theory]
    [InlineData("\"019ab3a0-0000-7000-8000-000000000001\"", "7", 0x019ab3a00000, 7)]
    [InlineData("\"019ab3a0\\u002d0000-7000-8000-000000000001\"", "7", 0x019ab3a00000, 7)]
    [InlineData("\"019ab3a0-0000-4000-8000-000000000001\"", "7", -1, 7)]
    [InlineData("\"\\ud800\"", "-7", -1, 0)]
    [InlineData("\"\\u0000\"", "0", -1, 0)]
    [InlineData("{\"n\":5}", "[1]", -1, 0)]
    [InlineData("null", "1.5", -1, 0)]
    [InlineData("5", "4294967297", -1, 0)]
    public void View_and_number_are_read_and_what_others_have_of_those_names_is_passed_over(string view, string number, long began, int expected)
    {
        var record = Encoding.UTF8.GetBytes($$"""{"id":"i","app":"a","type":"t",{{Time}},"view":{{view}},"n":{{number}},"at":"2026-11-24T05:29:48Z"}""");
        Assert.True(LoggedInteraction.TryRead(record, new byte[LoggedInteraction.ScratchBytes], out var interaction));
        Assert.Equal((began, expected), (interaction.ViewBegan, interaction.Number));
        Assert.True(interaction.OwnTime > 0);
    }

    [Fact]
    public void No_record_stops_a_partition()
    {
        var valid = new Logged("i", 5) { Visitor = "v", Value = 1.5m, View = Logged.Uuid(1, 5), Number = 2 }.ToBytes();
        var mutated = Gen.Select(Gen.Int[0, valid.Length], Gen.Int[0, 9], Gen.OneOf<byte[]>(
            Gen.Byte.Array[0, 3],
            Gen.OneOf("\\ud800", "\"", "{", "}", "e300", "99999999999999999999", "\\u0000", ",\"value\":1e28").Select(Encoding.UTF8.GetBytes)));
        Gen.Select(mutated.Array[0, 2], Gen.Int[0, 1500]).Array[1, 8].Sample(records =>
        {
            var partition = new PartitionCount(0, Checkpoint.None, new CountOptions { MaxSeries = 3 }, new SipHash(1, 2));
            for (var position = 0; position < records.Length; position++)
            {
                var value = valid.ToList();
                foreach (var (at, remove, insert) in records[position].Item1)
                {
                    var start = Math.Min(at, value.Count);
                    value.RemoveRange(start, Math.Min(remove, value.Count - start));
                    value.InsertRange(start, insert);
                }

                partition.Apply(new LoggedRecord(position, value.ToArray()));
            }

            Assert.Equal(records.Length, partition.TakeCommit().Position);
        }, iter: 10_000);
    }

    [Fact]
    public void Longest_labels_that_are_no_text_do_not_stop_a_partition()
    {
        var partition = new PartitionCount(0, Checkpoint.None, new CountOptions(), new SipHash(1, 2));
        byte[] field = [.. Enumerable.Repeat((byte)0xFF, LoggedInteraction.MaxFieldBytes)];
        partition.Apply(new LoggedRecord(0, (byte[])[
            .. "{\"id\":\"i\",\"app\":\""u8, .. field, .. "\",\"type\":\""u8, .. field, .. "\",\"target\":\""u8, .. field,
            .. "\",\"page\":\""u8, .. field, .. Encoding.UTF8.GetBytes("\"," + Time + "}")]));
        Assert.Equal(1, partition.Position);
    }

    private static byte[] WithTarget(string target) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $$"""{"id":"i","app":"a","type":"t","target":"{{target}}",{{Time}}}"""));

    private static bool CanRead(byte[] record) =>
        LoggedInteraction.TryRead(record, new byte[LoggedInteraction.ScratchBytes], out _);
}
