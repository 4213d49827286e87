using CsCheck;
using Footfall.Count;
using Footfall.Log;
using Footfall.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Expose;

/// <summary>What was counted lately, by the loop over the log in memory.</summary>
public sealed class RecentCountsTests
{
    private static readonly Gen<(int What, int Number, int Second)[]> Schedules =
        Gen.Select(Gen.Int[0, 19], Gen.Int[0, 30], Gen.Int[0, 90]).Array[1, 60];

    [Fact]
    public Task Seconds_add_up_to_the_totals_whatever_was_sent_lost_loaded_again_moved_or_restarted() => Schedules.SampleAsync(
        async schedule =>
        {
            await using var world = new World(partitions: 3);
            foreach (var (what, number, second) in schedule)
            {
                await world.DoAsync(what, number, second);
            }

            await world.SettleAsync();
            foreach (var instance in world.Instances)
            {
                // What others had counted before it was ready may be in its totals alone, and what it read again since is drawn.
                Assert.All(instance.Hidden, row => Assert.InRange(row.Value, 1, instance.HiddenAtStart!.GetValueOrDefault(row.Key)));
                Assert.Equal(instance.Total.Values.Sum(), instance.Seconds.Total + instance.Hidden.Values.Sum());
                Assert.True(instance.Exposure.Recent.Ring.Since > 0 || instance.Hidden.Count == 0);
                Assert.True(instance.Exposure.Recent.Ring.Since == 0 || world.Instances.Count > 1);
            }

            // From then on each instance draws by how much the totals grow, to the unit, whoever counts.
            var before = world.Instances.Select(instance => instance.Hidden).ToArray();
            foreach (var (what, number, second) in schedule.Where(one => one.What is not (16 or 17)))
            {
                await world.DoAsync(what, number + 100, second);
            }

            await world.SettleAsync();
            Assert.Equal(before, world.Instances.Select(instance => instance.Hidden));
        },
        iter: 200);

    [Fact]
    public async Task What_was_taken_while_nobody_counted_is_drawn_where_it_happened()
    {
        await using var world = new World(1);
        await world.IdleAsync();
        await world.SendAsync("1", -600);
        await world.SendAsync("2", -600);
        await world.SendAsync("3", -4_000);
        await world.SendAsync("4", -SecondRing.Seconds - 300);
        await world.IdleAsync();
        await world.IdleAsync();

        Assert.Equal([(-4_000, 1), (-600, 2)], world.Instances[0].Points());
    }

    [Fact]
    public async Task After_a_restart_the_seconds_are_whole_again_without_repeats()
    {
        await using var world = new World(1);
        await world.IdleAsync();
        for (var i = 0; i < 5; i++)
        {
            await world.SendAsync($"{i}", -100 * i);
            await world.SendAsync($"{i}", -100 * i);
        }

        await world.SettleAsync();
        Assert.Equal([(-400, 1), (-300, 1), (-200, 1), (-100, 1), (0, 1)], world.Instances[0].Points());

        world.Restart(0);
        await world.SettleAsync();

        var instance = world.Instances[0];
        Assert.Equal([(-400, 1), (-300, 1), (-200, 1), (-100, 1), (0, 1)], instance.Points());
        Assert.Equal(0, instance.Exposure.Recent.Ring.Since);
    }

    [Fact]
    public async Task Totals_that_others_committed_before_are_the_base_and_what_they_commit_later_is_drawn_when_it_is_heard()
    {
        await using var world = new World(2, spreads: false);
        world.Log.Move(0, world.Instances[0].Consumer);
        world.Log.Move(1, world.Instances[0].Consumer);
        await world.IdleAsync();
        for (var i = 0; i < 10; i++)
        {
            await world.SendAsync($"{i}", 0);
        }

        await world.SettleAsync();
        var late = world.Start();
        for (var i = 0; i < 100; i++)
        {
            await world.IdleAsync(); // it is a spare one, and ready as such
        }

        Assert.Equal(10, late.Total.Values.Sum());
        Assert.Equal(0, late.Read(new SecondQuery()).Total.Sum());
        Assert.InRange(late.Exposure.Recent.Ring.Since, world.Now - 35, world.Now - 30); // since it was ready

        var heard = (int)world.Second;
        await world.SendAsync("new", -1_000);
        await world.IdleAsync();
        await world.IdleAsync();
        Assert.Equal([(heard, 1)], late.Points());
    }

    [Fact]
    public async Task Stream_has_the_newest_and_of_a_visitor_four_characters()
    {
        await using var world = new World(1);
        await world.IdleAsync();
        await world.SendAsync("1", -3, visitor: "0199b9a1-very-random-añ😀z");
        await world.SendAsync("2", -2);
        await world.IdleAsync();

        var latest = world.Instances[0].Exposure.Recent.LatestOf("shop");
        Assert.Equal(["añ😀z", null], latest.Interactions.Select(interaction => interaction.Visitor));
        Assert.Equal((2, 2L, Logged.Time(world.Second - 2).ToUnixTimeMilliseconds() - 250), (latest.Interactions.Count, latest.Counted, latest.UpTo));
    }

    [Fact]
    public async Task Of_many_in_a_commit_some_are_in_the_stream_evenly_and_all_are_counted()
    {
        await using var world = new World(1);
        await world.IdleAsync();
        await world.Log.OpenWriter().AppendAsync(
            Enumerable.Range(0, 1_000).Select(n => new Logged($"{n}", world.Second) { Target = $"{n}" }.ToRecord()).ToArray(), default);
        await world.IdleAsync();

        var latest = world.Instances[0].Exposure.Recent.LatestOf("shop");
        Assert.Equal(Enumerable.Range(0, 16).Select(n => $"{64 * n}"), latest.Interactions.Select(interaction => interaction.Target));
        Assert.Equal((16L, 1_000L), (latest.Added, latest.Counted));
    }

