using System.Buffers;

namespace Footfall.Capture;

/// <summary>
/// Arrays for bodies and their records. Of large ones a few are kept for the next: the shared pool keeps as many as were
/// ever in use at one time, and that a stranger decides.
/// </summary>
public static class BytePool
{
    private const int LargestShared = 64 * 1024;
    private const int LargestKept = 4 << 20;
    private const int Kept = 2; // of each power of two: 16 MiB in all

    private static readonly ArrayPool<byte> Large = ArrayPool<byte>.Create(LargestKept, Kept);

    /// <summary>An array of at least so many bytes, with anything in them.</summary>
    public static byte[] Rent(int least) => PoolOf(least).Rent(least);

    /// <summary>Takes one back that <see cref="Rent"/> gave.</summary>
    public static void Return(byte[] bytes) => PoolOf(bytes.Length).Return(bytes);

    // What the shared pool gives is a power of two, so that the bound is on the same side for both calls.
    private static ArrayPool<byte> PoolOf(int length) => length <= LargestShared ? ArrayPool<byte>.Shared : Large;
}
