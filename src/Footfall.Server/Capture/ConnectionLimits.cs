using Footfall.AspNetCore.Capture;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Footfall.Server.Capture;

/// <summary>
/// What one connection may cost before there is a request to judge. Set by us, also where it is the server's default: a
/// bound that is relied on does not change with a version. All that is past them is counted (<see cref="KestrelRefusals"/>).
/// </summary>
public static class ConnectionLimits
{
    /// <summary>All headers of a request, in bytes. A page of the collector's own domain may bring that domain's cookies, some 4 KB a host.</summary>
    public const int HeaderBytes = 16 * 1024;

    /// <summary>Method, path and query, in bytes: a key, a time, and room.</summary>
    public const int RequestLineBytes = 8 * 1024;

    /// <summary>Headers of a request. Browsers send some twenty, a proxy adds ten.</summary>
    public const int Headers = 64;

    /// <summary>From a request's first byte to its last header: they come in a packet or two, also on a bad line.</summary>
    public static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(10);

    /// <summary>The least rate of bodies and of answers being read, in bytes a second: a tenth of the slowest phone line.</summary>
    public const double LeastRate = 240;

    /// <summary>For how long a slower one is let off, so that a line may stall.</summary>
    public static readonly TimeSpan LeastRateAfter = TimeSpan.FromSeconds(5);

    /// <summary>An idle connection: short enough that those who left make room, longer than balancers keep theirs (60 s), whose next request would be lost.</summary>
    public static readonly TimeSpan KeptAlive = TimeSpan.FromSeconds(90);

    /// <summary>What is read ahead of a connection, in bytes. A request that waits for the log must not let the next ones fill memory.</summary>
    public const int ReadAheadBytes = 64 * 1024;

    /// <summary>Requests at one time on a connection of HTTP/2. A page has one under way, a server that sends for many a few.</summary>
    public const int Streams = 100;

    /// <summary>What all streams of a connection, and one of them, may send ahead of being read, in bytes.</summary>
    public const int ConnectionWindowBytes = 128 * 1024;

    private const int StreamWindowBytes = 96 * 1024;

    /// <summary>Sets them.</summary>
    public static void Apply(KestrelServerLimits limits, int maxConnections)
    {
        limits.MaxRequestBodySize = null; // BodyReader has the limit, and counts
        limits.MaxConcurrentConnections = maxConnections;
        limits.MaxRequestHeadersTotalSize = HeaderBytes;
        limits.MaxRequestLineSize = RequestLineBytes;
        limits.MaxRequestHeaderCount = Headers;
        limits.RequestHeadersTimeout = HeadersWithin;
        limits.MinRequestBodyDataRate = new MinDataRate(LeastRate, LeastRateAfter);
        limits.MinResponseDataRate = new MinDataRate(LeastRate, LeastRateAfter);
        limits.KeepAliveTimeout = KeptAlive;
        limits.MaxRequestBufferSize = ReadAheadBytes;
        limits.Http2.MaxStreamsPerConnection = Streams;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.MaxRequestHeaderFieldSize = HeaderBytes;
        limits.Http3.MaxRequestHeaderFieldSize = HeaderBytes;
    }
}
