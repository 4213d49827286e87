namespace Footfall.Expose;

/// <summary>
/// One row's interactions by the second, over <see cref="Minutes"/> minutes: a piece of 120 bytes for each minute that has
/// some. A piece is made larger where 16 bits of a second's count are too few.
/// </summary>
internal sealed class SecondLine
{
    /// <summary>Two hours, the minute that runs, one for clocks that are ahead, and one that is cut by the beginning.</summary>
    public const int Minutes = (SecondRing.Seconds / MinuteLength) + 3;

    private const int MinuteLength = 60;

    private readonly Array?[] _minutes = new Array?[Minutes]; // of ushort or of int
    private readonly int[] _sums = new int[Minutes];

    /// <summary>The newest minute with something in it.</summary>
    public long Newest { get; private set; }

    /// <summary>A second's minute.</summary>
    public static long MinuteOf(long second) => second / MinuteLength;

    public void Add(long second, int count)
    {
        var minute = MinuteOf(second);
        Newest = Math.Max(Newest, minute);
        ref var piece = ref _minutes[minute % Minutes];
        piece ??= new ushort[MinuteLength];
        _sums[minute % Minutes] += count;
        var place = second % MinuteLength;
        if (piece is ushort[] small)
        {
            if (small[place] + (long)count <= ushort.MaxValue)
            {
                small[place] += (ushort)count;
                return;
            }

            piece = Array.ConvertAll(small, value => (int)value);
        }

        ((int[])piece)[place] += count;
    }

    /// <summary>Forgets what is in a minute's place.</summary>
    public void Clear(long minute) => (_minutes[minute % Minutes], _sums[minute % Minutes]) = (null, 0);

    /// <summary>The sum from a second until before another, both within the minutes that are kept.</summary>
    public long Sum(long from, long to)
    {
        var sum = 0L;
        while (from < to)
        {
            var minute = MinuteOf(from);
            var end = Math.Min(to, (minute + 1) * MinuteLength);
            sum += end - from == MinuteLength ? _sums[minute % Minutes] : SumWithin(_minutes[minute % Minutes], from, end);
            from = end;
        }

        return sum;
    }

    /// <summary>Adds what lies from a second until before another to numbers of several seconds each.</summary>
    /// <param name="cells">The first begins at <paramref name="start"/>.</param>
    /// <param name="start">A second.</param>
    /// <param name="step">Seconds of one number.</param>
    /// <param name="from">Not before <paramref name="start"/>, and kept.</param>
    /// <param name="to">Kept, and within the numbers.</param>
    public void AddTo(long[] cells, long start, int step, long from, long to)
    {
        while (from < to)
        {
            var minute = MinuteOf(from);
            var end = Math.Min(to, (minute + 1) * MinuteLength);
            if (_minutes[minute % Minutes] is { } piece)
            {
                for (var second = from; second < end; second++)
                {
                    cells[(int)(second - start) / step] += At(piece, second);
                }
            }

            from = end;
        }
    }

    private static long SumWithin(Array? piece, long from, long to)
    {
        var sum = 0L;
        for (var second = from; piece is not null && second < to; second++)
        {
            sum += At(piece, second);
        }

        return sum;
    }

    private static int At(Array piece, long second) =>
        piece is ushort[] small ? small[second % MinuteLength] : ((int[])piece)[second % MinuteLength];
}
