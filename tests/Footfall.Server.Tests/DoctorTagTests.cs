using Footfall.Server.Capture.Doctor;

namespace Footfall.Server.Tests;

/// <summary>What of a page's HTML a browser would take for footfall.js, and what its attributes mean.</summary>
public sealed class DoctorTagTests
{
    private static readonly Uri Url = new("https://shop.example/courses/sql");

    [Theory]
    [InlineData("<script src=/footfall.js>", "https://shop.example/footfall.js")]
    [InlineData("<SCRIPT DEFER SRC='//collect.example/footfall-leave.js'></SCRIPT>", "https://collect.example/footfall-leave.js")]
    [InlineData("<script src=' footfall.js?v=1#a '></script>", "https://shop.example/courses/footfall.js?v=1#a")]
    [InlineData("<base href='https://collect.example/js/'><script src=footfall.js></script>", "https://collect.example/js/footfall.js")]
    [InlineData("<base target=_blank><base href=/a/><base href=/b/><script src=footfall.js></script>", "https://shop.example/a/footfall.js")]
    [InlineData("<body><p><b><script src=/my-footfall.js></script>", "https://shop.example/my-footfall.js")]
    [InlineData("<!-- <script src=/footfall.js></script> -->", null)]
    [InlineData("<noscript><script src=/footfall.js></script></noscript>", null)]
    [InlineData("<template><script src=/footfall.js></script></template>", null)]
    [InlineData("<textarea><script src=/footfall.js></script></textarea>", null)]
    [InlineData("<script>'<script src=/footfall.js>'</script>", null)]
    [InlineData("<script src=/footfall.mjs></script>", null)]
    [InlineData("<script src=/other.js?footfall.js></script>", null)]
    [InlineData("<link rel=preload as=script href=/footfall.js>", null)]
    [InlineData("", null)]
    public void A_tag_is_found_where_a_browser_runs_it(string html, string? src) =>
        Assert.Equal(src, Read(html).Tag?.Url?.AbsoluteUri);

    [Theory]
    [InlineData("""<script type=module>import { start } from '/footfall.mjs'</script>""", true)]
    [InlineData("""<script type=module src=/assets/Footfall-4711.js></script>""", true)]
    [InlineData("""<script src=/app.js></script>""", false)]
    [InlineData("""<script src=/footfall.js></script>""", false)]
    public void Another_script_that_names_Footfall_is_noticed(string html, bool isNamed) => Assert.Equal(isNamed, Read(html).IsNamedElsewhere);

    [Fact]
    public void Policies_of_meta_tags_count_in_the_head_from_their_place_on()
    {
        var page = Read(
            """
            <meta http-equiv=content-security-policy content="default-src a"><meta name=Content-Security-Policy content="default-src b">
            <script src=/footfall.js></script><meta http-equiv="Content-Security-Policy" content="default-src c"><meta http-equiv=Content-Security-Policy>
            <body><meta http-equiv=Content-Security-Policy content="default-src d">
            """);
        Assert.Equal([new("default-src a", true), new("default-src c", false), new("", false)], page.Policies);
    }

    [Theory]
    [InlineData("src=https://c.example/footfall.js", "https://c.example/v1/interactions")]
    [InlineData("src=https://c.example/js/footfall.js?v=1", "https://c.example/js/v1/interactions")]
    [InlineData("src=https://c.example/footfall.js data-collector=https://d.example", "https://d.example/v1/interactions")]
    [InlineData("src=https://c.example/footfall.js data-collector=https://d.example/f//", "https://d.example/f/v1/interactions")]
    [InlineData("src=https://c.example/footfall.js data-collector=/f", "https://shop.example/f/v1/interactions")]
    [InlineData("src=https://c.example/footfall.js data-collector", "https://shop.example/v1/interactions")]
    [InlineData("src=https://c.example/footfall.js data-collector=d.example", "https://shop.example/courses/d.example/v1/interactions")]
    [InlineData("src=https://c.example/footfall.js data-collector=mailto:a@b", null)]
    [InlineData("src=https://c.example/footfall.js data-collector=http://[", null)]
    public void It_sends_to_where_the_script_would(string attributes, string? endpoint) => Assert.Equal(endpoint, Tag(attributes).Endpoint?.AbsoluteUri);

    [Theory]
    [InlineData("", ScriptKind.Classic, true)]
    [InlineData("type", ScriptKind.Classic, true)]
    [InlineData("type=' Text/JavaScript '", ScriptKind.Classic, true)]
    [InlineData("type=module", ScriptKind.Module, false)]
    [InlineData("type=text/plain", ScriptKind.Data, false)]
    [InlineData("nomodule", ScriptKind.Classic, false)]
    public void Not_every_tag_runs(string attributes, ScriptKind kind, bool runs)
    {
        var tag = Tag("src=/footfall.js " + attributes);
        Assert.Equal((kind, runs), (tag.Kind, tag.Runs));
    }

