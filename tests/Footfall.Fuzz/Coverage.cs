using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Footfall.Fuzz;

/// <summary>
/// Which branches an input takes, and roughly how often, as AFL has it (https://lcamtuf.coredump.cx/afl/technical_details.txt):
/// the map is written by instrumented code, and an input is worth keeping that brings something to it that none has brought.
/// Of one thread: instrumented code has one map.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int Size = 64 * 1024;

    private static readonly byte* Map = (byte*)NativeMemory.AllocZeroed(Size);

    // By how often: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more are different things to see.
    private static readonly byte[] Buckets =
        [.. Enumerable.Range(0, 256).Select(n => (byte)(n switch { 0 => 0, 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 }))];

    private readonly byte[] _seen = new byte[Size];

    /// <summary>Places of the map that anything was seen at.</summary>
    public int Places { get; private set; }

    /// <summary>Before any instrumented code runs, which else has nowhere to write.</summary>
    public static void Attach() => Trace.SharedMem = Map;

    /// <summary>Before an input.</summary>
    public static void Clear()
    {
        new Span<byte>(Map, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>After an input: whether it showed something new.</summary>
    public bool Learn()
    {
        var isNew = false;
        var map = new ReadOnlySpan<byte>(Map, Size);
        for (var at = map.IndexOfAnyExcept((byte)0); at >= 0; at = Next(map, at))
        {
            var bucket = Buckets[map[at]];
            if ((_seen[at] & bucket) == 0)
            {
                Places += _seen[at] == 0 ? 1 : 0;
                _seen[at] |= bucket;
                isNew = true;
            }
        }

        return isNew;
    }

    private static int Next(ReadOnlySpan<byte> map, int at)
    {
        var next = map[(at + 1)..].IndexOfAnyExcept((byte)0);
        return next < 0 ? -1 : at + 1 + next;
    }
}
