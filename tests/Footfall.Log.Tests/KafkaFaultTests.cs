using System.Diagnostics;
using System.Text;
using Footfall.Log;
using Footfall.Log.Kafka;

namespace Footfall.Log.Tests;

/// <summary>What the contract can't do to a log: crash within a transaction, stall its network, lose its offsets.</summary>
public sealed class KafkaFaultTests(KafkaBroker broker)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("same")]
    [InlineData("other")]
    public async Task A_transaction_of_an_instance_that_died_is_waited_for_and_undone(string restarted)
    {
        KafkaBroker.SkipUnlessReal("read_committed");
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        using var died = KafkaClient.DieWithinCommit(fixture.Options, "same-1", 1, ("""[1,"a"]""", """{"total":9}"""), offset: null);

        var start = Stopwatch.GetTimestamp();
        var follower = new Follower(fixture.OpenConsumer(fixture.Options with { Instance = restarted }), fixture.Patience);
        await follower.UntilOwnedAsync(fixture.Partitions);

        Assert.Equal(Checkpoint.None.Totals, (await follower.Consumer.LoadAsync(1, Token)).Totals);
        Assert.True(Stopwatch.GetElapsedTime(start) < (fixture.Options.TransactionTimeout * 2) + TimeSpan.FromSeconds(10));
        Assert.Equal(CommitResult.Committed, await follower.CommitAsync(1, 1, "", new Total("a", 1)));
        Assert.Equal([new Total("a", 1)], (await follower.Consumer.LoadAsync(1, Token)).Totals);
        Assert.DoesNotContain(9, follower.Totals.Values);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task A_transaction_of_an_instance_that_committed_before_it_died_is_ended_at_once(bool total, bool offset)
    {
        KafkaBroker.SkipUnlessReal("read_committed");
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        var options = fixture.Options with
        {
            TransactionTimeout = TimeSpan.FromSeconds(25),
            Consumer = new Dictionary<string, string>(StringComparer.Ordinal) { ["heartbeat.interval.ms"] = "200" },
        };
        await using (var dying = new KafkaLogConsumer(options with { Instance = "dying" }))
        {
            var owner = new Follower(dying, fixture.Patience);
            await owner.UntilOwnedAsync(fixture.Partitions);
            foreach (var partition in owner.Owned)
            {
                Assert.Equal(CommitResult.Committed, await owner.CommitAsync(partition, 1, "", new Total("a", 1)));
            }
        }

        using var died = KafkaClient.DieWithinCommit(options, "dying", 1, total ? ("""[1,"a"]""", """{"total":9}""") : null, offset ? 9 : null);
        var heir = new Follower(fixture.OpenConsumer(options), fixture.Patience) { Begin = _ => null };
        var start = Stopwatch.GetTimestamp();
        await heir.UntilOwnedAsync(fixture.Partitions);

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Equal([new Total("a", 1)], (await heir.Consumer.LoadAsync(1, Token)).Totals);
        Assert.Equal(CommitResult.Committed, await heir.CommitAsync(1, 2, "", new Total("a", 2)));
    }

    [Fact]
    public async Task An_instance_that_died_within_a_commit_of_all_it_had_ends_that_at_its_restart()
    {
        KafkaBroker.SkipUnlessReal("read_committed");
        await using var fixture = await KafkaFixture.CreateAsync(broker, topics: false);
        var options = fixture.Options with
        {
            Partitions = 1,
            Instance = "same",
            TransactionTimeout = TimeSpan.FromSeconds(25),
            Consumer = new Dictionary<string, string>(StringComparer.Ordinal) { ["heartbeat.interval.ms"] = "200" },
        };
        await KafkaTopics.EnsureAsync(options, fixture.Patience, tell: null, TimeProvider.System, Token);
        using var died = KafkaClient.DieWithinCommit(options, "same-1", 0, ("""[1,"a"]""", """{"total":9}"""), offset: 9);

        var start = Stopwatch.GetTimestamp();
        var restarted = new Follower(fixture.OpenConsumer(options), fixture.Patience);
        await restarted.UntilOwnedAsync(1);

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Null((await restarted.Consumer.LoadAsync(0, Token)).Position);
        Assert.Equal(CommitResult.Committed, await restarted.CommitAsync(0, 1, "", new Total("a", 1)));
    }

    [Fact]
    public async Task A_commit_that_was_on_its_way_when_the_group_moved_on_is_fenced_by_the_broker()
    {
        KafkaBroker.SkipUnlessReal("fencing");
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        var options = fixture.Options with
        {
            TransactionTimeout = TimeSpan.FromSeconds(25),
            Consumer = new Dictionary<string, string>(StringComparer.Ordinal) { ["session.timeout.ms"] = "2000", ["heartbeat.interval.ms"] = "200" },
        };
        var zombie = new Follower(
            fixture.OpenConsumer(options with { BootstrapServers = $"127.0.0.1:{broker.Proxy.Port}" }), fixture.Patience);
        await zombie.UntilOwnedAsync(fixture.Partitions);
        Assert.Equal(CommitResult.Committed, await zombie.CommitAsync(0, 1, "one", new Total("a", 1)));

        broker.Proxy.Stall();
        try
        {
            var late = zombie.CommitAsync(0, 2, "two", new Total("a", 2));
            var heir = new Follower(fixture.OpenConsumer(options), fixture.Patience);
            await heir.UntilOwnedAsync(fixture.Partitions);
            Assert.Equal([new Total("a", 1)], (await heir.Consumer.LoadAsync(0, Token)).Totals);
            Assert.Equal(CommitResult.Committed, await heir.CommitAsync(0, 3, "three", new Total("a", 3)));
            Assert.False(late.IsCompleted);

            broker.Proxy.Flow();
            Assert.NotEqual(CommitResult.Committed, await late);
            var checkpoint = await heir.Consumer.LoadAsync(0, Token);
            Assert.Equal((3L, "three"), (checkpoint.Position, Encoding.UTF8.GetString(checkpoint.State.Span)));
            Assert.Equal([new Total("a", 3)], checkpoint.Totals);
            await UntilSharedAsync(zombie, heir);
        }
        finally
        {
            broker.Proxy.Flow();
        }
    }

    [Fact]
    public async Task A_quiet_log_is_heard_of_as_long_as_its_broker_answers_and_again_when_it_is_back()
    {
        KafkaBroker.SkipUnlessReal("a network that stalls");
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        await broker.StartAsync();
        var quiet = new Follower(
            fixture.OpenConsumer(fixture.Options with { BootstrapServers = $"127.0.0.1:{broker.Proxy.Port}" }), fixture.Patience);
        await quiet.UntilOwnedAsync(fixture.Partitions);
        await UntilHeardAsync();

        broker.Proxy.Stall();
        try
        {
            var start = Stopwatch.GetTimestamp();
            await quiet.UntilAsync(() => Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(3));
            Assert.InRange(Stopwatch.GetElapsedTime(quiet.Consumer.Answered!.Value), TimeSpan.FromSeconds(2), fixture.Patience);
            Assert.Equal(0, quiet.Count);
        }
        finally
        {
            broker.Proxy.Flow();
        }

        await UntilHeardAsync();

        Task UntilHeardAsync()
        {
            var since = Stopwatch.GetTimestamp();
            return quiet.UntilAsync(() => quiet.Consumer.Answered > since);
        }
    }

    [Fact]
    public async Task What_is_read_ahead_comes_in_order_and_not_after_a_seek()
    {
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        var log = await fixture.OpenLogAsync();
        await log.AppendAsync(NumbersOfAnn(1000), Token);
        var follower = new Follower(fixture.OpenConsumer(fixture.Options with { ReadRecords = 100 }), fixture.Patience);
        await follower.UntilOwnedAsync(fixture.Partitions);
        await follower.UntilAsync(() => follower.Count >= 300);
        var partition = follower.Records.Keys.Single();
        Assert.InRange(follower.Count, 300, 399);
        Assert.Equal(Enumerable.Range(0, follower.Count).Select(number => $"{number}"), follower.Texts);

        follower.Consumer.Seek(partition, 50);
        follower.Records.Clear();
        await follower.UntilAsync(() => follower.Count >= 950);
        Assert.Equal(Enumerable.Range(50, 950).Select(number => $"{number}"), follower.Texts);
    }

    [Fact]
    public async Task More_than_the_client_takes_at_once_comes_in_order()
    {
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        var log = await fixture.OpenLogAsync();
        await log.AppendAsync(NumbersOfAnn(6000), Token);
        var follower = new Follower(fixture.OpenConsumer(fixture.Options with { ReadRecords = 2500 }), fixture.Patience);
        await follower.UntilOwnedAsync(fixture.Partitions);

        await follower.UntilAsync(() => follower.Count >= 6000);

        Assert.Equal(Enumerable.Range(0, 6000).Select(number => $"{number}"), follower.Texts);
    }

    [Fact]
    public async Task Gaps_of_two_partitions_at_once_hold_nobody_up()
    {
        KafkaBroker.SkipUnlessReal("transactions' markers");
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        for (var transaction = 0; transaction < 3; transaction++)
        {
            // Each leaves a marker behind its record, a position that nobody can read.
            KafkaClient.WriteInTransaction(fixture.Options, fixture.Options.InteractionsTopic, [(0, "a"), (1, "b")]);
        }

        var follower = new Follower(fixture.OpenConsumer(fixture.Options), fixture.Patience);
        await follower.UntilOwnedAsync(fixture.Partitions);

        await follower.UntilAsync(() => follower.Count >= 6);

        Assert.Equal([0, 2, 4], follower.Records[0].Select(record => record.Position));
        Assert.Equal([0, 2, 4], follower.Records[1].Select(record => record.Position));
    }

    [Fact]
    public async Task A_group_whose_offsets_expired_goes_on_from_its_totals()
    {
        KafkaBroker.SkipUnlessReal("a group's offsets");
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        var follower = new Follower(await fixture.OpenConsumerAsync(), fixture.Patience);
        await follower.UntilOwnedAsync(fixture.Partitions);
        Assert.Equal(CommitResult.Committed, await follower.CommitAsync(0, 7, "", new Total("a", 7)));
        await fixture.ReopenAsync();
        using var admin = KafkaClient.Admin(fixture.Options);
        await admin.DeleteGroupsAsync([fixture.Options.Group]);

        follower = new Follower(await fixture.OpenConsumerAsync(), fixture.Patience);
        await follower.UntilOwnedAsync(fixture.Partitions);

        Assert.Equal(7, (await follower.Consumer.LoadAsync(0, Token)).Position);
    }

    [Fact]
    public async Task The_new_group_protocol_is_a_matter_of_the_map()
    {
        KafkaBroker.SkipUnlessReal("KIP-848 with transactions");
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        var options = fixture.Options with
        {
            Consumer = new Dictionary<string, string>(StringComparer.Ordinal) { ["group.protocol"] = "consumer", ["debug"] = "cgrp" },
        };
        var log = await fixture.OpenLogAsync();
        await log.AppendAsync(Enumerable.Range(0, 40).Select(number => new LogRecord(
            Encoding.UTF8.GetBytes($"k{number}"), "{}"u8.ToArray(), 1, "i"u8.ToArray(), "s", "t")).ToArray(), Token);
        var one = new Follower(fixture.OpenConsumer(options), fixture.Patience);
        await one.UntilOwnedAsync(fixture.Partitions);
        await one.UntilAsync(() => one.Count >= 40);
        Assert.Equal(CommitResult.Committed, await one.CommitAsync(0, 1, "", new Total("a", 1)));
        var two = new Follower(fixture.OpenConsumer(options), fixture.Patience);
        await UntilSharedAsync(one, two);
        await one.Consumer.DisposeAsync();
        await two.UntilOwnedAsync(fixture.Partitions);

        Assert.Equal([new Total("a", 1)], (await two.Consumer.LoadAsync(0, Token)).Totals);
        Assert.Equal(CommitResult.Committed, await two.CommitAsync(0, 2, "", new Total("a", 2)));
    }

    [Fact]
    public async Task Instances_that_leave_while_partitions_move_are_gone_soon()
    {
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        for (var round = 0; round < 3; round++)
        {
            var was = new Follower(fixture.OpenConsumer(fixture.Options), fixture.Patience);
            await was.UntilOwnedAsync(fixture.Partitions);
            var joins = fixture.OpenConsumer(fixture.Options);
            await was.UntilAsync(() => was.Revoked.Count > 0);

            await Task.WhenAll(was.Consumer.DisposeAsync().AsTask(), joins.DisposeAsync().AsTask()).WaitAsync(fixture.Patience, Token);
        }

        Assert.DoesNotContain(fixture.Events, heard => heard.Client == "reader" && heard.Error);
    }

    [Fact]
    public async Task A_writer_whose_broker_is_away_is_full_and_then_unavailable_and_says_why()
    {
        var options = new KafkaLogOptions { BootstrapServers = "127.0.0.1:9", QueueBytes = 1 << 20, DeliveryTimeout = TimeSpan.FromSeconds(1) };
        await using var log = new KafkaInteractionLog(options);
        var record = new LogRecord("k"u8.ToArray(), new byte[600_000], 1, "i"u8.ToArray(), "s", "t");

        var first = log.AppendAsync(new[] { record }, Token);
        Assert.Equal(AppendResult.Full, await log.AppendAsync(new[] { record, record }, Token));
        Assert.Equal(AppendResult.Unavailable, await first);
        Assert.False(log.Health.Writable);
        Assert.StartsWith("Kafka at 127.0.0.1:9: ", log.Health.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_writer_with_a_fatal_error_is_replaced_and_who_waited_may_try_again()
    {
        await using var fixture = await KafkaFixture.CreateAsync(broker);
        await using var log = new KafkaInteractionLog(fixture.Options with { Linger = TimeSpan.FromSeconds(5) });
        var records = new[] { new LogRecord("k"u8.ToArray(), "{}"u8.ToArray(), 1, "i"u8.ToArray(), "s", "t") };

        var waiting = log.AppendAsync(records, Token);
        log.Replace();

        Assert.Equal(AppendResult.Unavailable, await waiting);
        Assert.Equal(AppendResult.Durable, await log.AppendAsync(records, Token));
        Assert.Equal(1, log.Replacements);
    }

    /// <summary>One visitor's, so that they are in one partition.</summary>
    private static LogRecord[] NumbersOfAnn(int count) => [.. Enumerable.Range(0, count).Select(number => new LogRecord(
        "ann"u8.ToArray(), Encoding.UTF8.GetBytes($"{number}"), 1, "i"u8.ToArray(), "s", "t"))];

    /// <summary>Both go on reading until both have two: one that stops at its own two leaves a rebalance unanswered.</summary>
    private static Task UntilSharedAsync(Follower one, Follower two)
    {
        return Task.WhenAll(one.UntilAsync(IsShared), two.UntilAsync(IsShared));

        bool IsShared() => one.Owned.Count == 2 && two.Owned.Count == 2;
    }
}
