namespace Footfall.Fuzz;

/// <summary>Makes of an input another: of its bytes, and of the JSON in it. All of it is decided by the seed.</summary>
internal sealed class Mutator(Random random, int longest)
{
    /// <summary>Longer ones are made seldom: what costs more than it should shows only with much of it, and takes time.</summary>
    private const int Usual = 4 * 1024;

    private const int LongOneIn = 250;

    /// <summary>One or a few changes, one after another.</summary>
    /// <param name="input">Stays as it is.</param>
    /// <param name="other">To take from.</param>
    public byte[] Mutate(byte[] input, byte[] other)
    {
        var isLong = random.Next(LongOneIn) == 0;
        // What is made much of is nearly as it was, and so seldom broken.
        for (var changes = isLong ? random.Next(2) : 1 << random.Next(5); changes > 0; changes--)
        {
            input = random.Next(2) == 0 ? ChangeBytes(input, other) : ChangeJson(input, other);
            input = input.Length <= longest ? input : input[..longest];
        }

        // Twice or more: some code is slow only where there is much of two things.
        for (var swellings = isLong ? 1 + random.Next(3) : 0; swellings > 0; swellings--)
        {
            input = Swell(input);
        }

        var most = isLong ? longest : Usual;
        return input.Length <= most ? input : input[..most];
    }

    private byte[] ChangeBytes(byte[] input, byte[] other)
    {
        var at = random.Next(input.Length + 1);
        var end = Math.Min(input.Length, at + 1 + random.Next(random.Next(2) == 0 ? 4 : 64));
        switch (random.Next(11))
        {
            case 0 when at < input.Length: // a bit
                var flipped = (byte[])input.Clone();
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1 when at < input.Length: // a byte
                var changed = (byte[])input.Clone();
                changed[at] = (byte)random.Next(256);
                return changed;
            case 2:
                return Replace(input, at, at, Any(Words.Pieces));
            case 3:
                return Replace(input, at, end, Any(Words.Pieces));
            case 4:
                return Replace(input, at, end, []);
            case 5: // twice
                return Replace(input, at, at, input.AsSpan(at, end - at));
            case 6: // moved
                var moved = input[at..end];
                var rest = Replace(input, at, end, []);
                var to = random.Next(rest.Length + 1);
                return Replace(rest, to, to, moved);
            case 7: // of another
                var from = random.Next(other.Length + 1);
                return Replace(input, at, end, other.AsSpan(from, random.Next(Math.Min(other.Length - from, 256) + 1)));
            case 8: // one's beginning, another's end
                return [.. input.AsSpan(0, at), .. other.AsSpan(random.Next(other.Length + 1))];
            case 9 when random.Next(4) == 0:
                return input[..at];
            default:
                var noise = new byte[1 + random.Next(8)];
                random.NextBytes(noise);
                return Replace(input, at, at, noise);
        }
    }

    private byte[] ChangeJson(byte[] input, byte[] other)
    {
        var pieces = JsonPieces.Find(input);
        if (pieces.Count == 0)
        {
            return ChangeBytes(input, other);
        }

        var index = random.Next(pieces.Count);
        var piece = pieces[index];
        var end = piece.IsName && index + 1 < pieces.Count ? pieces[index + 1].End : piece.End; // a whole member
        switch (random.Next(10))
        {
            case 0 or 1:
                return Replace(input, piece.Start, piece.End, Any(piece.IsName ? Words.Names : Words.Values));
            case 2: // of another
                var others = JsonPieces.Find(other);
                return others.Count == 0 ? input : Replace(input, piece.Start, piece.End, Of(other, others[random.Next(others.Count)]));
            case 3: // twice, as a member or an element
                return Replace(input, piece.Start, piece.Start, [.. input.AsSpan(piece.Start, end - piece.Start), (byte)',']);
            case 4: // gone, with its comma
                var after = end < input.Length && input[end] == ',' ? end + 1 : end;
                return Replace(input, piece.Start, after, []);
            case 5: // the place of another
                var second = pieces[random.Next(pieces.Count)];
                var (left, right) = piece.Start <= second.Start ? (piece, second) : (second, piece);
                return left.End > right.Start
                    ? Replace(input, left.Start, left.End, Of(input, right))
                    : [.. input.AsSpan(0, left.Start), .. Of(input, right), .. input.AsSpan(left.End, right.Start - left.End), .. Of(input, left), .. input.AsSpan(right.End)];
            case 6: // deeper
                var levels = random.Next(8) == 0 ? random.Next(200) : 1 + random.Next(3);
                var isList = random.Next(2) == 0;
                return Replace(
                    input, piece.Start, piece.End,
                    [.. Repeat(isList ? "["u8 : "{\"a\":"u8, levels), .. Of(input, piece), .. Repeat(isList ? "]"u8 : "}"u8, levels)]);
            case 7 when piece.Length > 1 && input[piece.Start] == '"': // within a text
                var at = piece.Start + 1 + random.Next(piece.Length - 1);
                var word = Any(Words.Values);
                return Replace(input, at, at, word is [(byte)'"', .., (byte)'"'] ? word.AsSpan(1, word.Length - 2) : word);
            case 8: // another member
                return Replace(input, piece.Start, piece.Start, [.. Any(Words.Names), (byte)':', .. Any(Words.Values), (byte)',']);
            default: // some more of the same
                return Replace(input, piece.Start, piece.Start, Repeat([.. input.AsSpan(piece.Start, end - piece.Start), (byte)','], 2 + random.Next(12)));
        }
    }

    /// <summary>As many of something as there is room for.</summary>
    private byte[] Swell(byte[] input)
    {
        var pieces = JsonPieces.Find(input);
        if (pieces.Count == 0 || random.Next(4) == 0)
        {
            var at = random.Next(input.Length + 1);
            var end = Math.Min(input.Length, at + 1 + random.Next(16));
            var bytes = at == end ? Any(Words.Pieces) : input[at..end];
            return Replace(input, at, at, Repeat(bytes, random.Next(longest / 2) / bytes.Length));
        }

        var index = random.Next(pieces.Count);
        var (start, stop) = (pieces[index].Start, pieces[index].IsName && index + 1 < pieces.Count ? pieces[index + 1].End : pieces[index].End);
        byte[] one = [.. input.AsSpan(start, stop - start), (byte)(random.Next(8) == 0 ? '\n' : ',')];
        return Replace(input, start, start, Repeat(one, random.Next(longest / 2) / one.Length));
    }

    private byte[] Any(byte[][] words) => words[random.Next(words.Length)];

    private static ReadOnlySpan<byte> Of(byte[] text, Piece piece) => text.AsSpan(piece.Start, piece.Length);

    private static byte[] Replace(byte[] input, int start, int end, ReadOnlySpan<byte> by) => [.. input.AsSpan(0, start), .. by, .. input.AsSpan(end)];

    private static byte[] Repeat(ReadOnlySpan<byte> bytes, int times)
    {
        var all = new byte[bytes.Length * times];
        for (var i = 0; i < times; i++)
        {
            bytes.CopyTo(all.AsSpan(i * bytes.Length));
        }

        return all;
    }
}
