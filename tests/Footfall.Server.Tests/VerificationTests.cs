using CsCheck;
using Footfall.Count;
using Footfall.Log;
using Footfall.Log.Sqlite;
using Footfall.Server.Count;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>What is committed beside what the log says: nothing false is told, and nothing wrong is missed.</summary>
public sealed class VerificationTests
{
    private static readonly CountOptions Options = new()
    {
        DuplicateWindow = TimeSpan.FromSeconds(5), DuplicateWindowIds = 6, MaxSeries = 3, Pinned = [new("shop", "t1")],
    };

    private static readonly RecountWindow Window = new(6, 5);

    /// <summary>Repeats, silences, and what is no interaction.</summary>
    private static readonly Gen<LoggedRecord[]> Records = Gen.Select(
        Gen.Int[0, 11], Gen.OneOf(0.0, 0, 0.4, 1, 3, 2000), Gen.Int[0, 11]).Array[1, 40].Select(steps =>
        {
            var (position, second) = (0L, 10.0);
            return steps.Select(step =>
            {
                var (id, more, kind) = step;
                second += more;
                var record = new Logged(Logged.Uuid(id, 10), second)
                {
                    App = id % 4 == 3 ? "blog" : "shop",
                    Target = $"t{id % 6}",
                    Value = id % 2 == 0 ? 0.1m * id : null,
                };
                return new LoggedRecord(position++, kind == 0 ? "x"u8.ToArray() : record.ToBytes());
            }).ToArray();
        });

    [Fact]
    public void What_Count_committed_is_equal_beyond_the_cap_too() =>
        Records.Sample(records => Assert.Empty(Verify(Counted(records), records)), iter: 200);

    [Fact]
    public void A_cap_that_was_raised_later_makes_no_difference() =>
        Gen.Select(Records, Gen.Int[0, 39]).Sample((records, raised) =>
        {
            var before = Counted(records[..Math.Min(raised, records.Length)]);
            Assert.Empty(Verify(Counted(records, before, Options with { MaxSeries = 6 }), records));
        }, iter: 200);

    [Fact]
    public void Any_total_that_is_changed_is_found() =>
        Gen.Select(Records, Gen.Int[0, 1_000], Gen.OneOf(-1m, 1m, 0.01m)).Sample((records, place, change) =>
        {
            var checkpoint = Counted(records);
            var totals = checkpoint.Totals.ToArray();
            place %= totals.Length;
            totals[place] = totals[place] with { Value = totals[place].Value + change };
            Assert.NotEmpty(Verify(checkpoint with { Totals = totals }, records));
        }, iter: 200);

    [Fact]
    public void Any_total_that_is_removed_is_found() =>
        Gen.Select(Records, Gen.Int[0, 1_000]).Sample((records, place) =>
        {
            var checkpoint = Counted(records);
            var removed = checkpoint.Totals[place % checkpoint.Totals.Count];
            var left = checkpoint.Totals.Where(total => total != removed).ToArray();
            Assert.Equal(removed.Value != 0, Verify(checkpoint with { Totals = left }, records).Count > 0);
        }, iter: 200);

    [Fact]
    public void A_record_that_is_taken_out_is_found_and_named() =>
        Gen.Select(Records, Gen.Int[0, 39]).Sample((records, place) =>
        {
            var checkpoint = Counted(records);
            var taken = records[place % records.Length].Position;
            var partition = Recount(checkpoint, [.. records.Where(record => record.Position != taken)]);
            Assert.Equal(new PositionRange(taken, taken), Assert.Single(partition.Missing));
            Assert.Contains(Verification.Of(partition), difference => difference.Series.Kind == "missed");
        }, iter: 200);

    [Fact]
    public void What_retention_took_makes_no_difference_and_a_changed_total_does() =>
        Gen.Select(Records, Gen.Int[1, 40], Gen.Int[0, 1_000], Gen.OneOf(-1m, 1m)).Sample((records, gone, place, change) =>
        {
            gone = Math.Min(gone, records.Length);
            var checkpoint = Counted(records);
            Assert.Empty(Verify(checkpoint, records[gone..], gone));

            var totals = checkpoint.Totals.ToArray();
            place = Array.FindIndex(totals, total => SeriesKey.Parse(total.Series)!.Kind is TotalKind.Interactions or TotalKind.Duplicates);
            if (place >= 0)
            {
                totals[place] = totals[place] with { Value = totals[place].Value + change };
                Assert.NotEmpty(Verify(checkpoint with { Totals = totals }, records[gone..], gone));
            }
        }, iter: 200);

    [Fact]
    public void More_unseen_than_the_log_says_is_found_and_less_is_not()
    {
        var view = Logged.Uuid(1, 0);
        LoggedRecord[] records =
        [
            new Logged("1") { View = view, Number = 3 }.AtPosition(0), new Logged("2", 1) { View = view, Number = 5 }.AtPosition(1), new Logged("3", 1800).AtPosition(2),
        ];
        var checkpoint = Counted(records);
        Assert.Contains(new Total("""["unseen","shop"]""", 3), checkpoint.Totals);
        foreach (var (unseen, isFound) in new[] { (3, false), (4, true), (2, false) })
        {
            var totals = checkpoint.Totals.Select(total => total.Series.Contains("unseen", StringComparison.Ordinal) ? total with { Value = unseen } : total);
            Assert.Equal(isFound, Verify(checkpoint with { Totals = [.. totals] }, records).Count > 0);
        }
    }

    [Fact]
    public void The_largest_difference_comes_first()
    {
        LoggedRecord[] records = [new Logged("1") { Target = "a" }.AtPosition(0), new Logged("2") { Target = "b" }.AtPosition(1)];
        var checkpoint = Counted(records);
        Assert.Equal(
            [-1, -1],
            Verify(checkpoint with { Totals = [] }, records).Select(difference => difference.Surplus));
        Assert.Equal(
            [100, -1],
            Verify(checkpoint with { Totals = [new("""["interactions","shop","click","b","/"]""", 101)] }, records).Select(difference => difference.Surplus));
    }

    private static IReadOnlyList<Difference> Verify(Checkpoint checkpoint, LoggedRecord[] records, long first = 0) =>
        Verification.Of(Recount(checkpoint, records, first));

    private static RecountedPartition Recount(Checkpoint checkpoint, LoggedRecord[] records, long first = 0)
    {
        using var recount = SqliteRecount.OpenEmpty(Window);
        recount.Begin(0, checkpoint, first);
        recount.Add(records);
        return recount.End();
    }

    private static Checkpoint Counted(LoggedRecord[] records, Checkpoint? from = null, CountOptions? options = null)
    {
        var count = new PartitionCount(0, from ?? Checkpoint.None, options ?? Options, new SipHash(1, 2));
        foreach (var record in records)
        {
            count.Apply(record);
        }

        var commit = count.TakeCommit();
        var changed = commit.Totals.Select(total => total.Series).ToHashSet(StringComparer.Ordinal);
        return new Checkpoint(
            commit.Position, commit.State, [.. (from?.Totals ?? []).Where(total => !changed.Contains(total.Series)), .. commit.Totals]);
    }
}
