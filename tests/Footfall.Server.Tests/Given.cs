using System.IO.Compression;
using System.Text;

namespace Footfall.Server.Tests;

/// <summary>What most tests begin with.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 5, 29, 48, 123, TimeSpan.Zero);

    /// <summary>Two apps, free ports, and no limit of requests that a test could meet.</summary>
    public static FootfallOptions TwoApps => new()
    {
        Capture = new CaptureSection
        {
            Listen = "http://127.0.0.1:0",
            MaxRequestsPerSecond = 1_000_000,
            Apps =
            {
                ["shop"] = new AppSection
                {
                    Origins = ["https://shop.example"],
                    PinnedTargets = ["Buy Now"],
                    Funnels = { ["enroll"] = new FunnelSection { Steps = ["view", "Enroll Now", "Buy Now"] } },
                },
                ["blog"] = new AppSection { Origins = ["https://*.blog.example"] },
            },
        },
        Expose = new ExposeSection { Listen = "http://127.0.0.1:0" },
    };

    public const string ShopKey = "shop-key-0123456789";

    /// <summary>The same, and the shop has a write key.</summary>
    public static FootfallOptions WithKey => TwoApps with
    {
        Capture = TwoApps.Capture with
        {
            Apps = new() { ["shop"] = TwoApps.Capture.Apps["shop"] with { WriteKey = ShopKey }, ["blog"] = TwoApps.Capture.Apps["blog"] },
        },
    };

    /// <summary>One app, so that none has to be named.</summary>
    public static FootfallOptions OneApp => TwoApps with { Capture = TwoApps.Capture with { Apps = new() { ["shop"] = TwoApps.Capture.Apps["shop"] } } };

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static string Click(string id) => $$"""{"id":"{{id}}","app":"shop","target":"Enroll Now","page":"/","visitor":"ann"}""";

    public static byte[] Gzip(ReadOnlySpan<byte> bytes)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return output.ToArray();
    }

    public static byte[] Gunzip(byte[] bytes)
    {
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var output = new MemoryStream();
        gzip.CopyTo(output);
        return output.ToArray();
    }
}
