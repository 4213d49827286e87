using System.Buffers;

namespace Footfall.Expose;

/// <summary>
/// A document that grows in pieces, which are used again by the next: one array that doubles leaves megabytes with each scrape,
/// which are collected with all of the heap while counting waits.
/// </summary>
public sealed class DocumentBuffer : IBufferWriter<byte>, IDisposable
{
    private const int PieceBytes = 64 * 1024;
    private const int KeptPieces = 256; // 16 MiB: 100,000 series

    private static readonly Stack<byte[]> Kept = new();

    private readonly List<byte[]> _pieces = [];
    private readonly List<int> _lengths = []; // of all but the last
    private int _used; // of the last

    /// <summary>How much was written.</summary>
    public long Length => _lengths.Sum(length => (long)length) + _used;

    /// <summary>What was written, in order.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Pieces =>
        _pieces.Select((piece, number) => (ReadOnlyMemory<byte>)piece.AsMemory(0, number < _lengths.Count ? _lengths[number] : _used));

    /// <inheritdoc/>
    public void Advance(int count) => _used += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_pieces.Count == 0 || _pieces[^1].Length - _used < Math.Max(sizeHint, 1))
        {
            Begin(sizeHint);
        }

        return _pieces[^1].AsMemory(_used);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Gives its pieces back.</summary>
    public void Dispose()
    {
        lock (Kept)
        {
            foreach (var piece in _pieces)
            {
                if (piece.Length == PieceBytes && Kept.Count < KeptPieces)
                {
                    Kept.Push(piece);
                }
            }
        }

        _pieces.Clear();
        _lengths.Clear();
        _used = 0;
    }

    private void Begin(int least)
    {
        if (_pieces.Count > 0)
        {
            _lengths.Add(_used);
        }

        _used = 0;
        _pieces.Add(least > PieceBytes ? new byte[least] : Take());
    }

    private static byte[] Take()
    {
        lock (Kept)
        {
            return Kept.TryPop(out var piece) ? piece : GC.AllocateUninitializedArray<byte>(PieceBytes);
        }
    }
}
