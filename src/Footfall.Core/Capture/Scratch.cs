using System.Runtime.InteropServices;

namespace Footfall.Capture;

/// <summary>A growing, pooled stretch of bytes; places in it are offsets, since growing moves it.</summary>
internal sealed class Scratch(int capacity) : IDisposable
{
    private byte[] _bytes = BytePool.Rent(capacity);

    public int Length { get; private set; }

    public void Reset() => Length = 0;

    /// <summary>Room for <paramref name="count"/> more bytes; <see cref="Advance"/> keeps what was written there.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Grow(count);
        }

        return _bytes.AsSpan(Length, count);
    }

    public void Advance(int count) => Length += count;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Length += bytes.Length;
    }

    public void Append(byte value)
    {
        Reserve(1)[0] = value;
        Length++;
    }

    public ReadOnlySpan<byte> this[Slot slot] => _bytes.AsSpan(slot.Start, slot.Length);

    public ReadOnlyMemory<byte> Memory(Slot slot) => _bytes.AsMemory(slot.Start, slot.Length);

    public Slot Since(int start) => new(start, Length - start);

    public void Dispose()
    {
        BytePool.Return(_bytes);
        _bytes = [];
    }

    private void Grow(int count)
    {
        var larger = BytePool.Rent(Math.Max(_bytes.Length * 2, Length + count));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        BytePool.Return(_bytes);
        _bytes = larger;
    }
}

/// <summary>A place in a <see cref="Scratch"/>, or in other bytes.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Slot(int Start, int Length)
{
    public bool IsEmpty => Length == 0;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> bytes) => bytes.Slice(Start, Length);
}
