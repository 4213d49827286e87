using System.Runtime.InteropServices;

namespace Footfall.Fuzz;

/// <summary>Values and names in what is JSON, more or less: also in broken JSON there are some.</summary>
internal static class JsonPieces
{
    /// <summary>Enough to choose from.</summary>
    private const int Most = 2_000;

    public static List<Piece> Find(ReadOnlySpan<byte> text)
    {
        var pieces = new List<Piece>();
        var open = new Stack<int>();
        for (var i = 0; i < text.Length && pieces.Count < Most; i++)
        {
            var start = i;
            switch ((char)text[i])
            {
                case '{' or '[':
                    open.Push(i);
                    break;
                case '}' or ']':
                    if (open.TryPop(out var opened))
                    {
                        pieces.Add(new Piece(opened, i + 1, IsName: false));
                    }

                    break;
                case '"':
                    for (i++; i < text.Length && text[i] != '"'; i++)
                    {
                        i += text[i] == '\\' ? 1 : 0;
                    }

                    i = Math.Min(i, text.Length - 1);
                    pieces.Add(new Piece(start, i + 1, IsName: text[(i + 1)..].TrimStart(" \n\r\t"u8) is [(byte)':', ..]));
                    break;
                case var c when char.IsAsciiLetterOrDigit(c) || c is '-':
                    while (i + 1 < text.Length && (char.IsAsciiLetterOrDigit((char)text[i + 1]) || text[i + 1] is (byte)'.' or (byte)'+' or (byte)'-'))
                    {
                        i++;
                    }

                    pieces.Add(new Piece(start, i + 1, IsName: false));
                    break;
                default:
                    break;
            }
        }

        pieces.Sort((one, other) => one.Start.CompareTo(other.Start));
        return pieces;
    }
}

/// <summary>A value, or a member's name.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Piece(int Start, int End, bool IsName)
{
    public int Length => End - Start;
}