    /// <summary>A log, and instances of the metrics service on it.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly FakeTimeProvider _time = new(Logged.Time(0));

        public World(int partitions, bool spreads = true)
        {
            Log = new MemoryLog(partitions, _time) { Spreads = spreads };
            Start();
        }

        public MemoryLog Log { get; }

        public List<Instance> Instances { get; } = [];

        public double Second => (_time.GetUtcNow() - Logged.Time(0)).TotalSeconds;

        public long Now => _time.GetUtcNow().ToUnixTimeSeconds();

        public Instance Start()
        {
            var instance = new Instance(Log, _time);
            Instances.Add(instance);
            return instance;
        }

        public void Restart(int number)
        {
            Instances[number].Consumer.Crash();
            Instances[number] = new Instance(Log, _time);
        }

        /// <summary>One thing that happens.</summary>
        public async Task DoAsync(int what, int number, int second)
        {
            switch (what)
            {
                case < 9:
                    await SendAsync($"{number}", -second);
                    break;
                case < 14:
                    await IdleAsync();
                    break;
                case 14:
                    Log.Faults.Commits.Enqueue((Fault)(number % 5));
                    break;
                case 15:
                    _time.Advance(TimeSpan.FromSeconds(second));
                    break;
                case 16 when Instances.Count == 1:
                    Restart(0); // of several, one would find partitions whose totals it has heard
                    break;
                case 17 when Instances.Count == 1 && number == 0:
                    Start();
                    break;
                case 18:
                    Log.Faults.Reads.Enqueue(Fault.Before);
                    break;
                case 19 when Instances.Count > 1:
                    Log.Move(number % 3, Instances[second % Instances.Count].Consumer);
                    break;
            }
        }

        public async Task SendAsync(string id, double second, string? visitor = null) => await Log.OpenWriter().AppendAsync(
            new[] { new Logged(id, Second + second) { Target = $"t{id.Length}{id[^1]}", Visitor = visitor ?? "" }.ToRecord() }, default);

        public async Task IdleAsync()
        {
            foreach (var instance in Instances)
            {
                var step = instance.StepAsync();
                _time.Advance(TimeSpan.FromMilliseconds(250));
                await step;
            }
        }

        public async Task SettleAsync()
        {
            Log.Faults.Commits.Clear();
            Log.Faults.Reads.Clear();
            // A spare one is ready after half a minute.
            for (var i = 0; i < (Instances.Count > 1 ? 140 : 40); i++)
            {
                await IdleAsync();
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var instance in Instances)
            {
                await instance.Consumer.DisposeAsync();
            }
        }
    }

    private sealed class Instance
    {
        private readonly CountingLoop _loop;
        private readonly TimeProvider _time;

        public Instance(MemoryLog log, TimeProvider time)
        {
            _time = time;
            Consumer = log.OpenConsumer();
            Exposure = new Exposure(new CommittedTotals(["shop"], []), new TotalsLease(log.Lease, time), new ExposeOptions(), time);
            _loop = new CountingLoop(Consumer, new CountOptions(), Exposure, time, new SilentEvents());
        }

        public MemoryLogConsumer Consumer { get; }

        public Exposure Exposure { get; }

        /// <summary>By row, what was in its totals and in no second of its ring when it was ready; null: it never was.</summary>
        public Dictionary<string, long>? HiddenAtStart { get; private set; }

        /// <summary>The same now.</summary>
        public Dictionary<string, long> Hidden
        {
            get
            {
                var seconds = Seconds.Rows;
                return Total.Select(row => KeyValuePair.Create(row.Key, row.Value - seconds.GetValueOrDefault(row.Key))).Where(row => row.Value != 0).ToDictionary();
            }
        }

        public Dictionary<string, long> Total => Exposure.Current.Series
            .Where(total => total.Series.Key.Kind == TotalKind.Interactions && total.Value > 0)
            .ToDictionary(total => total.Series.Key.Target, total => (long)total.Value);

        public (long Total, Dictionary<string, long> Rows) Seconds
        {
            get
            {
                var read = Read(new SecondQuery());
                return (read.Total.Sum(), Total.Keys
                    .Select(target => (Target: target, Sum: Read(new SecondQuery(Target: target)).Total.Sum()))
                    .Where(row => row.Sum > 0).ToDictionary(row => row.Target, row => row.Sum));
            }
        }

        public SecondSeries Read(SecondQuery query) =>
            Exposure.Recent.Ring.Read("shop", query, _time.GetUtcNow().ToUnixTimeSeconds() - SecondRing.Seconds + 1, 1, SecondRing.Seconds);

        /// <summary>Seconds since the beginning that have something.</summary>
        public IEnumerable<(int Second, long Count)> Points()
        {
            var from = _time.GetUtcNow().ToUnixTimeSeconds() - SecondRing.Seconds + 1;
            return Read(new SecondQuery()).Total.Select((count, place) => ((int)(from + place - Logged.Beginning), count)).Where(point => point.count > 0);
        }

        public async Task StepAsync()
        {
            try
            {
                await _loop.StepAsync(CancellationToken.None);
            }
            catch (LogException)
            {
                // A read that was told to fail.
            }

            if (HiddenAtStart is null && _loop.Ready)
            {
                HiddenAtStart = Hidden;
            }
        }
    }
}
