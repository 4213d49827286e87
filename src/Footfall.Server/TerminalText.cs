using System.Globalization;
using System.Text;

namespace Footfall.Server;

/// <summary>A stranger's bytes as text that a terminal shows and does not obey: what would move, colour or reorder it is shown as its number.</summary>
public static class TerminalText
{
    /// <summary>Of a text.</summary>
    public static string Safe(string text) => Safe(Encoding.UTF8.GetBytes(text));

    /// <summary>Of UTF-8; what is none is shown byte by byte.</summary>
    public static string Safe(ReadOnlySpan<byte> utf8)
    {
        var text = new StringBuilder(utf8.Length);
        while (!utf8.IsEmpty)
        {
            var isText = Rune.DecodeFromUtf8(utf8, out var rune, out var consumed) == System.Buffers.OperationStatus.Done;
            if (!isText)
            {
                foreach (var b in utf8[..consumed])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
                }
            }
            else if (IsShown(rune))
            {
                text.Append(rune);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }

            utf8 = utf8[consumed..];
        }

        return text.ToString();
    }

    /// <summary>Letters, numbers, signs and the blank: neither controls and formats (bidirectional ones too), nor what has no form.</summary>
    private static bool IsShown(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
