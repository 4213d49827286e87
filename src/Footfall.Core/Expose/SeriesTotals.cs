using System.Collections;

namespace Footfall.Expose;

/// <summary>
/// The totals of a publication. In pieces, since there is a publication with each commit: one array of tens of thousands is
/// collected only with all of the heap.
/// </summary>
internal sealed class SeriesTotals : IReadOnlyList<SeriesTotal>
{
    private const int PieceLength = 1024; // 32 KiB

    private readonly List<SeriesTotal[]> _pieces = [];

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>One by its place.</summary>
    public SeriesTotal this[int index] => index < Count
        ? _pieces[index / PieceLength][index % PieceLength]
        : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Takes them as they are now.</summary>
    public static SeriesTotals From(IEnumerable<SeriesTotal> totals)
    {
        var all = new SeriesTotals();
        foreach (var piece in totals.Chunk(PieceLength))
        {
            all._pieces.Add(piece);
            all.Count += piece.Length;
        }

        return all;
    }

    /// <summary>In their order.</summary>
    public IEnumerator<SeriesTotal> GetEnumerator() => _pieces.SelectMany(piece => piece).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
