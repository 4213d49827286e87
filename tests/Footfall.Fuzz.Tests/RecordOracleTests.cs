using System.Text;
using Footfall.Capture;
using Footfall.Fuzz.Targets;
using Footfall.Log;

namespace Footfall.Fuzz.Tests;

/// <summary>The judge of records can fail, at each thing that it judges.</summary>
public sealed class RecordOracleTests
{
    private const string Body = """{"id":"i","type":"click","target":"Buy Now","page":"/a","visitor":"v","value":1.5,"view":"w","n":3,"properties":{"a":"b"}}""";

    [Fact]
    public void Record_as_it_is_written_is_right() => RecordOracle.Check(Record());

    [Theory]
    [InlineData("\"i\"", "\"", "not JSON")]
    [InlineData("Buy Now", "Buy  Now", "not clean")]
    [InlineData("Buy Now", "Buy\\nNow", "control character")]
    [InlineData("Buy Now", "\\ud800", "")]
    [InlineData(",\"target\":\"Buy Now\"", "", "no target")]
    [InlineData("\"visitor\":\"v\"", "\"visitor\":\"\"", "0 characters")]
    [InlineData("\"visitor\":\"v\"", "\"visitor\":\"x\"", "spool")]
    [InlineData("\"visitor\":\"v\"", "\"view\":\"v\"", "twice")]
    [InlineData("\"value\":1.5", "\"value\":1.0000001", "bounds")]
    [InlineData("\"value\":1.5", "\"value\":1000000001", "bounds")]
    [InlineData("\"n\":3", "\"n\":0", "none")]
    [InlineData("\"shop\"", "\"other\"", "configured")]
    [InlineData("{\"a\":\"b\"}", "{\"a\":[]}", "flat")]
    [InlineData("{\"a\":\"b\"}", "{}", "0 properties")]
    [InlineData("\"id\":\"i\"", "\"id\":\"j\"", "spool")]
    [InlineData("\"type\":\"click\"", "\"type\":\"other\"", "spool")]
    [InlineData("29:48.123Z\",\"value", "29:48.124Z\",\"value", "another time")]
    [InlineData("48.123Z\",\"view", "49.123Z\",\"view", "window")]
    public void Record_that_is_not_is_found(string what, string by, string said)
    {
        var record = Record();
        var text = Encoding.UTF8.GetString(record.Value.Span);
        Assert.Contains(what, text, StringComparison.Ordinal);
        var wrong = record with { Value = Encoding.UTF8.GetBytes(text.Replace(what, by, StringComparison.Ordinal)) };

        Assert.Contains(said, Assert.ThrowsAny<Exception>(() => RecordOracle.Check(wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Record_that_is_no_UTF_8_is_found()
    {
        var record = Record();
        Assert.Contains("UTF-8", Assert.Throws<BrokenPromise>(() => RecordOracle.Check(record with { Value = (byte[])[.. record.Value.Span, 0xFF] })).Message, StringComparison.Ordinal);
    }

    private static LogRecord Record()
    {
        // Not disposed of: its bytes are the record's.
        var batch = new InteractionReader(new AppTable([new App("shop", [], [])]), new FixedTime()).Read(Encoding.UTF8.GetBytes(Body), BodyForm.Json, default);
        return batch.Records.Span[0];
    }
}
