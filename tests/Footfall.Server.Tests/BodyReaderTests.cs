using Footfall.AspNetCore.Capture;
using Footfall.Capture;
using Footfall.Server.Capture;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Footfall.Server.Tests;

/// <summary>The bounds of the bodies that are at hand.</summary>
public sealed class BodyReaderTests
{
    private const int MaxBody = 1 << 20;

    [Fact]
    public async Task A_decompression_bomb_is_left_alone_where_the_limit_is()
    {
        var bodies = new BodyReader(MaxBody, 4 * MaxBody);
        var bomb = new MemoryStream(Given.Gzip(new byte[100_000_000]));
        var request = Request(bomb);
        request.Headers.ContentEncoding = "gzip";

        using var body = await bodies.ReadAsync(request);

        Assert.Equal(Refusal.BodyTooLarge, body.Refusal);
        Assert.InRange(bomb.Position, 1, bomb.Length / 4); // what was not read was not decompressed
    }

    [Fact]
    public async Task Gzip_that_never_gives_a_byte_is_left_alone_where_the_limit_is()
    {
        var bodies = new BodyReader(MaxBody, 4 * MaxBody);
        byte[] empty = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]; // a member of nothing (RFC 1952)
        var endless = new RepeatingStream([.. Enumerable.Repeat(empty, 100).SelectMany(member => member)]);
        var request = Request(endless);
        request.Headers.ContentEncoding = "gzip";

        using var body = await bodies.ReadAsync(request);

        Assert.Equal(Refusal.BodyTooLarge, body.Refusal);
        Assert.InRange(endless.Given, MaxBody, MaxBody + 100_000);
    }

    [Fact]
    public async Task What_all_bodies_may_have_is_not_taken_before_it_is_judged()
    {
        var bodies = new BodyReader(MaxBody, MaxBody + CapturedBatch.BytesFor(MaxBody / 2)); // its buffer, which doubles, and its records
        using var first = await bodies.ReadAsync(Request(new MemoryStream(new byte[MaxBody / 2])));
        Assert.Null(first.Refusal);

        using var second = await bodies.ReadAsync(Request(new MemoryStream(new byte[10])));
        Assert.Equal(Refusal.Overloaded, second.Refusal);

        first.Dispose();
        using var third = await bodies.ReadAsync(Request(new MemoryStream(new byte[10])));
        Assert.Null(third.Refusal);
    }

    [Fact]
    public async Task Bytes_are_given_back_however_a_body_ends()
    {
        var bodies = new BodyReader(MaxBody, 3 * MaxBody);
        for (var i = 0; i < 20; i++)
        {
            using var read = await bodies.ReadAsync(Request(new MemoryStream(new byte[MaxBody])));
            Assert.Null(read.Refusal);
            Assert.Equal(MaxBody, read.Bytes.Length);
            read.Dispose();

            using var tooLarge = await bodies.ReadAsync(Request(new MemoryStream(new byte[MaxBody + 1])));
            Assert.Equal(Refusal.BodyTooLarge, tooLarge.Refusal);

            using var broken = await bodies.ReadAsync(Request(new BreakingStream()));
            Assert.Equal(Refusal.Unreadable, broken.Refusal);
        }
    }

    [Fact]
    public async Task Bodies_that_are_announced_and_do_not_come_keep_nobody_out()
    {
        var bodies = new BodyReader(MaxBody, 2 * MaxBody);
        using var ends = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, 20).Select(_ => bodies.ReadAsync(Request(new EndlessStream(0, ends.Token), MaxBody)).AsTask()).ToArray();

        using var body = await bodies.ReadAsync(Request(new MemoryStream(new byte[100]), 100));

        Assert.Null(body.Refusal);
        await ends.CancelAsync();
        foreach (var task in waiting)
        {
            using var ended = await task;
            Assert.Equal(Refusal.Unreadable, ended.Refusal);
        }
    }

    [Fact]
    public async Task Bodies_that_grow_together_stay_within_the_bound_together()
    {
        var bodies = new BodyReader(MaxBody, 4 * MaxBody);
        using var ends = new CancellationTokenSource();
        var all = new TaskCompletionSource();
        // Each begins, and when all have begun, sends nearly all of its megabyte and then nothing.
        var growing = Enumerable.Range(0, 20).Select(_ => bodies.ReadAsync(Request(new EndlessStream(MaxBody - 1, ends.Token, all.Task))).AsTask()).ToArray();
        Assert.DoesNotContain(growing, task => task.IsCompleted);

        all.SetResult();
        await Eventually.HoldsAsync("no more than fit are left", () => growing.Count(task => !task.IsCompleted) <= 4);
        await ends.CancelAsync();

        // One of those may still have been on its way to being refused; whoever was not is cut off now.
        var cutOff = 0;
        foreach (var task in growing)
        {
            using var body = await task;
            cutOff += body.Refusal == Refusal.Unreadable ? 1 : 0;
            Assert.True(body.Refusal is Refusal.Unreadable or Refusal.Overloaded, $"{body.Refusal}");
        }

        Assert.InRange(cutOff, 0, 4);
    }

    private static HttpRequest Request(Stream body, long? length = null)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = body;
        context.Request.ContentLength = length;
        return context.Request;
    }

    /// <summary>Gives one byte, so many when it is told to, and then nothing, until its connection ends.</summary>
    private sealed class EndlessStream(int count, CancellationToken connection, Task? told = null) : MemoryStream(new byte[count])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < Length)
            {
                if (Position == 0)
                {
                    return Read(buffer.Span[..1]);
                }

                await (told ?? Task.CompletedTask);
                return Read(buffer.Span);
            }

            var ended = new TaskCompletionSource();
            await using var registration = connection.Register(() => ended.SetException(new ConnectionAbortedException()));
            await ended.Task;
            return 0;
        }
    }

    private sealed class RepeatingStream(byte[] part) : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var from = (int)(Given % part.Length);
            var count = Math.Min(buffer.Length, part.Length - from);
            part.AsMemory(from, count).CopyTo(buffer);
            Given += count;
            return ValueTask.FromResult(count);
        }
    }

    private sealed class BreakingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("the connection broke");
    }
}
