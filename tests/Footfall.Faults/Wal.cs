using System.Buffers.Binary;

namespace Footfall.Faults;

/// <summary>
/// A SQLite write-ahead log after a crash (https://www.sqlite.org/fileformat2.html#the_write_ahead_log). What was synced
/// before somebody was told of it can't be torn by a power cut; what comes after the last commit can.
/// </summary>
/// <param name="FrameBytes">Of one page with its header.</param>
/// <param name="Committed">Where the last transaction ends.</param>
/// <param name="Before">Where the one before it ends.</param>
internal sealed record Wal(int FrameBytes, long Committed, long Before)
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;

    /// <summary>Null where there is no transaction in it.</summary>
    public static Wal? Read(ReadOnlySpan<byte> wal)
    {
        if (wal.Length < HeaderBytes)
        {
            return null;
        }

        var frame = FrameHeaderBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(wal[8..]);
        var salts = wal.Slice(16, 8);
        var (committed, before) = (0L, (long)HeaderBytes);
        for (var at = HeaderBytes; at + frame <= wal.Length && wal.Slice(at + 8, 8).SequenceEqual(salts); at += frame)
        {
            // The size of the database after a commit; 0 in all frames but a transaction's last.
            if (BinaryPrimitives.ReadUInt32BigEndian(wal[(at + 4)..]) != 0)
            {
                (before, committed) = (committed == 0 ? HeaderBytes : committed, at + frame);
            }
        }

        return committed == 0 ? null : new(frame, committed, before);
    }

    /// <summary>A transaction was being written when the power went: half a frame of it is there.</summary>
    public void AppendHalfAFrame(FileStream file, Random random)
    {
        Span<byte> salts = stackalloc byte[8];
        file.Position = 16;
        file.ReadExactly(salts);
        var frame = new byte[FrameHeaderBytes + ((FrameBytes - FrameHeaderBytes) / 2)];
        random.NextBytes(frame);
        BinaryPrimitives.WriteUInt32BigEndian(frame, 1);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), 0);
        salts.CopyTo(frame.AsSpan(8));
        file.SetLength(Committed);
        file.Position = Committed;
        file.Write(frame);
    }

    /// <summary>What comes after the last commit is garbage: two pages of it at least.</summary>
    public void Scribble(FileStream file, Random random, long from)
    {
        var garbage = new byte[Math.Min(Math.Max(file.Length - from, 2 * FrameBytes), 1 << 20)];
        random.NextBytes(garbage);
        file.Position = from;
        file.Write(garbage);
    }

    /// <summary>The file ends somewhere after the last commit.</summary>
    public void Cut(FileStream file, Random random) => file.SetLength(Committed + random.NextInt64(0, Math.Max(1, file.Length - Committed)));
}
