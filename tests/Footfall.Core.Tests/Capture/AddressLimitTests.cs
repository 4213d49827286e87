using System.Buffers.Binary;
using System.Net;
using Footfall.Expose;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Capture;

/// <summary>Requests a second of one client, and a table that a crowd can't make larger.</summary>
public sealed class AddressLimitTests
{
    private readonly FakeTimeProvider _clock = Reading.Clock();
    private readonly CaptureCounters _counters = new(new AppTable([Reading.Shop]));

    [Fact]
    public void A_burst_of_twice_the_limit_is_taken_and_then_the_limit()
    {
        var limit = new AddressLimit(5, _counters, _clock);
        Assert.Equal(10, Taken(limit, "192.0.2.1", 100));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(5, Taken(limit, "192.0.2.1", 100));

        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, Taken(limit, "192.0.2.1", 100));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true)] // one /64
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)] // as a socket of both families names it
    [InlineData("192.0.2.1", "::1", false)]
    public void Whose_limit_is_one(string one, string other, bool same)
    {
        var limit = new AddressLimit(1, _counters, _clock);
        Assert.Equal(2, Taken(limit, one, 3));
        Assert.Equal(same ? 0 : 2, Taken(limit, other, 3));
    }

    [Fact]
    public void Who_has_no_address_is_one_client()
    {
        var limit = new AddressLimit(1, _counters, _clock);
        Assert.True(limit.TryTake(null));
        Assert.True(limit.TryTake(null));
        Assert.False(limit.TryTake(null));
    }

    [Fact]
    public void A_crowd_of_addresses_keeps_nobody_out_and_lets_off_only_those_that_send_least()
    {
        var limit = new AddressLimit(1, _counters, _clock);
        Assert.Equal(2, Taken(limit, "192.0.2.1", 3));

        var address = new byte[16];
        for (var i = 0; i < 4 * AddressLimit.Addresses; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(address, i);
            Assert.True(limit.TryTake(new IPAddress(address)));
        }

        Assert.False(limit.TryTake(IPAddress.Parse("192.0.2.1"))); // the one that has had most is known to the last
        Assert.InRange(Forgotten(), 2 * AddressLimit.Addresses, 4 * AddressLimit.Addresses);
    }

    [Fact]
    public void Whose_limit_is_full_again_is_not_missed_when_it_goes()
    {
        var limit = new AddressLimit(1, _counters, _clock);
        for (var i = 0; i < 2 * AddressLimit.Addresses; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            limit.TryTake(new IPAddress(i));
        }

        Assert.Equal(0, Forgotten());
    }

    private static int Taken(AddressLimit limit, string address, int tries) => Enumerable.Range(0, tries).Count(_ => limit.TryTake(IPAddress.Parse(address)));

    private int Forgotten()
    {
        var line = _counters.Page().Split('\n').Single(line => line.StartsWith("footfall_forgotten_addresses_total ", StringComparison.Ordinal));
        return int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
