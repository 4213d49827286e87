using System.Net;
using System.Net.Sockets;
using Footfall.Count;

namespace Footfall.Capture;

/// <summary>
/// How many requests a second one client may send, by its address: an IPv4 address, or the /64 of an IPv6 address,
/// which is what one household gets. Addresses are kept as keyed hashes, in memory alone, in a table of one size: a new
/// address takes the place of the one nearest to being forgotten anyway, so a crowd of addresses neither fills memory
/// nor keeps anybody out. Safe to share.
/// </summary>
public sealed class AddressLimit(int requestsPerSecond, CaptureCounters counters, TimeProvider time)
{
    /// <summary>Addresses that are known at one time: 1 MiB of them.</summary>
    public const int Addresses = 65_536;

    /// <summary>Places that an address may have; the more, the likelier that one of them is free.</summary>
    private const int Ways = 8;

    private const int PrefixBytes = 8; // of IPv6: /64

    private readonly Lock _gate = new();
    private readonly SipHash _hash = SipHash.WithRandomKey();
    private readonly Rate _rate = new(requestsPerSecond);
    private readonly (ulong Address, long FullAt)[] _table = new (ulong, long)[Addresses];

    /// <summary>Whether one more request of the address is within the limit.</summary>
    /// <param name="address">Null (a socket of this machine): one client, whoever it is.</param>
    public bool TryTake(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        var hash = _hash.Hash(bytes[..Write(address, bytes)]);
        var (key, set) = ((ulong)hash, (int)((ulong)(hash >> 64) % (Addresses / Ways)));
        var now = Rate.Now(time);
        lock (_gate)
        {
            return _rate.TryTake(ref PlaceOf(key, _table.AsSpan(set * Ways, Ways), now), now, 1);
        }
    }

    private static int Write(IPAddress? address, Span<byte> bytes)
    {
        if (address is null)
        {
            return 0;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        address.TryWriteBytes(bytes, out var length);
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? PrefixBytes : length;
    }

    private ref long PlaceOf(ulong key, Span<(ulong Address, long FullAt)> places, long now)
    {
        var first = 0;
        for (var i = 0; i < places.Length; i++)
        {
            if (places[i].Address == key)
            {
                return ref places[i].FullAt;
            }

            first = places[i].FullAt < places[first].FullAt ? i : first;
        }

        if (places[first].FullAt > now)
        {
            counters.ForgetAddress();
        }

        places[first] = (key, now);
        return ref places[first].FullAt;
    }
}
