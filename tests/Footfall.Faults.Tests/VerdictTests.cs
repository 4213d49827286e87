using Footfall.Testing;

namespace Footfall.Faults.Tests;

/// <summary>That the comparison at the end would see what must not be.</summary>
public sealed class VerdictTests
{
    private static readonly Series Buy = new("shop", "click", "Buy Now", "/");
    private readonly List<Sent> _sent = [.. Enumerable.Range(0, 4).Select(number => new Sent(Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddDays(number)), Buy, 0.5m, "ann") { IsAccepted = number < 3 })];

    [Fact]
    public void All_that_was_accepted_once_in_the_log_and_in_the_totals_is_fine()
    {
        var verdict = Judge([0, 1, 2, 1], total: 3, duplicates: 1);

        Assert.Empty(verdict.Violations);
        Assert.Equal((0, 0, 1, 0), (verdict.Lost, verdict.Double, verdict.Repeats, verdict.TakenWithoutAnswer));
        Assert.Equal((3, 1.5m), verdict.Truth[Buy]);
    }

    [Fact]
    public void What_was_never_answered_may_be_there_once()
    {
        var verdict = Judge([0, 1, 2, 3], total: 4, duplicates: 0);

        Assert.Empty(verdict.Violations);
        Assert.Equal(1, verdict.TakenWithoutAnswer);
    }

    [Fact]
    public void An_accepted_id_that_is_not_in_the_log_is_lost()
    {
        var verdict = Judge([0, 2], total: 2, duplicates: 0);

        Assert.Equal(1, verdict.Lost);
        Assert.Contains($"{_sent[1].Id} was accepted and is not in the log", Assert.Single(verdict.Violations), StringComparison.Ordinal);
    }

    [Fact]
    public void An_interaction_of_the_log_that_is_not_in_the_totals_is_lost() =>
        Assert.Equal((1, 0), (Judge([0, 1, 2], total: 2, duplicates: 0).Lost, Judge([0, 1, 2], total: 2, duplicates: 0).Double));

    [Fact]
    public void A_repeat_that_is_counted_again_is_double()
    {
        var verdict = Judge([0, 1, 2, 2], total: 4, duplicates: 0);

        Assert.Equal((0, 1), (verdict.Lost, verdict.Double));
        Assert.Contains(verdict.Violations, violation => violation.Contains("1 repeats in the log, and 0 duplicates", StringComparison.Ordinal));
    }

    [Fact]
    public void An_id_that_nobody_sent_is_told()
    {
        var stranger = new Logged(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Buy, 0.5m, "ann", 0);

        Assert.Contains(Judge([0, 1, 2], total: 4, duplicates: 0, stranger).Violations, violation => violation.Contains("was never sent", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_interaction_that_changed_on_its_way_is_told(bool page)
    {
        var changed = new Logged(_sent[3].Id, page ? Buy with { Page = "/other" } : Buy, 0.5m, page ? "ann" : "bob", 0);

        Assert.Contains(Judge([0, 1, 2], total: 3, duplicates: 0, changed).Violations, violation => violation.Contains("is in the log as", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sum_of_values_that_is_off_is_told() =>
        Assert.Contains(Judge([0, 1, 2], total: 3, duplicates: 0, values: 1.4m).Violations, violation => violation.Contains("values of 1.5", StringComparison.Ordinal));

    [Fact]
    public void What_is_late_is_told() =>
        Assert.Contains(Judge([0, 1, 2], total: 3, duplicates: 0, late: 1).Violations, violation => violation.Contains("late", StringComparison.Ordinal));

    private Verdict Judge(int[] log, int total, int duplicates, Logged? more = null, decimal? values = null, int late = 0)
    {
        const string Labels = """app="shop",type="click",target="Buy Now",page="/" """;
        List<Sample> page =
        [
            new("footfall_interactions_total", Labels.TrimEnd(), total),
            new("footfall_interaction_value_total", Labels.TrimEnd(), values ?? total * 0.5m),
            new("footfall_duplicates_total", "app=\"shop\"", duplicates),
            new("footfall_late_total", "app=\"shop\"", late),
        ];
        var records = log.Select(number => new Logged(_sent[number].Id, _sent[number].Series, _sent[number].Value, _sent[number].Visitor, 0));
        return Verdict.Of(_sent.ToDictionary(one => one.Id), more is { } one ? records.Append(one) : records, page);
    }
}
