using Footfall.Server.Capture.Doctor;
using Footfall.Server.Capture.Doctor.Csp;

namespace Footfall.Server.Tests;

/// <summary>What a Content-Security-Policy lets a page load and send: CSP3's own matching.</summary>
public sealed class DoctorPolicyTests
{
    private const string Page = "https://shop.example/courses/";
    private const string Script = "https://collect.example/js/footfall.js";

    [Theory]
    [InlineData("*", true)]
    [InlineData("https:", true)]
    [InlineData("HTTPS:", true)]
    [InlineData("http:", true)] // upgrades are always allowed
    [InlineData("wss:", true)]
    [InlineData("data:", false)]
    [InlineData("'self'", false)]
    [InlineData("'none'", false)]
    [InlineData("'unsafe-inline'", false)]
    [InlineData("collect.example", true)]
    [InlineData("COLLECT.example", true)]
    [InlineData("https://collect.example", true)]
    [InlineData("http://collect.example", true)]
    [InlineData("ftp://collect.example", false)]
    [InlineData("*.example", true)]
    [InlineData("https://*.example", true)]
    [InlineData("https://*", true)]
    [InlineData("*.collect.example", false)]
    [InlineData("example", false)]
    [InlineData("collect.example.", false)]
    [InlineData("c*.example", false)]
    [InlineData("collect.example:443", true)]
    [InlineData("collect.example:*", true)]
    [InlineData("collect.example:80", false)]
    [InlineData("collect.example:8443", false)]
    [InlineData("collect.example:99999999999", false)]
    [InlineData("https://collect.example/", true)]
    [InlineData("https://collect.example/js", false)]
    [InlineData("https://collect.example/js/", true)]
    [InlineData("https://collect.example/js/footfall.js", true)]
    [InlineData("https://collect.example/js/foot%66all.js", true)]
    [InlineData("https://collect.example/JS/", false)]
    [InlineData("https://collect.example/js/footfall.js/", false)]
    [InlineData("https://collect.example/js/footfall.js?v=1", false)]
    [InlineData("//collect.example", false)]
    [InlineData("", false)]
    public void An_address_matches_an_expression(string expression, bool matches) =>
        Assert.Equal(matches, SourceExpression.Matches(expression, new Uri(Script), new Uri(Page), isRedirected: false));

    [Theory]
    [InlineData("https://shop.example/a", "https://shop.example/b", true)]
    [InlineData("https://shop.example:8443/", "https://shop.example:8443/", true)]
    [InlineData("https://shop.example/", "https://shop.example:8443/", false)]
    [InlineData("https://shop.example/", "https://www.shop.example/", false)]
    [InlineData("http://shop.example/", "https://shop.example/", true)] // the default ports of both
    [InlineData("http://shop.example:8080/", "https://shop.example:8080/", true)]
    [InlineData("https://shop.example/", "http://shop.example/", false)]
    [InlineData("http://localhost:8081/demo/", "http://localhost:8081/v1/interactions", true)]
    public void Self_is_the_page_s_own_origin_or_its_secure_sister(string page, string url, bool matches) =>
        Assert.Equal(matches, SourceExpression.Matches("'self'", new Uri(url), new Uri(page), isRedirected: false));

    [Theory]
    [InlineData("http://shop.example/", "collect.example", "http://collect.example/", true)] // a schemeless one has the page's scheme
    [InlineData("http://shop.example/", "collect.example", "https://collect.example/", true)]
    [InlineData("https://shop.example/", "collect.example", "http://collect.example/", false)]
    [InlineData("http://shop.example/", "localhost:8081", "http://localhost:8081/x", true)]
    [InlineData("http://shop.example/", "localhost", "http://localhost:8081/x", false)]
    [InlineData("http://shop.example/", "127.0.0.1:8081", "http://127.0.0.1:8081/x", true)] // as browsers have it
    [InlineData("http://shop.example/", "*", "ws://collect.example/", false)]
    public void What_an_expression_leaves_out_comes_from_the_page_or_is_the_default(string page, string expression, string url, bool matches) =>
        Assert.Equal(matches, SourceExpression.Matches(expression, new Uri(url), new Uri(page), isRedirected: false));

