using System.Text;

namespace Footfall.Capture;

/// <summary>What a write key lets in, and what it keeps out.</summary>
public sealed class WriteKeyTests
{
    private const string ShopKey = "shop-key-0123456789";
    private const string BlogKey = "blog-key-0123456789";

    private static readonly App Shop = new("shop", [], [], ShopKey);
    private static readonly App Blog = new("blog", [], [], BlogKey);
    private static readonly App Open = new("open", [], []);

    [Theory]
    [InlineData("0123456789abcdef")]
    [InlineData("ABC_def-0123456789")]
    public void Form_that_goes_into_urls_and_headers_is_a_key(string text) =>
        Assert.True(new WriteKey(text).Is(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcde")]
    [InlineData("0123456789 abcdef")]
    [InlineData("0123456789abcdef:")]
    [InlineData("0123456789abcdéfg")]
    public void Other_form_is_none_and_is_not_repeated(string text)
    {
        var said = Assert.Throws<FormatException>(() => new WriteKey(text)).Message;
        Assert.Equal("the write key must be 16 to 100 letters, digits, '_' or '-'", said);
    }

    [Fact]
    public void Key_beyond_its_limit_is_none()
    {
        Assert.True(WriteKey.IsWellFormed(new string('k', WriteKey.MaxLength)));
        Assert.False(WriteKey.IsWellFormed(new string('k', WriteKey.MaxLength + 1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("shop-key-012345678")]
    [InlineData("shop-key-01234567890")]
    [InlineData("SHOP-key-0123456789")]
    public void Other_text_is_not_the_key(string text) => Assert.False(new WriteKey(ShopKey).Is(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData(ShopKey, null, "shop")] // a key names its app
    [InlineData(BlogKey, null, "blog")]
    [InlineData(ShopKey, "shop", "shop")]
    [InlineData(null, "open", "open")] // an app without a key needs none
    public void Interaction_is_taken_for_the_app_of_its_key(string? key, string? app, string taken)
    {
        using var batch = Read(key, app, Shop, Blog, Open);
        Assert.Empty(batch.Rejections);
        Assert.Equal(taken, Assert.Single(batch.PerApp).App.Name);
    }

    [Theory]
    [InlineData(null, "shop", RejectReason.InvalidKey)] // it has one
    [InlineData(BlogKey, "shop", RejectReason.InvalidKey)] // another app's
    [InlineData(ShopKey, "open", RejectReason.InvalidKey)] // a key is for its app
    [InlineData("nobodys-key-0123456789", "open", RejectReason.InvalidKey)]
    [InlineData("nobodys-key-0123456789", "nobody", RejectReason.InvalidKey)]
    [InlineData("", "open", RejectReason.InvalidKey)]
    [InlineData(ShopKey, "nobody", RejectReason.UnknownApp)]
    [InlineData(null, null, RejectReason.UnknownApp)]
    public void Interaction_without_the_key_of_its_app_is_rejected(string? key, string? app, RejectReason reason)
    {
        using var batch = Read(key, app, Shop, Blog, Open);
        Assert.Equal(reason, Assert.Single(batch.Rejections).Reason);
    }

    [Fact]
    public void Only_app_needs_its_key_too()
    {
        using var without = Read(null, null, Shop);
        Assert.Equal((Shop, RejectReason.InvalidKey), Assert.Single(without.RejectedApps));
        using var with = Read(ShopKey, null, Shop);
        Assert.Equal(1, with.Count);
    }

    [Fact]
    public void Where_no_app_has_a_key_keys_mean_nothing()
    {
        using var batch = Read("a-proxys-password", null, Open);
        Assert.Equal(1, batch.Count);
    }

    [Fact]
    public void Wrong_key_comes_before_all_else_that_is_wrong()
    {
        using var batch = Reading.Reader(Shop).Read("""{"id":"","value":-1}"""u8.ToArray(), BodyForm.Json, new Sender(Key: "nobodys-key-0123456789"));
        Assert.Equal(RejectReason.InvalidKey, Assert.Single(batch.Rejections).Reason);
    }

    private static CapturedBatch Read(string? key, string? app, params App[] apps)
    {
        var named = app is null ? "" : $",\"app\":\"{app}\"";
        return Reading.Reader(apps).Read(Encoding.UTF8.GetBytes($$"""{"target":"t"{{named}}}"""), BodyForm.Json, new Sender(Key: key));
    }
}
