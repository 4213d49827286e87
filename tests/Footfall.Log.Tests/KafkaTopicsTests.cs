using Confluent.Kafka.Admin;
using Footfall.Log;
using Footfall.Log.Kafka;

namespace Footfall.Log.Tests;

public sealed class KafkaTopicsTests(KafkaBroker broker)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Missing_topics_are_made_with_their_settings_and_found_again()
    {
        KafkaBroker.SkipUnlessReal("topic settings");
        await using var fixture = await KafkaFixture.CreateAsync(broker, topics: false);
        var options = fixture.Options with { Partitions = 3, Retention = TimeSpan.FromDays(7) };

        Assert.Equal(3, await KafkaTopics.EnsureAsync(options, Wait, null, TimeProvider.System, Token));
        Assert.Equal(3, await KafkaTopics.EnsureAsync(options with { Partitions = 5 }, Wait, null, TimeProvider.System, Token));

        using var admin = KafkaClient.Admin(options);
        Assert.Equal(
            "delete 604800000 LogAppendTime",
            await SettingsAsync(admin, options.InteractionsTopic, "cleanup.policy", "retention.ms", "message.timestamp.type"));
        Assert.Equal(
            "compact 16777216 0.1",
            await SettingsAsync(admin, options.TotalsTopic, "cleanup.policy", "segment.bytes", "min.cleanable.dirty.ratio"));
    }

    [Fact]
    public async Task Of_topics_that_do_not_fit_all_reasons_are_told()
    {
        KafkaBroker.SkipUnlessReal("topic settings");
        await using var fixture = await KafkaFixture.CreateAsync(broker, topics: false);
        var options = fixture.Options;
        using var admin = KafkaClient.Admin(options);
        await admin.CreateTopicsAsync(
        [
            new()
            {
                Name = options.InteractionsTopic,
                NumPartitions = 3,
                Configs = new(StringComparer.Ordinal) { ["cleanup.policy"] = "compact,delete", ["max.message.bytes"] = "50000" },
            },
            new() { Name = options.TotalsTopic, NumPartitions = 2 },
        ]);

        var error = await Assert.ThrowsAsync<UnfitTopicsException>(
            () => KafkaTopics.EnsureAsync(options, Wait, null, TimeProvider.System, Token));

        Assert.Equal(
            $"Kafka at {options.BootstrapServers}: {options.InteractionsTopic} has 3 partitions and {options.TotalsTopic} has 2; they must be as many; "
            + $"{options.InteractionsTopic} has cleanup.policy=compact,delete; with 'compact' interactions would be lost; "
            + $"{options.InteractionsTopic} has max.message.bytes=50000; what is sent at once may have 1000000; "
            + $"{options.TotalsTopic} has cleanup.policy=delete; without 'compact' alone totals would be lost.",
            error.Message);
    }

    [Fact]
    public async Task A_broker_that_can_not_be_reached_is_told_and_waited_for()
    {
        var options = new KafkaLogOptions { BootstrapServers = "127.0.0.1:9" };
        var told = new List<KafkaEvent>();

        var error = await Assert.ThrowsAsync<LogException>(
            () => KafkaTopics.EnsureAsync(options, TimeSpan.FromSeconds(1), told.Add, TimeProvider.System, Token));

        Assert.StartsWith("Kafka at 127.0.0.1:9 was not ready within 1 s: ", error.Message, StringComparison.Ordinal);
        Assert.True(told.Count <= 1);
    }

    [Fact]
    public void Wrong_options_are_told_all_at_once_with_their_values()
    {
        var options = new KafkaLogOptions
        {
            BootstrapServers = "",
            TotalsTopic = "a b",
            Partitions = 0,
            TransactionTimeout = TimeSpan.FromMinutes(3),
            Linger = TimeSpan.FromSeconds(6),
            Producer = new Dictionary<string, string>(StringComparer.Ordinal) { ["acks"] = "1" },
        };

        Assert.Equal(
            """
            BootstrapServers is empty
            TotalsTopic is 'a b', not 1 to 249 of a-z A-Z 0-9 . _ -
            Partitions is 0, not within 1 and 1000
            Linger is 00:00:06, not below DeliveryTimeout (00:00:05)
            TransactionTimeout is 00:03:00, not below half of max.poll.interval.ms (00:01:00)
            Producer sets 'acks', which the adapter sets itself
            """,
            string.Join('\n', options.Errors()));
        Assert.Throws<LogException>(options.Checked);
    }

    [Theory]
    [InlineData("nope.x", "1")]
    [InlineData("security.protocol", "xx")]
    [InlineData("ssl.ca.location", "/nope", "security.protocol", "ssl")]
    public void What_the_client_does_not_take_is_told_with_the_map_that_has_it(params string[] settings)
    {
        var passed = settings.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);

        Assert.StartsWith("Producer: ", Assert.Single(new KafkaLogOptions { BootstrapServers = "localhost:1", Producer = passed }.Refused()), StringComparison.Ordinal);
        Assert.StartsWith("Consumer: ", Assert.Single(new KafkaLogOptions { BootstrapServers = "localhost:1", Consumer = passed }.Refused()), StringComparison.Ordinal);
        Assert.Empty(new KafkaLogOptions { BootstrapServers = "localhost:1" }.Refused());
    }

    private static async Task<string> SettingsAsync(Confluent.Kafka.IAdminClient admin, string topic, params string[] names)
    {
        var result = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = topic }]);
        return string.Join(' ', names.Select(name => result[0].Entries[name].Value));
    }
}