    [Fact]
    public void After_a_redirect_paths_are_not_compared_but_hosts_are()
    {
        Assert.True(SourceExpression.Matches("https://collect.example/elsewhere/", new Uri(Script), new Uri(Page), isRedirected: true));
        Assert.False(SourceExpression.Matches("https://cdn.example/", new Uri(Script), new Uri(Page), isRedirected: true));

        var sources = new SourceList("script-src", ["https://shop.example/js/", "collect.example/other/"]);
        Assert.True(sources.AllowsScript(null, [], [new Uri("https://shop.example/js/footfall.js"), new Uri(Script)], new Uri(Page)));
        Assert.False(sources.AllowsScript(null, [], [new Uri("https://shop.example/js/footfall.js"), new Uri("https://cdn.example/footfall.js")], new Uri(Page)));
        Assert.False(sources.AllowsScript(null, [], [new Uri(Script)], new Uri(Page)));
    }

    [Theory]
    [InlineData("'nonce-abc'", "abc", null, true)]
    [InlineData("'NONCE-abc'", "abc", null, true)]
    [InlineData("'nonce-abc'", "ABC", null, false)]
    [InlineData("'nonce-abc'", null, null, false)]
    [InlineData("'nonce-'", "", null, false)]
    [InlineData("'nonce-abc' 'strict-dynamic'", "abc", null, true)]
    [InlineData("https: 'strict-dynamic'", null, null, false)]
    [InlineData("https: 'STRICT-dynamic'", null, null, false)]
    [InlineData("'sha256-AAAA'", null, "sha256-AAAA", true)]
    [InlineData("'sha256-A-_A'", null, "sha256-A+/A", true)]
    [InlineData("'sha256-AAAA'", null, "sha384-AAAA", false)]
    [InlineData("'sha256-AAAA'", null, "sha256-AAAA sha256-BBBB", false)] // all of the tag's have to be there
    [InlineData("'sha256-AAAA' 'sha256-BBBB' 'strict-dynamic'", null, "sha256-AAAA sha256-BBBB", true)]
    [InlineData("'none'", "abc", "sha256-AAAA", false)]
    [InlineData("", "abc", "sha256-AAAA", false)]
    [InlineData("'none' collect.example", null, null, true)]
    public void A_tag_may_load_by_its_nonce_its_hash_or_its_address(string sources, string? nonce, string? integrity, bool may) => Assert.Equal(
        may,
        new SourceList("script-src", sources.Split(' ', StringSplitOptions.RemoveEmptyEntries)).AllowsScript(nonce, Integrity.Parse(integrity), [new Uri(Script)], new Uri(Page)));

    [Theory]
    [InlineData("script-src-elem a; script-src b; default-src c", "script-src-elem a", "default-src c")]
    [InlineData("script-src b; connect-src d; default-src c", "script-src b", "connect-src d")]
    [InlineData("default-src c e", "default-src c e", "default-src c e")]
    [InlineData("img-src c", null, null)]
    [InlineData("Script-SRC B; script-src c", "script-src B", null)] // the first of one name counts
    [InlineData(" ;; default-src\tx ;", "default-src x", "default-src x")]
    [InlineData("default-src ü; connect-src x", null, "connect-src x")] // what is not ASCII is passed over
    [InlineData("connect-src", null, "connect-src lists nothing")]
    public void The_nearest_directive_decides(string policy, string? script, string? connect)
    {
        var read = Assert.Single(SecurityPolicy.All(Answer($"Content-Security-Policy: {policy}"), []));
        Assert.Equal((script, connect), (read.ScriptSources?.ToString(), read.ConnectSources?.ToString()));
    }

