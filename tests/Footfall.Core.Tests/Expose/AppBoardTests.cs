using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Footfall.Count;
using Footfall.Log;
using Footfall.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Expose;

/// <summary>The live board's documents, over a partition that is counted and committed by hand.</summary>
public sealed class AppBoardTests
{
    private static readonly BoardHealth Well = new(HealthLevel.Ok, null, null, null, null, IsKafka: false, TotalsShown: true, "1.2.3");

    [Fact]
    public void A_state_with_all_ticks_since_applied_is_the_state_now() =>
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 60], Gen.Int[1, 30]).Array[1, 60].Sample(
            steps =>
            {
                var world = new World();
                world.Board.Look(Well, []);
                var followed = world.State();
                var drawn = new Dictionary<(long Second, long Row), long>();
                var lost = false;
                foreach (var (what, number, count) in steps)
                {
                    switch (what)
                    {
                        case < 6:
                            world.Count(number, count);
                            break;
                        case < 8:
                            world.Commit();
                            break;
                        case 8:
                            world.Time.Advance(TimeSpan.FromMilliseconds(number * 10));
                            break;
                        default:
                            lost |= world.Tick(number) is not { } tick;
                            if (!lost)
                            {
                                Apply(followed, world.LastTick!, drawn);
                                Assert.Equal(Text(world.State()), Text(followed));
                            }

                            break;
                    }
                }

                world.Commit();
                world.Tick(0);
                Apply(followed, world.LastTick!, drawn);
                Assert.Equal(Text(world.State()), Text(followed));
                Assert.Equal(world.Counted, drawn.Values.Sum());
                Assert.Equal(world.Counted, (long)followed["total"]!);
            },
            iter: 300);

    [Fact]
    public void First_document_is_this()
    {
        var world = new World();
        world.Count(0, 2);
        world.Commit();
        world.Board.Look(Well, []);

        Assert.Equal(
            """{"instance":"i","seq":7,"at":1795478400000,"app":"shop","apps":["blog","shop"],"upTo":1795478400000,"total":2,"value":3.0,"now":{"second":0,"minute":2,"visitors":{"1m":0,"5m":0,"30m":0},"delivery":{"p50":null,"p99":null}},"moreTargets":0,"morePages":0,"funnels":[],"health":{"level":"ok","message":null,"advice":null,"notReady":null,"lag":0,"written":0,"counted":0,"duplicates":0,"unreadable":0,"missed":0,"late":0,"unseen":0,"overflowed":0,"rejected":null,"accepted":null,"spool":null,"log":"embedded","partitions":[],"totalsShown":true,"version":"1.2.3"},"targets":[{"k":0,"type":"click","target":"Buy Now","pinned":true,"total":0,"value":null,"minute":0},{"k":1,"type":"click","target":"t0","pinned":false,"total":2,"value":3.0,"minute":2}],"pages":[{"k":2,"page":"/0","total":2,"minute":2}],"seconds":[],"stream":[{"at":1795478400000,"type":"click","target":"t0","page":"/0","value":1.5,"visitor":"0000"},{"at":1795478400000,"type":"click","target":"t0","page":"/0","value":1.5,"visitor":"0000"}],"streamSkipped":0}""",
            Encoding.UTF8.GetString(world.StateBytes()));
    }

    [Theory]
    [InlineData("</script><script>alert(1)</script>", "\\u003C/script\\u003E")]
    [InlineData("a\u2028b", "\\u2028")]
    [InlineData("abc\u202Edef", "\\u202E")]
    [InlineData("\"},{\"k\":1", "\\u0022}")]
    [InlineData("data: x", "data: x")]
    public void What_a_stranger_called_a_target_stays_a_text_on_one_line(string target, string escaped)
    {
        var world = new World();
        world.Count(new Logged("1") { Target = target, Page = "/" + target });
        world.Commit();
        world.Board.Look(Well, []);
        var written = Encoding.UTF8.GetString(world.StateBytes());

        Assert.Contains(escaped, written, StringComparison.Ordinal);
        Assert.All(written, character => Assert.InRange(character, ' ', '~'));
        Assert.Equal(target, (string?)world.State()["targets"]!.AsObject().Select(row => row.Value!["target"]).Single(name => (string?)name != "Buy Now"));
    }

    [Fact]
    public void Beyond_the_bound_rows_are_counted_pinned_ones_always_listed_and_those_with_more_soon()
    {
        var world = new World();
        for (var i = 0; i < AppBoard.MaxRows + 50; i++)
        {
            world.Count(new Logged($"{i}") { Target = $"t{i}", Page = "" });
            world.Count(new Logged($"again {i}") { Target = $"t{i}", Page = "" });
        }

        world.Commit();
        world.Board.Look(Well, []);
        var rows = world.State()["targets"]!.AsObject();
        Assert.Equal(AppBoard.MaxRows, rows.Count);
        Assert.Equal(51, (int)world.State()["moreTargets"]!);
        Assert.Contains(rows, row => (string?)row.Value!["target"] == "Buy Now");

        for (var i = 0; i < 3; i++)
        {
            world.Count(new Logged($"new {i}") { Target = "late but loved", Page = "" });
        }

        world.Commit();
        Assert.False(world.Board.Look(Well, []).Whole);
        Assert.DoesNotContain(world.State()["targets"]!.AsObject(), row => (string?)row.Value!["target"] == "late but loved");
        world.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(world.Board.Look(Well, []).Whole);
        Assert.Contains(world.State()["targets"]!.AsObject(), row => (string?)row.Value!["target"] == "late but loved");
        Assert.Equal(AppBoard.MaxRows, world.State()["targets"]!.AsObject().Count);
    }

    [Fact]
    public void Pinned_rows_come_first_in_the_order_of_the_configuration_whatever_is_pressed_more()
    {
        var world = new World("Enroll Now", "Buy Now");
        for (var i = 0; i < 3; i++)
        {
            world.Count(new Logged($"{i}") { Target = "Buy Now" });
            world.Count(new Logged($"other {i}") { Target = "other" });
            world.Count(new Logged($"form {i}") { Target = "Enroll Now", Type = "submit" });
        }

        world.Commit();
        world.Board.Look(Well, []);

        var rows = JsonNode.Parse(world.StateBytes())!["targets"]!.AsArray();
        Assert.Equal(
            ["click Enroll Now", "submit Enroll Now", "click Buy Now", "click other"],
            rows.Select(row => $"{row!["type"]} {row["target"]}"));
    }

    [Fact]
    public void Quantiles_are_of_the_last_minute_as_Prometheus_has_them()
    {
        var histogram = new Histogram();
        var recent = new RecentHistogram();
        recent.Note(histogram, 100);
        Assert.Null(recent.Quantile(0.5));

        for (var i = 0; i < 4; i++)
        {
            histogram.Observe(TimeSpan.FromSeconds(0.2)); // in the bucket from 0.1 to 0.25
        }

        recent.Note(histogram, 100);
        Assert.Equal(0.1 + (0.15 * 0.5), recent.Quantile(0.5)!.Value, 9);
        histogram.Observe(TimeSpan.FromMinutes(5));
        recent.Note(histogram, 130);
        Assert.Equal(60, recent.Quantile(1));

        recent.Note(histogram, 162);
        Assert.Equal(60, recent.Quantile(0.01)); // the four are over
        recent.Note(histogram, 200);
        Assert.Null(recent.Quantile(0.5));
    }

    /// <summary>A tick, as a page applies it.</summary>
    private static void Apply(JsonObject state, JsonObject tick, Dictionary<(long Second, long Row), long> drawn)
    {
        foreach (var (name, value) in tick)
        {
            switch (name)
            {
                case "targets" or "pages":
                    foreach (var row in value!.AsArray())
                    {
                        state[name]![row!["k"]!.ToString()] = row.DeepClone();
                    }

                    break;
                case "stream":
                    var stream = state[name]!.AsArray();
                    Assert.InRange(value!.AsArray().Count, 1, AppBoard.MaxStreamed);
                    foreach (var one in value.AsArray())
                    {
                        stream.Add(one!.DeepClone());
                    }

                    while (stream.Count > RecentCounts.MaxLatest)
                    {
                        stream.RemoveAt(0);
                    }

                    break;
                case "seconds":
                    foreach (var second in value!.AsArray())
                    {
                        foreach (var row in second![1]!.AsArray())
                        {
                            var place = ((long)second[0]!, (long)row![0]!);
                            drawn[place] = drawn.GetValueOrDefault(place) + (long)row[1]!;
                        }
                    }

                    break;
                case "streamSkipped":
                    break; // the tick's own
                default:
                    state[name] = value?.DeepClone();
                    break;
            }
        }
    }

    private static string Text(JsonObject state) => new JsonObject(state.OrderBy(member => member.Key, StringComparer.Ordinal)
        .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))).ToJsonString();

    private static JsonNode? Sorted(JsonNode? node) => node is JsonObject rows
        ? new JsonObject(rows.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => KeyValuePair.Create(row.Key, row.Value?.DeepClone())))
        : node?.DeepClone();

    private sealed class World
    {
        private readonly PartitionCount _partition = new(0, Checkpoint.None, new CountOptions(), new SipHash(1, 2));
        private long _position;
        private long _sequence = 7;
        private int _sent;

        public World()
            : this("Buy Now")
        {
        }

        public World(params string[] pinned)
        {
            Exposure = new Exposure(
                new CommittedTotals(["shop", "blog"], pinned.Select(target => new PinnedTarget("shop", target))), new TotalsLease(null, Time), new ExposeOptions(), Time);
            Board = new AppBoard("shop", Exposure, Time);
            Exposure.Recent.Begin(0);
            Exposure.Recent.BeginAll();
            Exposure.Recent.Ring.Listen(isHeard: true);
            Commit();
        }

        public FakeTimeProvider Time { get; } = new(Logged.Time(0));

        public Exposure Exposure { get; }

        public AppBoard Board { get; }

        public long Counted { get; private set; }

        public JsonObject? LastTick { get; private set; }

        public void Count(int number, int count)
        {
            var second = (Time.GetUtcNow() - Logged.Time(0)).TotalSeconds;
            for (var i = 0; i < count; i++)
            {
                Count(new Logged($"{_sent++}", second - (number / 10))
                {
                    Target = $"t{number % 7}", Page = number % 3 == 2 ? "" : $"/{number % 3}", App = number == 60 ? "blog" : "shop",
                    Visitor = $"visitor-{number % 5:0000}", Value = number % 2 == 0 ? 1.5m : null,
                });
                Counted += number == 60 ? 0 : 1;
            }
        }

        public void Count(Logged record) => _partition.Apply(record.AtPosition(_position++));

        public void Commit()
        {
            var commit = _partition.TakeCommit();
            _partition.Committed(commit);
            foreach (var total in commit.Totals)
            {
                Exposure.Totals.Apply(0, total);
            }

            Exposure.Recent.Committed(_partition);
            Exposure.Publish([], [], 0, 0);
        }

        public JsonObject? Tick(int lag)
        {
            var increments = new List<SecondIncrement>();
            Assert.True(Exposure.Recent.Ring.TakeIncrements(increments));
            Assert.False(Board.Look(Well with { Message = lag % 3 == 0 ? "no" : null }, increments).Whole);
            _sequence++;
            return LastTick = Parse(Written(writer => Board.WriteTick(writer, _sequence)));
        }

        public byte[] StateBytes() => Written(writer => Board.WriteState(writer, "i", _sequence));

        /// <summary>With rows by their number.</summary>
        public JsonObject State()
        {
            var state = Parse(StateBytes());
            foreach (var rows in new[] { "targets", "pages" })
            {
                state[rows] = new JsonObject(state[rows]!.AsArray().Select(row => KeyValuePair.Create(row!["k"]!.ToString(), (JsonNode?)row.DeepClone())));
            }

            return state;
        }

        private static JsonObject Parse(byte[] json) => JsonNode.Parse(json)!.AsObject();

        private static byte[] Written(Action<Utf8JsonWriter> write)
        {
            var output = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(output))
            {
                write(writer);
            }

            return output.WrittenSpan.ToArray();
        }
    }
}
