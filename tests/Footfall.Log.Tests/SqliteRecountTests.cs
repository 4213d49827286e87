using System.Text;
using CsCheck;
using Footfall.Count;
using Footfall.Log;
using Footfall.Log.Sqlite;
using Footfall.Testing;

namespace Footfall.Log.Tests;

/// <summary>Two ways to count one log, of different code: what one says the other has to say.</summary>
public sealed class SqliteRecountTests
{
    private static readonly CountOptions Options = new() { DuplicateWindow = TimeSpan.FromSeconds(5), DuplicateWindowIds = 6, MaxSeries = 1_000 };

    private static readonly RecountWindow Window = new(6, 5);

    private static readonly string[] NoInteractions =
    [
        "", "x", "null", "[]", "{}", "\u0001", """{"id":"1"}""", """{"id":"1","app":"shop","type":"click"}""",
        Record("""
            "id":7
            """),
        Record("""
            "id":""
            """),
        Record("""
            "id":null
            """),
        Record("""
            "app":""
            """),
        Record("""
            "type":["click"]
            """),
        Record("""
            "target":null
            """),
        Record("""
            "page":{}
            """),
        Record("""
            "visitor":true
            """),
        Record("""
            "target":"a\u0000b"
            """),
        Record("\"target\":\"" + new string('t', 1025) + "\""),
        Record("\"target\":\"" + string.Concat(Enumerable.Repeat("\\u00e9", 171)) + "\""),
        Record("""
            "received":"yesterday"
            """),
        Record("""
            "received":1795478400
            """),
        Record("""
            "received":"1969-12-31T23:59:59.000Z"
            """),
        Record("""
            "received":"2107-01-01T00:00:00.000Z"
            """),
        Record("""
            "at":"12:00"
            """),
        Record("""
            "value":"1"
            """),
        Record("""
            "value":-1
            """),
        Record("""
            "value":null
            """),
        Record("""
            "value":1000000000.5
            """),
        Record("""
            "value":1e400
            """),
        Record("""
            "value":1
            """) + "x",
        Record("""
            "value":01
            """),
        Record("""
            "session":NaN
            """),
        Record("""
            "session":'s'
            """),
    ];

    private static readonly string[] Odd =
    [
        Record("""
            "target":"\u0041\"\\\/\n\ud83d\ude00"
            """),
        Record("\"target\":\"" + new string('t', 1024) + "\""),
        Record("\"page\":\"" + string.Concat(Enumerable.Repeat("\\u00e9", 170)) + "\""),
        Record("""
            "target":"käse 😀"
            """),
        Record("""
            "value":1e2
            """),
        Record("""
            "value":0
            """),
        Record("""
            "value":1000000000.000000
            """),
        Record("""
            "received":"2026-11-24T01:00:01.999+01:00"
            """),
        Record("""
            "at":"2026-11-24T00:00:00.9999Z","properties":{"id":"other","value":[1,{"app":null}]}
            """),
        " \n" + Record("\"session\":1") + "\t",
        Record("""
            "n":[1],"view":"\ud800"
            """),
        Record("""
            "n":7e0,"view":"019ab3a0-0000-7000-8000-\u0000"
            """),
        Record("""
            "view":{"n":1},"n":99999999999999999999
            """),
    ];

