using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;

namespace Footfall.Capture;

/// <summary>When something happened, by a clock that may be wrong.</summary>
public sealed class OwnClockTests
{
    private static readonly long Now = Reading.Now.ToUnixTimeMilliseconds();

    [Theory]
    // behind, at (before arrival), kept (before arrival), what was done
    [InlineData(null, 1_000, 1_000, "")]
    [InlineData(0, 1_000, 1_000, "")]
    [InlineData(5_000, 6_000, 6_000, "")] // as a slow network would look
    [InlineData(-5_000, 1_000, 1_000, "")]
    [InlineData(5_001, 6_000, 999, "moved")]
    [InlineData(3_600_000, 3_601_000, 1_000, "moved")]
    [InlineData(-3_600_000, -3_599_000, 1_000, "moved")]
    [InlineData(-3_600_000, -3_600_001, 0, "moved future")]
    [InlineData(null, -1, 0, "future")]
    [InlineData(null, 604_800_000, 604_800_000, "")]
    [InlineData(null, 604_800_001, 604_800_000, "past")]
    [InlineData(3_600_000, 608_400_001, 604_800_000, "moved past")]
    public void At_is_moved_to_our_clock_and_kept_within_a_week_before_arrival(int? behind, long before, long kept, string done)
    {
        using var batch = Read($$"""{"target":"t","at":{{Number(Now - before)}}}""", behind);

        Assert.Equal(Now - kept, AtOf(Assert.Single(batch.Records())));
        var corrected = batch.Corrected;
        Assert.Equal(done, string.Join(' ', new[] { ("moved", corrected.Moved), ("future", corrected.FromFuture), ("past", corrected.FromPast) }
            .Where(one => one.Item2 == 1).Select(one => one.Item1)));
    }

    [Fact]
    public void Without_a_time_of_its_own_it_happened_when_it_came_whatever_the_clock() =>
        Assert.Equal(Now, AtOf(Assert.Single(Read("""{"target":"t"}""", 3_600_000).Records())));

    [Fact]
    public void Whatever_is_sent_the_time_that_is_kept_is_within_the_window() =>
        Gen.Select(Gen.Long[0, 253_402_300_799_999], Gen.Long[-253_402_300_799_999 * 2, 253_402_300_799_999 * 2].Nullable()).Sample((at, behind) =>
        {
            using var batch = Read($$"""{"target":"t","at":{{Number(at)}}}""", behind);
            Assert.InRange(AtOf(Assert.Single(batch.Records())), Now - (long)CaptureLimits.OldestAt.TotalMilliseconds, Now);
        });

    private static CapturedBatch Read(string body, long? behind) =>
        Reading.Reader().Read(Encoding.UTF8.GetBytes(body), BodyForm.Json, new Sender(ClockBehind: behind));

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long AtOf(string record)
    {
        using var document = JsonDocument.Parse(record);
        return document.RootElement.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds();
    }
}
