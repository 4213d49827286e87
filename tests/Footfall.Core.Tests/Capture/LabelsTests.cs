using System.Text;
using CsCheck;

namespace Footfall.Capture;

public sealed class LabelsTests
{
    [Theory]
    [InlineData("Buy Now", "Buy Now")]
    [InlineData("", "")]
    [InlineData("   ", "")]
    [InlineData("  Buy \t\r\n  Now\u00A0", "Buy Now")]
    [InlineData("Buy\u2003\u3000Now", "Buy Now")]
    [InlineData("Buy\u0000\u0007\u007F\u0085Now", "Buy Now")]
    [InlineData("Bu\u0000y\u001B[31m", "Buy[31m")]
    [InlineData("\u202Eevil\u202C \u2066x\u2069 \u200E\u200F\u061C\uFEFF", "evil x")]
    [InlineData("Größe ändern", "Größe ändern")]
    [InlineData("買う", "買う")]
    [InlineData("👩‍👩‍👧‍👦 family 👍🏽", "👩‍👩‍👧‍👦 family 👍🏽")]
    [InlineData("❤️", "❤️")]
    public void Text_is_cleaned(string text, string expected) => Assert.Equal((expected, false), Clean(text));

    [Theory]
    [InlineData("x")]
    [InlineData("é")]
    [InlineData("😀")]
    public void Text_of_just_the_limit_is_not_cut_and_one_more_is(string character)
    {
        var just = string.Concat(Enumerable.Repeat(character, 200));
        Assert.Equal((just, false), Clean(just));
        Assert.Equal((just, false), Clean($"  {just}\u0000 \u200E "));
        Assert.Equal((string.Concat(Enumerable.Repeat(character, 199)) + "…", true), Clean(just + character));
    }

    [Fact]
    public void Cut_at_a_blank_keeps_the_limit()
    {
        var almost = new string('x', 199);
        Assert.Equal((almost + "…", true), Clean(almost + " y"));
        Assert.Equal((new string('x', 198) + " y", false), Clean(new string('x', 198) + "   y"));
    }

    [Fact]
    public void Ten_thousand_combining_marks_are_cut_like_any_characters() => Assert.Equal(
        ("e" + new string('\u0301', 198) + "…", true), Clean("e" + new string('\u0301', 10_000)));

    [Fact]
    public void No_text_overflows_the_buffer_or_the_limit() =>
        Gen.Select(Gen.OneOf<string>(Texts.Valid, Texts.Messy), Gen.Int[1, 210]).Sample((text, limit) =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var label = new byte[Labels.MaxBytes(bytes.Length, limit)];
            var length = Labels.Clean(bytes, label, limit, out var shortened);
            var cleaned = Encoding.UTF8.GetString(label, 0, length);
            Assert.InRange(Labels.Length(label.AsSpan(0, length)), 0, limit);
            Assert.Equal(cleaned.EnumerateRunes().Count(), Labels.Length(label.AsSpan(0, length)));
            Assert.Equal(cleaned.Trim(), cleaned);
            Assert.DoesNotContain("  ", cleaned, StringComparison.Ordinal);
            Assert.DoesNotContain(cleaned, char.IsControl);
            Assert.Equal(shortened, shortened && cleaned.EndsWith('…'));
        }, iter: 5_000);

    [Fact]
    public void Not_even_bytes_that_are_no_text_overflow_the_buffer() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[1, 210]).Sample((bytes, limit) =>
        {
            var label = new byte[Labels.MaxBytes(bytes.Length, limit)];
            Labels.Clean(bytes, label, limit, out _);
        }, iter: 5_000);

    private static (string Text, bool Shortened) Clean(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var label = new byte[Labels.MaxBytes(bytes.Length, CaptureLimits.TargetLength)];
        var length = Labels.Clean(bytes, label, CaptureLimits.TargetLength, out var shortened);
        return (Encoding.UTF8.GetString(label, 0, length), shortened);
    }
}
