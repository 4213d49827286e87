using System.IO.Compression;
using System.Numerics;
using Footfall.Capture;
using Microsoft.AspNetCore.Connections;

namespace Footfall.AspNetCore.Capture;

/// <summary>
/// Reads bodies whole, decompressed, within two bounds: of one body, sent and decompressed, and of all bodies that are
/// at hand at one time, with what becomes of them. A body that says it is too large is not read at all.
/// </summary>
internal sealed class BodyReader(int maxBodyBytes, long maxInFlightBytes)
{
    /// <summary>Most bodies fit; what a larger one only announces is not reserved, or a few silent connections would keep all others out.</summary>
    private const int FirstBuffer = 16 * 1024;

    private static ReadOnlySpan<byte> GzipMagic => [0x1F, 0x8B]; // RFC 1952, 2.3.1

    private long _inFlight;

    /// <summary>Reads a request's body; dispose of it when its bytes are no longer needed.</summary>
    public async ValueTask<Body> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > maxBodyBytes)
        {
            return Body.Refused(Refusal.BodyTooLarge, TooLarge);
        }

        var saysGzip = request.Headers.ContentEncoding.ToString().Equals("gzip", StringComparison.OrdinalIgnoreCase);
        var capacity = (int)Math.Min(request.ContentLength + 1 ?? FirstBuffer, FirstBuffer);
        var body = await ReadAsync(request.Body, saysGzip, capacity);
        if (!saysGzip && body.Bytes.Span.StartsWith(GzipMagic))
        {
            // Some compress and do not say so; no text begins with these two bytes.
            using var packed = body;
            body = await ReadAsync(packed.AsStream(), isGzip: true, FirstBuffer);
        }

        return WithRoom(body);
    }

    /// <summary>With room for what becomes of it too, now that it is there: a body that only trickles in has none.</summary>
    private static Body WithRoom(Body body)
    {
        if (body.Refusal is not null || body.TryReserveRecords())
        {
            return body;
        }

        body.Dispose();
        return Body.Refused(Refusal.Overloaded, null);
    }

    private async ValueTask<Body> ReadAsync(Stream sent, bool isGzip, int capacity)
    {
        var body = new Body(this);
        if (!body.TryRent(capacity))
        {
            return Body.Refused(Refusal.Overloaded, null);
        }

        var kept = false;
        try
        {
            var result = await FillAsync(body, sent, isGzip);
            kept = ReferenceEquals(result, body);
            return result;
        }
        finally
        {
            if (!kept)
            {
                body.Dispose();
            }
        }
    }

    private string TooLarge => $"at most {maxBodyBytes} bytes are taken, compressed or not";

    private async ValueTask<Body> FillAsync(Body body, Stream sent, bool isGzip)
    {
        var counted = new CountingStream(sent, maxBodyBytes);
        await using var decompressed = isGzip ? new GZipStream(counted, CompressionMode.Decompress, leaveOpen: true) : null;
        Stream source = decompressed is null ? counted : decompressed;
        try
        {
            int read;
            byte[]? oneMore = null; // for a body of just the largest size: whether that is its end

            // Not cancelled when the connection ends: that ends the read by itself, and what is cancelled is an error in Kestrel's log.
            while ((read = await source.ReadAsync(body.Length < maxBodyBytes ? body.Free : oneMore ??= new byte[1], CancellationToken.None)) > 0)
            {
                if (body.Length + read > maxBodyBytes || counted.IsOver)
                {
                    return Body.Refused(Refusal.BodyTooLarge, TooLarge);
                }

                body.Advance(read);
                if (body.Length < maxBodyBytes && !body.HasRoom())
                {
                    return Body.Refused(Refusal.Overloaded, null);
                }
            }

            return counted.IsOver ? Body.Refused(Refusal.BodyTooLarge, TooLarge) : body;
        }
        catch (InvalidDataException)
        {
            return counted.IsOver
                ? Body.Refused(Refusal.BodyTooLarge, TooLarge)
                : Body.Refused(Refusal.Unreadable, "the body is not gzip, as Content-Encoding or its first bytes say");
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => Body.Refused(Refusal.BodyTooLarge, TooLarge),
                StatusCodes.Status408RequestTimeout => Body.Refused(Refusal.TooSlow, null),
                _ => Body.Refused(Refusal.Unreadable, e.Message),
            };
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            return Body.Refused(Refusal.Unreadable, "the connection ended within the body"); // for the counter: nobody is there to read it
        }
    }

    /// <summary>Counts what is about to be rented: memory is not taken first and judged afterwards.</summary>
    private bool TryReserve(int bytes)
    {
        if (Interlocked.Add(ref _inFlight, bytes) <= maxInFlightBytes)
        {
            return true;
        }

        Interlocked.Add(ref _inFlight, -bytes);
        return false;
    }

    /// <summary>A body's bytes, or why there are none.</summary>
    public sealed class Body : IDisposable
    {
        private readonly BodyReader? _owner;
        private byte[] _bytes = [];
        private int _reserved;

        internal Body(BodyReader owner) => _owner = owner;

        private Body(Refusal refusal, string? detail) => (Refusal, Detail) = (refusal, detail);

        /// <summary>Why it was not read; null when it was.</summary>
        public Refusal? Refusal { get; }

        /// <summary>For the sender.</summary>
        public string? Detail { get; }

        /// <summary>All of it.</summary>
        public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, Length);

        internal int Length { get; private set; }

        internal Memory<byte> Free => _bytes.AsMemory(Length);

        internal MemoryStream AsStream() => new(_bytes, 0, Length, writable: false);

        internal static Body Refused(Refusal refusal, string? detail) => new(refusal, detail);

        internal void Advance(int count) => Length += count;

        /// <summary>Whether there is room for more; it doubles when it is full.</summary>
        internal bool HasRoom() => Length < _bytes.Length || TryRent(_bytes.Length * 2);

        /// <summary>Takes room, if all bodies together may have it.</summary>
        internal bool TryRent(int capacity)
        {
            capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 16)); // as the pool does
            if (!_owner!.TryReserve(capacity - _reserved))
            {
                return false;
            }

            _reserved = capacity;
            var full = _bytes;
            _bytes = BytePool.Rent(capacity);
            full.AsSpan(0, Length).CopyTo(_bytes);
            if (full.Length > 0)
            {
                BytePool.Return(full);
            }

            return true;
        }

        /// <summary>Counts the room for what becomes of it, if all bodies together may have it.</summary>
        internal bool TryReserveRecords()
        {
            var bytes = CapturedBatch.BytesFor(Length);
            if (!_owner!.TryReserve(bytes))
            {
                return false;
            }

            _reserved += bytes;
            return true;
        }

        /// <summary>Gives the bytes back.</summary>
        public void Dispose()
        {
            if (_bytes.Length > 0)
            {
                BytePool.Return(_bytes);
                Interlocked.Add(ref _owner!._inFlight, -_reserved);
                (_bytes, _reserved) = ([], 0);
            }
        }
    }

    /// <summary>
    /// Counts what is read through it, the compressed bytes, which nobody else sees, and ends past the most: gzip can go on
    /// for ever without a byte coming out of it.
    /// </summary>
    private sealed class CountingStream(Stream inner, long most) : Stream
    {
        private long _count;

        public bool IsOver => _count > most;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (IsOver)
            {
                return 0;
            }

            var read = await inner.ReadAsync(buffer, cancellationToken);
            _count += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("bodies are read asynchronously");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