    /// <summary>Much smaller than life: repeats, gaps, silences, clocks that go back, and what is no interaction.</summary>
    private static readonly Gen<LoggedRecord[]> Records = Gen.Select(
        Gen.Int[0, 9],
        Gen.OneOf(0.0, 0, 0.4, 1, 1, 3, -2, 599, 700, 2000),
        Gen.OneOf(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3),
        Gen.Int[0, 19]).Array[1, 60].Select(steps =>
        {
            var (position, second) = (0L, 10.0);
            var made = new Dictionary<int, double>();
            var views = new Dictionary<int, (string Id, int Numbers)>();
            var records = new List<LoggedRecord>();
            foreach (var (id, step, gap, kind) in steps)
            {
                second += step;
                position += gap;
                made.TryAdd(id, second);
                // Of three places where pages are opened, with right clocks and wrong ones; some numbers never come.
                var place = id % 3;
                var skew = (kind % 4) switch { 1 => 600, 2 => 601, 3 => -1100, _ => 0 };
                var (view, numbers) = kind > 4 && views.TryGetValue(place, out var open) ? open : (Logged.Uuid(100 + records.Count, second + skew), 0);
                views[place] = (view, numbers + (kind == 19 ? 10_000 : 1 + (id % 2)));
                var record = new Logged(id % 3 == 0 ? $"id {id}" : Logged.Uuid(id, made[id]), second)
                {
                    App = id % 4 == 3 ? "blog" : "shop",
                    Target = id % 5 == 0 ? "Buy Now" : $"t{id}",
                    Visitor = $"v{id % 3}",
                    Value = id % 2 == 0 ? 0.1m * id : null,
                    At = id % 3 == 0 ? made[id] : null,
                    View = id == 8 ? "no uuid" : view,
                    Number = views[place].Numbers - (kind == 18 ? 1 : 0),
                };
                records.Add(new(position++, kind switch
                {
                    0 => Encoding.UTF8.GetBytes(NoInteractions[(id + records.Count) % NoInteractions.Length]),
                    1 => Encoding.UTF8.GetBytes(Odd[(id + records.Count) % Odd.Length]),
                    2 => [(byte)'{', 0xff, (byte)'}'],
                    _ => record.ToBytes(),
                }));
            }

            return records.ToArray();
        });

    [Fact]
    public void Sql_counts_what_Count_counts() =>
        Gen.Select(Records, Gen.Int[1, 20]).Sample((records, batch) =>
        {
            var checkpoint = Counted(records);
            using var recount = SqliteRecount.OpenEmpty(Window);
            AssertEqual(checkpoint, Recount(recount, checkpoint, records, batch));
        }, iter: 300);

    [Fact]
    public void What_is_no_interaction_to_Count_is_none_to_sql()
    {
        using var recount = SqliteRecount.OpenEmpty(Window);
        foreach (var text in NoInteractions.Concat(Odd))
        {
            LoggedRecord[] records = [new(0, Encoding.UTF8.GetBytes(text))];
            var checkpoint = Counted(records);
            Assert.Equal(NoInteractions.Contains(text, StringComparer.Ordinal), checkpoint.Totals.Any(total => total is { Series: """["unreadable"]""", Value: 1 }));
            AssertEqual(checkpoint, Recount(recount, checkpoint, records, batch: 1), text);
        }
    }

    private static string Record(string field)
    {
        var name = field.Split(':')[0].Trim().Trim('"');
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["id"] = "\"odd\"", ["app"] = "\"shop\"", ["type"] = "\"click\"", ["received"] = "\"2026-11-24T00:00:10.000Z\"",
        };
        fields.Remove(name);
        return "{" + string.Concat(fields.Select(pair => $"\"{pair.Key}\":{pair.Value},")) + field + "}";
    }

    private static Checkpoint Counted(IEnumerable<LoggedRecord> records)
    {
        var count = new PartitionCount(0, Checkpoint.None, Options, new SipHash(1, 2));
        foreach (var record in records)
        {
            count.Apply(record);
        }

        var commit = count.TakeCommit();
        return new Checkpoint(commit.Position, commit.State, commit.Totals);
    }

    private static RecountedPartition Recount(SqliteRecount recount, Checkpoint checkpoint, LoggedRecord[] records, int batch)
    {
        recount.Begin(0, checkpoint, first: 0);
        foreach (var chunk in records.Chunk(batch))
        {
            recount.Add(chunk);
        }

        return recount.End();
    }

    private static void AssertEqual(Checkpoint checkpoint, RecountedPartition recounted, string? what = null)
    {
        Assert.NotEmpty(recounted.Totals);
        foreach (var (series, committed, again) in recounted.Totals)
        {
            Assert.True(committed == again || series.Kind == "overflowed", $"{series}: {committed} committed, {again} recounted. {what}");
        }

        Assert.Equal(checkpoint.Totals.Count(total => total.Value > 0), recounted.Totals.Count(total => total.Recounted > 0));
        Assert.Equal(recounted.Records + recounted.MissingCount, checkpoint.Position);
    }
}