    [Fact]
    public void Policies_come_from_all_headers_their_commas_and_meta_tags()
    {
        var policies = SecurityPolicy.All(
            Answer(
                "Content-Security-Policy: default-src a, default-src b; sandbox",
                "content-security-policy: default-src c",
                "Content-Security-Policy-Report-Only: default-src d; upgrade-insecure-requests; sandbox",
                "Content-Security-Policy: ,;"),
            [new MetaPolicy("default-src e; sandbox; upgrade-insecure-requests", IsBeforeScript: false)]);

        Assert.Equal(
            ["default-src a", "default-src b", "default-src c", "default-src d", "default-src e"],
            policies.Select(policy => policy.ScriptSources!.ToString()));
        Assert.Equal([false, false, false, true, false], policies.Select(policy => policy.IsReportOnly));
        Assert.Equal([true, true, true, true, false], policies.Select(policy => policy.SeesScript));
        Assert.Equal([false, true, false, false, false], policies.Select(policy => policy.Sandbox is not null));
        Assert.Equal([false, false, false, false, true], policies.Select(policy => policy.UpgradesInsecure));
    }

    [Theory]
    [InlineData("default-src 'self' https://collect.example", "Ok")]
    [InlineData("script-src 'self'", "Wrong → Add https://collect.example to script-src")]
    [InlineData("connect-src 'none'", "Wrong → Put https://collect.example in place of 'none'")]
    [InlineData("default-src 'self'; script-src *", "Wrong → Add connect-src with https://collect.example, and what else the page needs there")]
    [InlineData("script-src 'nonce-abc'", "Wrong → Give the tag the nonce that the page's other tags have")]
    [InlineData("script-src 'strict-dynamic' https:", "Wrong → Under 'strict-dynamic' only a nonce or a hash (integrity) lets a tag load: give the tag one")]
    [InlineData("sandbox allow-forms", "Wrong → Add allow-scripts to sandbox")]
    [InlineData("sandbox allow-scripts", "Ok, Warning → Add allow-same-origin to sandbox")]
    [InlineData("sandbox allow-scripts allow-same-origin", "Ok")]
    [InlineData("script-src 'self'; connect-src 'self'", "Wrong → Add https://collect.example to script-src, Wrong → Add https://collect.example to connect-src")]
    public void A_policy_that_keeps_clicks_away_is_told_with_its_remedy(string policy, string findings) =>
        Assert.Equal(findings, Judge(Answer($"Content-Security-Policy: {policy}"), []));

    [Fact]
    public void One_that_only_reports_is_a_warning_and_one_below_the_tag_has_no_say_in_loading()
    {
        Assert.Equal("Ok, Warning → Before it is enforced: Add https://collect.example to script-src", Judge(Answer("Content-Security-Policy-Report-Only: script-src 'self'"), []));
        Assert.Equal("Ok", Judge(Answer(), [new MetaPolicy("script-src 'self'", IsBeforeScript: false)]));
        Assert.Equal("Wrong → Add https://collect.example to script-src", Judge(Answer(), [new MetaPolicy("script-src 'self'", IsBeforeScript: true)]));
        Assert.Equal("Wrong → Add https://collect.example to connect-src", Judge(Answer(), [new MetaPolicy("connect-src 'self'", IsBeforeScript: false)]));
        Assert.Equal("Ok", Judge(Answer(), []));
    }

    private static string Judge(Visit answer, IReadOnlyList<MetaPolicy> metas)
    {
        var tag = new ScriptTag(new Uri(Page), new Dictionary<string, string>(StringComparer.Ordinal) { ["src"] = Script });
        return string.Join(", ", PolicyCheck.Of(SecurityPolicy.All(answer, metas), tag, [new Uri(Script)], new Uri("https://collect.example/js/v1/interactions"), new Uri(Page))
            .Select(finding => finding.Level + (finding.Remedy is { } remedy ? $" → {remedy}" : "")));
    }

    private static Visit Answer(params string[] headers) => new()
    {
        Asked = [new Uri(Page)],
        Headers = [.. headers.Select(header => header.Split(": ", 2)).Select(header => KeyValuePair.Create(header[0], header[1]))],
    };
}
