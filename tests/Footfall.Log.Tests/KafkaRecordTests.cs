using System.Text;
using Footfall.Log;
using Footfall.Log.Kafka;

namespace Footfall.Log.Tests;

public sealed class KafkaRecordTests(KafkaBroker broker)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_interaction_is_a_CloudEvent_in_binary_mode()
    {
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        var log = await fixture.OpenLogAsync();
        var record = new LogRecord(
            "ann"u8.ToArray(), """{"target":"Buy Now","value":19.90}"""u8.ToArray(), 1_790_000_000_123,
            "0196f0a2-7b1c-7000-8000-000000000001"u8.ToArray(), "/apps/shop", "click");
        Assert.Equal(AppendResult.Durable, await log.AppendAsync(new[] { record, record with { Key = default, Value = "{}"u8.ToArray(), Time = record.Time + 1_000 } }, Token));

        var records = KafkaClient.Dump(fixture.Options, fixture.Options.InteractionsTopic, 2).Order(StringComparer.Ordinal);

        Assert.Equal(
            """
            (null) = {}
              ce_specversion: 1.0
              ce_id: 0196f0a2-7b1c-7000-8000-000000000001
              ce_source: /apps/shop
              ce_type: click
              ce_time: 2026-09-21T14:13:21.123Z
              content-type: application/json
            ann = {"target":"Buy Now","value":19.90}
              ce_specversion: 1.0
              ce_id: 0196f0a2-7b1c-7000-8000-000000000001
              ce_source: /apps/shop
              ce_type: click
              ce_time: 2026-09-21T14:13:20.123Z
              content-type: application/json
            """,
            string.Join('\n', records));
    }

    [Fact]
    public async Task A_commit_is_totals_and_a_state_that_anyone_can_read()
    {
        KafkaBroker.SkipUnlessReal("records of transactions");
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        var follower = new Follower(await fixture.OpenConsumerAsync(), fixture.Patience);
        await follower.UntilOwnedAsync(fixture.Partitions);
        Assert.Equal(CommitResult.Committed, await follower.CommitAsync(
            2, 41, """{"window":[]}""", new("interactions|shop|Buy Now", 123.45m), new("\"ünï\"", 0.0000000000000000000000000001m)));

        var records = KafkaClient.Dump(fixture.Options, fixture.Options.TotalsTopic, 3).Select(
            record => record.Replace($"{fixture.Options.Group}-{fixture.Options.Instance}-1", "GROUP-INSTANCE", StringComparison.Ordinal));

        Assert.Equal(
            """
            [2,"interactions|shop|Buy Now"] = {"total":123.45}
            [2,"\"ünï\""] = {"total":0.0000000000000000000000000001}
            [2] = {"window":[]}
              position: 41
              transactional.id: GROUP-INSTANCE
            """,
            string.Join('\n', records));
    }

    [Theory]
    [InlineData("""[7,"a"]""", true, "a")]
    [InlineData("[7]", true, null)]
    [InlineData("""{"a":1}""", false, null)]
    [InlineData("""[7,"a" """, false, null)]
    [InlineData("""["a"]""", false, null)]
    [InlineData("7", false, null)]
    [InlineData("", false, null)]
    [InlineData("\u0001", false, null)]
    public void A_key_of_another_kind_is_left_alone(string key, bool ours, string? series)
    {
        Assert.Equal(ours, TotalsRecord.TryReadKey(Encoding.UTF8.GetBytes(key), out var read));
        Assert.Equal(ours ? series : null, ours ? read : null);
    }

    [Theory]
    [InlineData("""{"total":12.50}""", "12.50")]
    [InlineData("""{"total":79228162514264337593543950335}""", "79228162514264337593543950335")]
    [InlineData("""{"total":"12.50"}""", null)]
    [InlineData("""{"total":1e99}""", null)]
    [InlineData("""{"sum":1}""", null)]
    [InlineData("", null)]
    public void A_total_is_a_number_or_nothing(string value, string? total)
    {
        var read = TotalsRecord.TryReadTotal(Encoding.UTF8.GetBytes(value), out var found);
        Assert.Equal(total, read ? found.ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
    }
}
