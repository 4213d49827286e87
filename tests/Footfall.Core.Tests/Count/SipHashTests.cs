using System.Buffers.Binary;

namespace Footfall.Count;

public sealed class SipHashTests
{
    /// <summary>Of SipHash-2-4-128's reference (https://github.com/veorq/SipHash, vectors.h; CC0): the key is 00 to 0f, a message 00 to length - 1.</summary>
    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    [InlineData(2, "8177228da4a45dc7fca38bdef60affe4")]
    [InlineData(3, "9c70b60c5267a94e5f33b6b02985ed51")]
    [InlineData(4, "f88164c12d9c8faf7d0f6e7c7bcd5579")]
    [InlineData(5, "1368875980776f8854527a07690e9627")]
    [InlineData(6, "14eeca338b208613485ea0308fd7a15e")]
    [InlineData(7, "a1f1ebbed8dbc153c0b84aa61ff08239")]
    [InlineData(8, "3b62a9ba6258f5610f83e264f31497b4")]
    [InlineData(9, "264499060ad9baabc47f8b02bb6d71ed")]
    [InlineData(15, "5493e99933b0a8117e08ec0f97cfc3d9")]
    [InlineData(16, "6ee2a4ca67b054bbfd3315bf85230577")]
    [InlineData(17, "473d06e8738db89854c066c47ae47740")]
    [InlineData(31, "2939b0183223fafc1723de4f52c43d35")]
    [InlineData(63, "5150d1772f50834a503e069a973fbd7c")]
    public void Hash_is_the_references(int length, string expected)
    {
        var hash = new SipHash(0x0706050403020100, 0x0f0e0d0c0b0a0908).Hash([.. Enumerable.Range(0, length).Select(i => (byte)i)]);
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, hash);
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Every_process_has_its_own_key() =>
        Assert.NotEqual(SipHash.WithRandomKey().Hash("id"u8), SipHash.WithRandomKey().Hash("id"u8));
}
