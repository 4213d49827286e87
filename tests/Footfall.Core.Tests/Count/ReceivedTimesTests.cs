namespace Footfall.Count;

public sealed class ReceivedTimesTests
{
    private const long Then = 1_790_000_000_000;

    [Fact]
    public void Few_moments_are_told_exactly()
    {
        var times = new ReceivedTimes();
        times.Add(Then);
        times.Add(Then + 1);
        times.Add(Then);

        Assert.Equal([new(Then, 2), new(Then + 1, 1)], times.Moments.OrderBy(moment => moment.Key));
    }

    [Fact]
    public void Many_are_told_less_exactly_and_none_is_forgotten()
    {
        var times = new ReceivedTimes();
        const int count = 5 * ReceivedTimes.MaxMoments;
        for (var i = 0; i < count; i++)
        {
            times.Add(Then + i);
        }

        var moments = times.Moments.OrderBy(moment => moment.Key).ToList();
        Assert.InRange(moments.Count, ReceivedTimes.MaxMoments / 2, ReceivedTimes.MaxMoments);
        Assert.Equal(count, moments.Sum(moment => moment.Value));
        Assert.InRange(moments[0].Key, Then - 8, Then);
        Assert.InRange(moments[^1].Key, Then + count - 9, Then + count - 1);
    }

    [Fact]
    public void After_they_were_told_they_are_exact_again()
    {
        var times = new ReceivedTimes();
        for (var i = 0; i <= ReceivedTimes.MaxMoments; i++)
        {
            times.Add(Then + i);
        }

        times.Clear();
        times.Add(Then + 1);

        Assert.Equal([new(Then + 1, 1)], times.Moments);
    }
}
