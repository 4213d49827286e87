using System.Globalization;
using System.Text;
using CsCheck;

namespace Footfall.Count;

public sealed class HexNumberTests
{
    [Fact]
    public void Reads_what_is_a_number_and_nothing_else() =>
        Gen.OneOf(Gen.String[Gen.Char["0123456789abcdefABCDEF"], 1, 15], Gen.String[Gen.Char["09afAFgG@`/:- é\0"], 1, 15]).Sample(text =>
            Assert.Equal(
                long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && text.All(char.IsAsciiHexDigit) ? number : -1,
                HexNumber.Of(Encoding.UTF8.GetBytes(text))),
            iter: 10_000);
}
