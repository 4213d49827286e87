using Confluent.Kafka;
using Footfall.Count;
using Footfall.Log;
using Footfall.Log.Kafka;
using Footfall.Log.Sqlite;
using Footfall.Testing;

namespace Footfall.Log.Tests;

/// <summary>A Kafka log counted again beside its metrics instances.</summary>
public sealed class KafkaScanTests(KafkaBroker broker)
{
    private const int Records = 300;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_committed_is_what_is_recounted()
    {
        KafkaBroker.SkipUnlessReal("transactions");
        await using var fixture = await CountedAsync();

        var recounted = await RecountAsync(fixture.Options);

        Assert.Equal(Records, recounted.Sum(partition => partition.Records));
        Assert.Equal(Records / 3, recounted.SelectMany(partition => partition.Totals).Where(total => total.Series.Kind == "duplicates").Sum(total => total.Recounted));
        Assert.All(recounted.SelectMany(partition => partition.Totals), total => Assert.Equal(total.Committed, total.Recounted));
    }

    [Fact]
    public async Task What_comes_after_the_checkpoint_and_what_is_not_committed_is_passed_over()
    {
        KafkaBroker.SkipUnlessReal("transactions");
        await using var fixture = await CountedAsync();
        await AppendAsync(fixture, Records, Records + 100);
        using var died = KafkaClient.DieWithinCommit(fixture.Options, "died", 1, ("""[1,"[\"unreadable\"]"]""", """{"total":9}"""), offset: null);

        var recounted = await RecountAsync(fixture.Options);

        Assert.Equal(Records, recounted.Sum(partition => partition.Records));
        Assert.All(recounted.SelectMany(partition => partition.Totals), total => Assert.Equal(total.Committed, total.Recounted));
    }

    [Fact]
    public async Task A_total_that_somebody_wrote_is_found()
    {
        KafkaBroker.SkipUnlessReal("transactions");
        await using var fixture = await CountedAsync();
        using (var stranger = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = fixture.Options.BootstrapServers }).Build())
        {
            await stranger.ProduceAsync(
                new TopicPartition(fixture.Options.TotalsTopic, 2),
                new() { Key = """[2,"[\"interactions\",\"shop\",\"click\",\"t2\",\"/\"]"]""", Value = """{"total":1000}""" },
                Token);
        }

        var recounted = await RecountAsync(fixture.Options);

        var (series, committed, _) = Assert.Single(
            recounted.SelectMany(partition => partition.Totals), total => total.Committed != total.Recounted);
        Assert.Equal(new("interactions", "shop", "click", "t2", "/"), series);
        Assert.Equal(1000, committed);
    }

    [Fact]
    public async Task What_retention_took_is_gone()
    {
        KafkaBroker.SkipUnlessReal("deleting records");
        await using var fixture = await CountedAsync();
        var partition = (await RecountAsync(fixture.Options)).First(partition => partition.Position > 2);
        using var admin = KafkaClient.Admin(fixture.Options);
        await admin.DeleteRecordsAsync([new(fixture.Options.InteractionsTopic, partition.Partition, 2)]);

        var left = (await RecountAsync(fixture.Options)).Single(left => left.Partition == partition.Partition);

        Assert.Equal((2, partition.Position - 2), (left.Gone, left.Records));
        Assert.Equal(0, left.MissingCount);
    }

    [Fact]
    public async Task A_topic_that_is_not_there_is_told()
    {
        await using var fixture = await KafkaFixture.CreateAsync(broker, topics: false);
        KafkaBroker.SkipUnlessReal("topics that are not there");
        using var scan = new KafkaScan(fixture.Options, TimeProvider.System);
        var error = await Assert.ThrowsAsync<LogException>(() => scan.CheckpointsAsync(Token));
        Assert.Contains(fixture.Options.TotalsTopic, error.Message, StringComparison.Ordinal);
    }

    /// <summary>A log of repeats, counted to its end.</summary>
    private async Task<KafkaFixture> CountedAsync()
    {
        var fixture = await KafkaFixture.CreateAsync(broker);
        await AppendAsync(fixture, 0, Records);
        var follower = new Follower(await fixture.OpenConsumerAsync(), fixture.Patience);
        await follower.UntilAsync(() => follower.Count == Records);
        foreach (var (partition, records) in follower.Records)
        {
            var count = new PartitionCount(partition, Checkpoint.None, new CountOptions(), new SipHash(1, 2));
            foreach (var (position, value) in records)
            {
                count.Apply(new LoggedRecord(position, value));
            }

            Assert.Equal(CommitResult.Committed, await follower.Consumer.CommitAsync([count.TakeCommit()], Token));
        }

        return fixture;
    }

    private static async Task AppendAsync(KafkaFixture fixture, int from, int below)
    {
        var log = await fixture.OpenLogAsync();
        var records = Enumerable.Range(from, below - from).Select(i => new Logged($"id-{(i % 3 == 2 ? i - 1 : i)}", i)
        {
            Target = $"t{i % 5}", Value = 0.1m, Visitor = $"v{i / 3 % 20}",
        }.ToRecord()).ToArray();
        Assert.Equal(AppendResult.Durable, await log.AppendAsync(records, Token));
    }

    private static async Task<List<RecountedPartition>> RecountAsync(KafkaLogOptions options)
    {
        using var scan = new KafkaScan(options, TimeProvider.System);
        using var recount = SqliteRecount.OpenEmpty(new(1_000_000, 86_400));
        var recounted = new List<RecountedPartition>();
        foreach (var (partition, first, checkpoint) in await scan.CheckpointsAsync(Token))
        {
            recount.Begin(partition, checkpoint, first);
            foreach (var records in scan.Records(partition, first, checkpoint.Position ?? 0, Token))
            {
                recount.Add(records);
            }

            recounted.Add(recount.End());
        }

        return recounted;
    }
}
