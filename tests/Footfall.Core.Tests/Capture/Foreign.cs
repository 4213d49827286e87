using System.Text;

namespace Footfall.Capture;

/// <summary>Reads what comes in somebody else's format, at a known time.</summary>
internal static class Foreign
{
    public static CapturedBatch Read(Dialect dialect, string body, Sender sender = default, params App[] apps) =>
        Reading.Reader(apps).Read(Encoding.UTF8.GetBytes(body), dialect, sender);

    /// <summary>The only record of a body that brings just one.</summary>
    public static string One(Dialect dialect, string body)
    {
        using var batch = Read(dialect, body);
        Assert.Null(batch.Unreadable);
        Assert.Empty(batch.Rejections);
        return Assert.Single(batch.Records());
    }

    /// <summary>The only rejection of a body.</summary>
    public static RejectReason Reason(Dialect dialect, string body)
    {
        using var batch = Read(dialect, body);
        Assert.Null(batch.Unreadable);
        Assert.Equal(0, batch.Count);
        return Assert.Single(batch.Rejections).Reason;
    }
}
