using System.Collections;
using System.Diagnostics;

namespace Footfall.Expose;

/// <summary>
/// The totals of a publication. In pieces, since there is a publication with each commit: what did not change from one to the
/// next they share. A piece is never written once it is published.
/// </summary>
internal sealed class SeriesTotals : IReadOnlyList<SeriesTotal>
{
    /// <summary>
    /// 2 KiB. What changes lies anywhere, so a commit copies up to this much for each total that did; on the other hand each
    /// publication has a list of all pieces, which of 600,000 totals is still collected with the young.
    /// </summary>
    internal const int PieceLength = 64;

    private readonly SeriesTotal[][] _pieces; // all of full length; what is beyond the count is in none

    private SeriesTotals(SeriesTotal[][] pieces, int count) => (_pieces, Count) = (pieces, count);

    /// <summary>None.</summary>
    public static SeriesTotals Empty { get; } = new([], 0);

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>One by its place.</summary>
    public SeriesTotal this[int index] => (uint)index < (uint)Count
        ? _pieces[index / PieceLength][index % PieceLength]
        : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>In their order.</summary>
    public IEnumerator<SeriesTotal> GetEnumerator()
    {
        for (var place = 0; place < Count; place++)
        {
            yield return this[place];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether the piece of a place is the other's, too.</summary>
    internal bool Shares(SeriesTotals other, int place) => _pieces[place / PieceLength] == other._pieces[place / PieceLength];

    /// <summary>Makes the totals that follow others: theirs, but for what is set.</summary>
    /// <param name="before">The others; they stay as they are.</param>
    /// <param name="count">How many there will be, no fewer than before.</param>
    internal sealed class Builder(SeriesTotals before, int count)
    {
        private readonly SeriesTotal[][] _pieces = Share(before, count);

        /// <summary>One by its place; each that is new has to be set.</summary>
        public SeriesTotal this[int place]
        {
            set
            {
                Debug.Assert((uint)place < (uint)count, "a place beyond the count");
                var number = place / PieceLength;
                if (number >= before._pieces.Length)
                {
                    _pieces[number] ??= new SeriesTotal[PieceLength];
                }
                else if (_pieces[number] == before._pieces[number])
                {
                    _pieces[number] = [.. before._pieces[number]];
                }

                _pieces[number][place % PieceLength] = value;
            }
        }

        /// <summary>Once; nothing may be set any more.</summary>
        public SeriesTotals Build() => new(_pieces, count);

        private static SeriesTotal[][] Share(SeriesTotals before, int count)
        {
            var pieces = new SeriesTotal[(count + PieceLength - 1) / PieceLength][];
            before._pieces.CopyTo(pieces, 0);
            return pieces;
        }
    }
}
