using System.Diagnostics;

namespace Footfall.Fuzz;

/// <summary>Makes an input small that breaks something: leaves out what is not needed, from halves to bytes.</summary>
internal static class Shrinker
{
    /// <summary>Slow ones are what is being looked for, too.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    public static byte[] Shrink(byte[] input, Func<byte[], bool> breaks)
    {
        var start = Stopwatch.GetTimestamp();
        var found = true;
        while (found)
        {
            found = TryWithoutPieces(ref input, breaks, start);
            for (var size = Math.Max(input.Length / 2, 1); size > 0; size /= 2)
            {
                for (var at = 0; at < input.Length;)
                {
                    if (Stopwatch.GetElapsedTime(start) > Longest)
                    {
                        return input;
                    }

                    byte[] smaller = [.. input.AsSpan(0, at), .. input.AsSpan(Math.Min(at + size, input.Length))];
                    if (breaks(smaller))
                    {
                        (input, found) = (smaller, true);
                    }
                    else
                    {
                        at += size;
                    }
                }
            }
        }

        return input;
    }

    /// <summary>Leaves out members and elements, with the comma after or before them: without them it is JSON still.</summary>
    private static bool TryWithoutPieces(ref byte[] input, Func<byte[], bool> breaks, long start)
    {
        var found = false;
        var pieces = JsonPieces.Find(input);
        for (var i = 0; i < pieces.Count && Stopwatch.GetElapsedTime(start) < Longest; i++)
        {
            var piece = pieces[i];
            var end = piece.IsName && i + 1 < pieces.Count ? pieces[i + 1].End : piece.End;
            var hasCommaBefore = piece.Start > 0 && input[piece.Start - 1] == ',';
            var hasCommaAfter = end < input.Length && input[end] == ',';
            byte[] smaller = [
                .. input.AsSpan(0, hasCommaBefore && !hasCommaAfter ? piece.Start - 1 : piece.Start),
                .. input.AsSpan(hasCommaAfter ? end + 1 : end)];
            if (breaks(smaller))
            {
                (input, found) = (smaller, true);
                pieces = JsonPieces.Find(input);
                i--;
            }
        }

        return found;
    }
}
