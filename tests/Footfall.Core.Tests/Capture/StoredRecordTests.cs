using System.Text;
using CsCheck;
using Footfall.Log;

namespace Footfall.Capture;

/// <summary>What a spool keeps is a value alone; the record it came in is made of it again.</summary>
public sealed class StoredRecordTests
{
    [Fact]
    public void Every_record_that_the_reader_makes_is_restored_from_its_value()
    {
        var text = Gen.OneOf(Gen.String[Gen.Char['a', 'z'], 1, 20], Gen.Const("\u00e4\u4e2d \\\"\\u00e9 \\t"), Gen.Const("Buy Now"));
        Gen.Select(text, text, text.Null(), text.Null(), Gen.OneOf("click", "view", "my type")).Sample((id, target, visitor, view, type) =>
        {
            var field = (visitor is null ? "" : $",\"visitor\":\"{visitor}\"") + (view is null ? "" : $",\"view\":\"{view}\",\"n\":1");
            using var batch = Reading.Read($$"""{"id":"{{id}}","target":"{{target}}","type":"{{type}}"{{field}}}""");
            if (batch.Count == 0)
            {
                return; // a control character in an id or visitor
            }

            var record = batch.Records.Span[0];
            Assert.Equal(Text(record), Text(StoredRecord.Restore(record.Value)));
        });
    }

    [Fact]
    public void A_value_that_cannot_be_read_goes_on_as_it_is()
    {
        var record = StoredRecord.Restore("{broken"u8.ToArray());
        Assert.Equal("{broken", Encoding.UTF8.GetString(record.Value.Span));
        Assert.True(record.Key.IsEmpty);
    }

    private static (string, string, string, string, string, long) Text(LogRecord record) => (
        Encoding.UTF8.GetString(record.Key.Span), Encoding.UTF8.GetString(record.Value.Span), Encoding.UTF8.GetString(record.Id.Span),
        record.Source, record.Type, record.Time);
}
