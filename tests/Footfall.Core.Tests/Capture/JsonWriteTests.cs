using System.Globalization;
using System.Text;
using CsCheck;

namespace Footfall.Capture;

public sealed class JsonWriteTests
{
    [Fact]
    public void Times_are_those_that_NET_writes()
    {
        JsonWrite.Minute? last = null;
        Gen.OneOf(Gen.Long[0, CaptureLimits.MaxUnixMilliseconds], Gen.Long[1_795_478_340_000, 1_795_478_460_000]).Sample(
            milliseconds =>
            {
                using var output = new Scratch(16);
                JsonWrite.Time(output, milliseconds, ref last);
                Assert.Equal(
                    DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("\\\"yyyy-MM-dd'T'HH:mm:ss.fff'Z'\\\"", CultureInfo.InvariantCulture),
                    Encoding.UTF8.GetString(output[output.Since(0)]));
            },
            iter: 20_000,
            threads: 1);
    }
}
