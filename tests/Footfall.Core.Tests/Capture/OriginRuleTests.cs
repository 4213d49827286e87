namespace Footfall.Capture;

public sealed class OriginRuleTests
{
    [Theory]
    [InlineData("https://shop.example", "https://shop.example", true)]
    [InlineData("https://shop.example", "https://SHOP.example", true)]
    [InlineData("https://shop.example", "https://shop.example:443", true)]
    [InlineData("https://shop.example", "https://shop.example:8443", false)]
    [InlineData("https://shop.example", "http://shop.example", false)]
    [InlineData("https://shop.example", "https://www.shop.example", false)]
    [InlineData("https://shop.example", "https://shop.example.evil.example", false)]
    [InlineData("https://shop.example", "https://evilshop.example", false)]
    [InlineData("https://shop.example", "https://shop.example@evil.example", false)]
    [InlineData("https://shop.example", "https://evil@shop.example", false)]
    [InlineData("https://shop.example", "https://shop.example/path", false)]
    [InlineData("https://shop.example", "null", false)]
    [InlineData("https://shop.example", "", false)]
    [InlineData("https://shop.example", "file:///etc/passwd", false)]
    [InlineData("http://shop.example:8080", "http://shop.example:8080", true)]
    [InlineData("http://shop.example:8080", "http://shop.example", false)]
    [InlineData("https://*.shop.example", "https://www.shop.example", true)]
    [InlineData("https://*.shop.example", "https://a.b.shop.example", true)]
    [InlineData("https://*.shop.example", "https://shop.example", false)]
    [InlineData("https://*.shop.example", "https://evilshop.example", false)]
    [InlineData("https://*.shop.example", "https://www.shop.example:8443", false)]
    [InlineData("https://*.shop.example", "http://www.shop.example", false)]
    [InlineData("https://*.shop.example", "https://www.shop.example.evil.example", false)]
    [InlineData("https://*.shop.example:8443", "https://www.shop.example:8443", true)]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example", true)]
    [InlineData("https://*.bücher.example", "https://www.xn--bcher-kva.example", true)]
    [InlineData("https://bücher.example", "https://bücher.example", false)]
    [InlineData("*", "é", false)]
    [InlineData("*", "\u001b", false)]
    [InlineData("*", "https://a\u007f.example", false)]
    [InlineData("http://[2001:db8::1]:8080", "http://[2001:db8:0::1]:8080", true)]
    [InlineData("http://[2001:db8::1]:8080", "http://[2001:db8::2]:8080", false)]
    [InlineData("local", "http://localhost", true)]
    [InlineData("local", "http://localhost:5173", true)]
    [InlineData("local", "https://shop.localhost", true)]
    [InlineData("local", "http://127.0.0.1:8080", true)]
    [InlineData("local", "http://127.1.2.3", true)]
    [InlineData("local", "http://[::1]:8080", true)]
    [InlineData("local", "http://10.0.0.1", false)]
    [InlineData("local", "http://[::2]", false)]
    [InlineData("local", "http://localhost.evil.example", false)]
    [InlineData("local", "http://127.0.0.1.evil.example", false)]
    [InlineData("local", "http://evillocalhost", false)]
    [InlineData("local", "null", false)]
    [InlineData("*", "https://anything.example", true)]
    [InlineData("*", "null", true)]
    public void Origin_is_judged_by_the_rule(string rule, string origin, bool allowed) =>
        Assert.Equal(allowed, OriginRule.Parse(rule).Matches(origin));

    [Theory]
    [InlineData("")]
    [InlineData("shop.example")]
    [InlineData("ftp://shop.example")]
    [InlineData("https://shop.example/path")]
    [InlineData("https://user@shop.example")]
    [InlineData("https://*")]
    [InlineData("https://*.*.example")]
    [InlineData("https://shop.*")]
    [InlineData("https://*shop.example")]
    [InlineData("**")]
    public void Rule_that_cannot_be_read_is_named(string rule)
    {
        var exception = Assert.Throws<FormatException>(() => OriginRule.Parse(rule));
        Assert.Contains($"'{rule}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void App_allows_what_one_of_its_rules_allows_and_what_has_no_origin()
    {
        var app = new App("shop", ["https://shop.example", "local"], []);
        Assert.True(app.Allows("https://shop.example"));
        Assert.True(app.Allows("http://localhost:3000"));
        Assert.True(app.Allows(null));
        Assert.False(app.Allows("https://evil.example"));
        Assert.True(new AppTable([app]).AnyAllows("http://localhost:3000"));
        Assert.False(new AppTable([app]).AnyAllows("https://evil.example"));
    }

    [Fact]
    public void App_without_rules_allows_no_page() => Assert.False(new App("shop", [], []).Allows("http://localhost"));

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("(unknown)")]
    [InlineData("größe")]
    [InlineData("a/b")]
    public void App_name_that_could_not_be_a_label_is_named(string name)
    {
        var exception = Assert.Throws<FormatException>(() => new App(name, [], []));
        Assert.Contains($"'{name}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_app_is_the_one_that_is_meant_when_none_is_named()
    {
        var (a, b) = (new App("a", [], []), new App("b", [], []));
        Assert.Same(a, new AppTable([a]).Default);
        Assert.Null(new AppTable([b, a]).Default);
        Assert.Same(b, new AppTable([b, a]).Find("b"u8));
        Assert.Null(new AppTable([b, a]).Find("B"u8));
        Assert.Equal([a, b], new AppTable([b, a]).All);
    }
}