    [Theory]
    [InlineData("", "Wrong")]
    [InlineData("<script>footfall.start()</script>", "Warning")]
    [InlineData("<script src=/footfall.js></script>", "Ok")]
    [InlineData("<script src=/footfall.js></script><script src=/footfall-leave.js></script>", "Ok, Warning")]
    [InlineData("<script src=/footfall.js type=module></script><script src=/footfall.js></script>", "Ok, Warning")]
    [InlineData("<script src=/footfall.js type=module></script>", "Wrong")]
    [InlineData("<script src=/footfall.js type=text/plain></script>", "Warning")]
    [InlineData("<script src=/footfall.js nomodule></script>", "Wrong")]
    [InlineData("<script src='file:///footfall.js'></script>", "Wrong")]
    public void What_tags_there_are_is_judged(string html, string levels) => Assert.Equal(levels, Levels(TagCheck.Of(Read(html))));

    [Theory]
    [InlineData("", "none: all is as by default")]
    [InlineData("defer async data-app=shop crossorigin nonce=abc data-cf-settings=1", "data-app=\"shop\"")]
    [InlineData("data-app=shop data-key=k data-collector=https://c.example data-visitor=site data-hash data-signals=ignore",
        "data-app=\"shop\" data-key=\"k\" data-collector=\"https://c.example\" data-visitor=\"site\" data-hash=\"\" data-signals=\"ignore\"")]
    public void Attributes_that_are_as_they_should_be_are_listed(string attributes, string text) =>
        Assert.Equal(Finding.Ok("attributes", text), Assert.Single(AttributeCheck.Of(Tag("src=/footfall.js " + attributes))));

    [Theory]
    [InlineData("data-apps=shop", "data-app may be meant")]
    [InlineData("data-ap=shop", "data-app may be meant")]
    [InlineData("data-application=shop", "data-app may be meant")]
    [InlineData("data-colector=/x", "data-collector may be meant")]
    [InlineData("data-concent=required", "data-consent may be meant")]
    [InlineData("data-vistor=site", "data-visitor may be meant")]
    [InlineData("app=shop", "data-app is meant")]
    [InlineData("data-leave", "Load footfall-leave.js in place of footfall.js")]
    [InlineData("data-app", "Name the app, or leave it out")]
    [InlineData("data-key=''", "Give the app's write key, or leave it out")]
    [InlineData("data-visitor=forever", "It is tab or site")]
    [InlineData("data-hash=false", "Leave it out to switch it off")]
    [InlineData("data-signals=yes", "It is ignore, or left out")]
    [InlineData("data-consent=yes", "It is required, or left out")]
    [InlineData("data-collector=collect.example", "It is like https://collect.example.com")]
    public void Attributes_that_mean_nothing_or_something_else_are_warnings(string attributes, string remedy)
    {
        var odd = Assert.Single(AttributeCheck.Of(Tag("src=https://collect.example/footfall.js " + attributes)), finding => finding.Level != Level.Ok);
        Assert.Equal((Level.Warning, remedy), (odd.Level, odd.Remedy));
    }

    [Fact]
    public void Consent_that_is_required_is_told_and_an_address_that_is_none_is_wrong()
    {
        var consent = AttributeCheck.Of(Tag("src=/footfall.js data-consent=required"));
        Assert.Equal("Ok, Ok", Levels(consent));
        Assert.Contains("before the page has called footfall.consent(true)", consent[1].Text, StringComparison.Ordinal);
        Assert.Equal("Ok, Wrong", Levels(AttributeCheck.Of(Tag("src=/footfall.js data-collector=mailto:a@b"))));
    }

    [Fact]
    public void What_a_terminal_would_obey_is_not_shown()
    {
        var finding = Assert.Single(AttributeCheck.Of(Tag("src=/footfall.js data-app='a\u001b[31m\u202e\nb" + new string('x', 10_000) + "'")));
        Assert.StartsWith("data-app=\"a [31m  bxxx", finding.Text, StringComparison.Ordinal);
        Assert.True(finding.Text.Length < 300);
    }

    private static SitePage Read(string html) => SitePage.Read(Url, Given.Utf8(html));

    private static ScriptTag Tag(string attributes) => Read($"<script {attributes}></script>").Tag!;

    private static string Levels(IEnumerable<Finding> findings) => string.Join(", ", findings.Select(finding => finding.Level));
}
