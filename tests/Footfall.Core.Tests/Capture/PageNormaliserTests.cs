using System.Text;
using CsCheck;

namespace Footfall.Capture;

public sealed class PageNormaliserTests
{
    private static readonly string[] Patterns = ["/docs/*", "/courses/:course/lessons/:lesson", "/u/:name", "/exact/path", "/docs/api"];

    [Theory]
    // Addresses
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("///", "/")]
    [InlineData("/pricing", "/pricing")]
    [InlineData("pricing", "/pricing")]
    [InlineData("/pricing/", "/pricing")]
    [InlineData("/a//b", "/a/b")]
    [InlineData("https://shop.example", "/")]
    [InlineData("https://shop.example/", "/")]
    [InlineData("https://shop.example?x=/y", "/")]
    [InlineData("https://shop.example/pricing?x=1#y", "/pricing")]
    [InlineData("http://localhost:8080/pricing", "/pricing")]
    [InlineData("/pricing?plan=pro", "/pricing")]
    [InlineData("/pricing#faq", "/pricing")]
    [InlineData("?x=1", "/")]
    [InlineData("#top", "/")]
    [InlineData("/go/https://other.example/x", "/go/https:/other.example/x")]
    // Identifiers
    [InlineData("/orders/1", "/orders/:id")]
    [InlineData("/orders/20261124/items/7", "/orders/:id/items/:id")]
    [InlineData("/u2/019ab3a0-0000-7000-8000-000000000001", "/u2/:id")]
    [InlineData("/u2/019AB3A0-0000-7000-8000-000000000001", "/u2/:id")]
    [InlineData("/u2/019ab3a0000070008000000000000001", "/u2/:id")]
    [InlineData("/files/507f1f77bcf86cd799439011", "/files/:id")]
    [InlineData("/files/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/files/:id")]
    [InlineData("/mail/jane@shop.example", "/mail/:id")]
    [InlineData("/mail/@jane", "/mail/:id")]
    [InlineData("/mail/jane%40shop.example/inbox", "/mail/:id/inbox")]
    // Words
    [InlineData("/courses/intro-to-sql", "/courses/intro-to-sql")]
    [InlineData("/blog/top-10-tips", "/blog/top-10-tips")]
    [InlineData("/v2/web3", "/v2/web3")]
    [InlineData("/feed/decade", "/feed/decade")]
    [InlineData("/deadbeef/facade", "/deadbeef/facade")]
    [InlineData("/internationalisation-2026", "/internationalisation-2026")]
    [InlineData("/größe/買う", "/größe/買う")]
    // Patterns
    [InlineData("/docs", "/docs")]
    [InlineData("/docs/a/b/1?x", "/docs/*")]
    [InlineData("/docs/api", "/docs/*")]
    [InlineData("/courses/sql/lessons/intro", "/courses/:course/lessons/:lesson")]
    [InlineData("/courses/sql/lessons", "/courses/sql/lessons")]
    [InlineData("/courses/sql/lessons/intro/more", "/courses/sql/lessons/intro/more")]
    [InlineData("/u/jane/", "/u/:name")]
    [InlineData("https://shop.example/exact/path", "/exact/path")]
    public void Page_becomes_a_label_of_bounded_variety(string page, string expected) =>
        Assert.Equal(expected, Normalise(new PageNormaliser(Patterns), page));

    [Fact]
    public void Root_can_be_a_pattern() => Assert.Equal("/", Normalise(new PageNormaliser(["/", "/*"]), "/"));

    [Fact]
    public void First_pattern_that_matches_wins() =>
        Assert.Equal("/a/:x", Normalise(new PageNormaliser(["/a/:x", "/a/b", "/*"]), "/a/b"));

    [Theory]
    [InlineData("docs")]
    [InlineData("")]
    [InlineData("/a?b")]
    [InlineData("/a#b")]
    [InlineData("/*/a")]
    public void Pattern_that_cannot_be_read_is_named(string pattern)
    {
        var exception = Assert.Throws<FormatException>(() => new PageNormaliser([pattern]));
        Assert.Contains($"'{pattern}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_page_overflows_the_buffer_and_what_comes_out_stays_as_it_is() =>
        Gen.Select(Gen.OneOf<byte[]>(Gen.Byte.Array[0, 200], Texts.Messy.Select(Encoding.UTF8.GetBytes)), Gen.Bool).Sample((page, withPatterns) =>
        {
            var pages = new PageNormaliser(withPatterns ? Patterns : []);
            var once = Normalise(pages, page);
            Assert.Equal((byte)'/', once[0]);
            Assert.False(once.AsSpan().ContainsAny("?#@"u8));
            Assert.True(once.Length == 1 || once[^1] != '/');
            if (!withPatterns)
            {
                Assert.Equal(once, Normalise(pages, once));
            }
        }, iter: 5_000);

    private static string Normalise(PageNormaliser pages, string page) =>
        Encoding.UTF8.GetString(Normalise(pages, Encoding.UTF8.GetBytes(page)));

    private static byte[] Normalise(PageNormaliser pages, byte[] page)
    {
        var label = new byte[pages.MaxBytes(page.Length)];
        return label[..pages.Normalise(page, label)];
    }
}
