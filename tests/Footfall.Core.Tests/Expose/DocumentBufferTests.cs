using CsCheck;

namespace Footfall.Expose;

public sealed class DocumentBufferTests
{
    [Fact]
    public void Pieces_are_what_was_written_in_order()
    {
        var written = Gen.Select(Gen.OneOf(Gen.Int[0, 200], Gen.Int[60_000, 70_000], Gen.Int[65_530, 65_540]), Gen.Int[0, 100]);
        Gen.Select(written.Array[0, 20], Gen.Int[1, 2]).Sample(
            (writes, documents) =>
            {
                for (var document = 0; document < documents; document++)
                {
                    using var buffer = new DocumentBuffer();
                    var expected = new List<byte>();
                    foreach (var (length, more) in writes)
                    {
                        var span = buffer.GetSpan(length + more);
                        Assert.True(span.Length >= Math.Max(1, length + more));
                        span[..length].Fill((byte)(length + document));
                        buffer.Advance(length);
                        expected.AddRange(Enumerable.Repeat((byte)(length + document), length));
                    }

                    Assert.Equal(expected.Count, buffer.Length);
                    Assert.Equal(expected, buffer.Pieces.SelectMany(piece => piece.ToArray()));
                }
            },
            iter: 200);
    }

    [Fact]
    public void A_document_of_the_length_of_the_last_allocates_next_to_nothing()
    {
        const int Bytes = 4 << 20;
        Write();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Bytes / 100);

        static void Write()
        {
            using var buffer = new DocumentBuffer();
            for (var written = 0; written < Bytes; written += 1000)
            {
                buffer.GetSpan(1000);
                buffer.Advance(1000);
            }
        }
    }
}
