namespace Footfall.Faults.Tests;

/// <summary>That a log in which a visitor's interactions have changed places would be seen.</summary>
public sealed class OrderVerdictTests
{
    private static readonly Series Buy = new("shop", "click", "Buy Now", "/");
    private readonly List<Request> _requests = [];

    [Fact]
    public void What_was_sent_after_an_answer_may_only_be_behind()
    {
        var (one, two) = (Send(accepted: [0]), Send(accepted: [0]));

        Assert.Equal((0, 1), Judge(one, two));
        Assert.Equal((1, 1), Judge(two, one));
        Assert.Contains($"{two.Id} of ann is in the log before {one.Id}, which collector 1 had accepted", Assert.Single(OrderVerdict.Of(_requests, Log(two, one)).Violations), StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_of_several_occurrences_counts()
    {
        var (one, two) = (Send(accepted: [0]), Send(accepted: [0]));

        Assert.Equal((0, 1), Judge(one, two, one, one));
        Assert.Equal((1, 1), Judge(two, one, two));
    }

    [Fact]
    public void An_overtaken_one_is_told_however_long_ago_it_was_accepted()
    {
        var (one, two, three) = (Send(accepted: [0]), Send(accepted: [0]), Send(accepted: [0]));

        Assert.Equal((1, 2), Judge(two, one, three));
        Assert.Equal((1, 2), Judge(one, three, two));
        Assert.Equal((1, 2), Judge(three, one, two));
    }

    [Fact]
    public void What_was_never_answered_holds_nobody_back_and_is_behind_what_was()
    {
        var (one, two, three) = (Send(accepted: [0]), Send(accepted: [], tried: [0]), Send(accepted: [0]));

        Assert.Equal((0, 2), Judge(one, three, two));
        Assert.Equal((0, 1), Judge(one, three));
        Assert.Equal((1, 2), Judge(two, one, three));
    }

    [Fact]
    public void Another_collector_has_a_spool_of_its_own()
    {
        var (one, two, three) = (Send(accepted: [0]), Send(accepted: [1]), Send(accepted: [1], tried: [0, 1]));

        Assert.Equal((0, 0), Judge(three, two, one));
    }

    [Fact]
    public void What_both_collectors_accepted_is_before_all_that_is_sent_later()
    {
        var (one, two) = (Send(accepted: [0, 1]), Send(accepted: [1]));

        Assert.Equal((1, 1), Judge(two, one));
    }

    [Fact]
    public void Visitors_have_nothing_to_do_with_each_other_nor_has_one_request_an_order()
    {
        var (one, two) = (New("ann"), New("bob"));
        Send([one, two, New("ann")], accepted: [0], tried: [0]);
        var three = Send(accepted: [0]);
        var more = _requests[0].Batch[2];

        Assert.Equal((0, 1), Judge(more, one, three, two));
        Assert.Equal((1, 1), Judge(one, three, more));
    }

    [Fact]
    public void A_visitor_in_two_partitions_is_told()
    {
        var (one, two) = (Send(accepted: [0]), Send(accepted: [0]));
        var log = Log(one, two);

        Assert.Contains("is in partition 3", Assert.Single(OrderVerdict.Of(_requests, [log[0], log[1] with { Partition = 3 }]).Violations), StringComparison.Ordinal);
    }

    private static Sent New(string visitor) => new(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Buy, null, visitor);

    private static List<Logged> Log(params Sent[] log) => [.. log.Select(one => new Logged(one.Id, one.Series, one.Value, one.Visitor, 0))];

    private Sent Send(int[] accepted, int[]? tried = null)
    {
        var one = New("ann");
        Send([one], accepted, tried ?? accepted);
        return one;
    }

    private void Send(Sent[] batch, int[] accepted, int[] tried)
    {
        var request = new Request(batch);
        Array.ForEach(tried, request.Try);
        Array.ForEach(accepted, request.Accept);
        _requests.Add(request);
    }

    private (int Violations, int Judged) Judge(params Sent[] log)
    {
        var verdict = OrderVerdict.Of(_requests, Log(log));
        return (verdict.Violations.Count, verdict.Judged);
    }
}
