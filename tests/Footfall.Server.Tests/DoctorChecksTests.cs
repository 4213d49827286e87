using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Footfall.Server.Capture.Doctor;

namespace Footfall.Server.Tests;

/// <summary>Judgements over what was fetched, without a network.</summary>
public sealed class DoctorChecksTests
{
    private const string Source = "fetch('/v1/interactions')";
    private static readonly Uri Page = new("https://shop.example/");
    private static readonly Uri Script = new("https://collect.example/footfall.js");
    private static readonly string Origin = WebOrigin.Of(Page);

    [Theory]
    [InlineData("", 200, "text/javascript", Source, "", "Ok")]
    [InlineData("", 200, "application/javascript; charset=utf-8", Source, "X-Content-Type-Options: nosniff", "Ok")]
    [InlineData("", 404, "text/javascript", Source, "", "Wrong")]
    [InlineData("", 200, "text/javascript", "\uFEFF <!doctype html>", "", "Wrong")]
    [InlineData("", 200, "text/javascript", "alert(1)", "", "Warning")]
    [InlineData("", 200, "text/plain", Source, "", "Warning")]
    [InlineData("", 200, "text/plain", Source, "X-Content-Type-Options: NoSniff", "Wrong")]
    [InlineData("", 200, "", Source, "", "Warning")]
    [InlineData("", 200, "text/csv", Source, "", "Wrong")]
    [InlineData("", 200, "image/png", Source, "", "Wrong")]
    [InlineData("", 200, "text/javascript", Source, "Cross-Origin-Resource-Policy: same-origin", "Wrong")]
    [InlineData("", 200, "text/javascript", Source, "Cross-Origin-Resource-Policy: cross-origin", "Ok")]
    [InlineData("crossorigin", 200, "text/javascript", Source, "", "Wrong")]
    [InlineData("crossorigin", 200, "text/javascript", Source, "Access-Control-Allow-Origin: *", "Ok")]
    [InlineData("crossorigin", 200, "text/javascript", Source, "Access-Control-Allow-Origin: https://shop.example", "Ok")]
    [InlineData("crossorigin", 200, "text/javascript", Source, "Access-Control-Allow-Origin: https://blog.example", "Wrong")]
    [InlineData("crossorigin=use-credentials", 200, "text/javascript", Source, "Access-Control-Allow-Origin: *", "Wrong")]
    [InlineData("integrity=sha256-AAAA", 200, "text/javascript", Source, "", "Wrong, Wrong")]
    [InlineData("integrity=md5-AAAA", 200, "text/javascript", Source, "", "Warning")]
    [InlineData("integrity=''", 200, "text/javascript", Source, "", "Ok")]
    public void A_script_is_run_or_not(string attributes, int status, string type, string body, string header, string levels) =>
        Assert.Equal(levels, Levels(ScriptCheck.Of(Tag(attributes), Answer(Script, status, type, body, header), Page, Origin)));

    [Fact]
    public void A_hash_fits_by_the_strongest_kind_and_needs_cors_from_another_origin()
    {
        var bytes = Given.Utf8(Source);
        var right = Integrity.Of("sha384", bytes).ToString();
        Assert.True(Integrity.Fits(Integrity.Parse($"sha256-AAAA {right}?x"), bytes));
        Assert.True(Integrity.Fits(Integrity.Parse($"SHA384-AAAA\n{right}"), bytes));
        Assert.False(Integrity.Fits(Integrity.Parse($"sha512-AAAA {right}"), bytes));
        Assert.True(Integrity.Fits([], bytes));

        var script = Answer(Script, 200, "text/javascript", Source, "Access-Control-Allow-Origin: *");
        Assert.Equal("Ok, Ok", Levels(ScriptCheck.Of(Tag($"integrity={right} crossorigin"), script, Page, Origin)));
        Assert.Equal("Wrong", Levels(ScriptCheck.Of(Tag($"integrity={right}"), script, Page, Origin)));
        Assert.Equal("Ok, Ok", Levels(ScriptCheck.Of(Tag($"integrity={right}"), script, Script, WebOrigin.Of(Script))));
        var wrong = Assert.Single(ScriptCheck.Of(Tag("integrity=sha384-AAAA crossorigin"), script, Page, Origin));
        Assert.Contains(right, wrong.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://shop.example/", "https://c.example/", "https://c.example/", "Ok")]
    [InlineData("https://shop.example/", "http://c.example/", "https://c.example/", "Wrong")]
    [InlineData("https://shop.example/", "https://c.example/", "http://c.example/", "Wrong")]
    [InlineData("https://shop.example/", "http://c.example/", "http://c.example/", "Wrong, Wrong")]
    [InlineData("https://shop.example/", "http://localhost:8081/", "http://localhost:8081/", "Ok, Warning")]
    [InlineData("https://shop.example/", "http://a.localhost/", "http://[::1]:8081/", "Ok, Warning")]
    [InlineData("https://localhost/", "http://127.0.0.1:8081/", "http://127.1.2.3/", "Ok")]
    [InlineData("https://localhost/", "http://c.example/", "https://c.example/", "Wrong")]
    [InlineData("http://shop.example/", "http://c.example/", "http://c.example/", "Ok")]
    [InlineData("http://shop.example/", "http://localhost/", "http://localhost/", "Ok, Warning")]
    public void Mixed_content_and_one_s_own_machine_are_told(string page, string script, string endpoint, string levels) =>
        Assert.Equal(levels, Levels(AddressCheck.Of(new Uri(page), [new Uri(script)], new Uri(endpoint))));

    [Theory]
    [InlineData("http://c.example/a?b", "https://c.example/a?b")]
    [InlineData("http://c.example:8080/", "https://c.example:8080/")]
    [InlineData("https://c.example/", "https://c.example/")]
    [InlineData("http://localhost:8081/", "http://localhost:8081/")]
    public void Insecure_requests_are_upgraded_where_the_policy_says_so(string url, string upgraded) =>
        Assert.Equal(upgraded, WebOrigin.Upgraded(new Uri(url)).AbsoluteUri);

    [Theory]
    [InlineData("https://shop.example/a", "https://shop.example")]
    [InlineData("https://shop.example:443/a", "https://shop.example")]
    [InlineData("http://SHOP.example:8080/a", "http://shop.example:8080")]
    [InlineData("http://[::1]:8081/a", "http://[::1]:8081")]
    [InlineData("https://übung.example/", "https://xn--bung-zra.example")]
    public void An_origin_is_as_browsers_send_it(string url, string origin) => Assert.Equal(origin, WebOrigin.Of(new Uri(url)));

    [Theory]
    [InlineData("invalid_target", "Ok")]
    [InlineData("unknown_app", "Wrong: The collector has no app shop: it rejects all")]
    [InlineData("origin_not_allowed", "Wrong: The app shop takes nothing from https://shop.example: the collector rejects all")]
    [InlineData("invalid_key", "Wrong: The app wants a write key, and the tag has none: the collector rejects all")]
    [InlineData("of_later", "Wrong: The collector rejects what this page sends: of_later")]
    public void The_reason_for_the_probe_says_what_is_wrong(string reason, string told) => Assert.Equal(
        told,
        Told(Collected(400, "application/problem+json", $$"""{"reason":"all_rejected","rejected":[{"index":0,"reason":"{{reason}}"}]}""")));

    [Theory]
    [InlineData(429, "application/problem+json", """{"reason":"rate_limited"}""", "Warning")]
    [InlineData(503, "application/problem+json", """{"reason":"overloaded"}""", "Warning")]
    [InlineData(415, "application/problem+json", """{"reason":"unsupported_media_type"}""", "Wrong")]
    [InlineData(503, "text/html", "<h1>", "Wrong")]
    [InlineData(404, "text/html", "<h1>", "Wrong")]
    [InlineData(405, "", "", "Wrong")]
    [InlineData(200, "text/html", "<h1>", "Wrong")]
    [InlineData(400, "application/problem+json", """{"title":"Bad Request"}""", "Wrong")]
    [InlineData(400, "application/problem+json", "[]", "Wrong")]
    [InlineData(400, "application/problem+json", "{", "Wrong")]
    public void Who_does_not_answer_as_a_collector_is_told(int status, string type, string body, string level) =>
        Assert.Equal(level, Levels(CollectorCheck.Of(Collected(status, type, body), Tag(""), Page, Origin)));

    [Theory]
    [InlineData("", "Ok, Wrong")]
    [InlineData("Access-Control-Allow-Origin: *", "Ok")]
    [InlineData("Access-Control-Allow-Origin: https://shop.example", "Ok")]
    [InlineData("Access-Control-Allow-Origin: https://blog.example", "Ok, Wrong")]
    [InlineData("Access-Control-Allow-Origin: *, https://shop.example", "Ok, Wrong")] // a proxy adds its own
    public void An_answer_that_the_page_can_t_read_is_told(string header, string levels)
    {
        var answer = Answer(Script, 400, "application/problem+json", """{"reason":"all_rejected","rejected":[{"reason":"invalid_target"}]}""", header);
        Assert.Equal(levels, Levels(CollectorCheck.Of(answer, Tag(""), Page, Origin)));
        Assert.Equal("Ok", Levels(CollectorCheck.Of(answer, Tag(""), Script, WebOrigin.Of(Script)))); // of its own origin it needs none
    }

    [Theory]
    [InlineData(301, Level.Wrong)]
    [InlineData(302, Level.Wrong)]
    [InlineData(303, Level.Wrong)]
    [InlineData(307, Level.Warning)] // the body goes along
    [InlineData(308, Level.Warning)]
    public void A_collector_that_leads_elsewhere_is_told_where(int status, Level level)
    {
        var finding = Assert.Single(CollectorCheck.Of(Answer(Script, status, "", "", "Location: https://new.example/"), Tag(""), Page, Origin));
        Assert.Equal(level, finding.Level);
        Assert.Contains("https://new.example/", finding.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", """{"target":""}""")]
    [InlineData("data-app=", """{"target":""}""")]
    [InlineData("data-app=shop", """{"app":"shop","target":""}""")]
    [InlineData("data-app='\"}'", """{"app":"\u0022}","target":""}""")]
    public void The_probe_names_the_app_and_no_target(string attributes, string probe) => Assert.Equal(probe, CollectorCheck.Probe(Tag(attributes)));

    [Theory]
    [InlineData(null, null, "")]
    [InlineData(0.4, null, "Ok")]
    [InlineData(-4.9, 4.9, "Ok")]
    [InlineData(6.0, 0.0, "Warning: The clock of the page's server is 6 s ahead of this machine's: one of them is wrong, and the collector stamps interactions by its own")]
    [InlineData(0.0, -7_300.0, "Warning: The collector's clock is 2 h behind this machine's: one of them is wrong, and the collector stamps interactions by its own")]
    [InlineData(300.0, -300.0, "Warning: The clock of the page's server is 5 min ahead of this machine's: one of them is wrong, and the collector stamps interactions by its own, "
        + "Warning: The collector's clock is 5 min behind this machine's: one of them is wrong, and the collector stamps interactions by its own")]
    [InlineData(300.0, 301.0, "Warning: The servers' clocks are 5 min ahead of this machine's")]
    public void Clocks_that_differ_are_a_warning(double? page, double? collector, string told) => Assert.Equal(
        told,
        string.Join(", ", ClockCheck.Of(Seconds(page), Seconds(collector)).Select(finding => finding.Level == Level.Ok ? "Ok" : $"{finding.Level}: {finding.Text}")));

    [Fact]
    public void Trouble_on_the_way_is_told_plainly()
    {
        Assert.Equal("the name collect.example has no address (DNS)", Trouble(HttpRequestError.NameResolutionError, new SocketException((int)SocketError.HostNotFound)));
        Assert.Equal("nothing listens on collect.example:443", Trouble(HttpRequestError.ConnectionError, new SocketException((int)SocketError.ConnectionRefused)));
        Assert.Equal("there is no way from here to collect.example:443", Trouble(HttpRequestError.ConnectionError, new SocketException((int)SocketError.NetworkUnreachable)));
        Assert.Equal(
            "TLS fails with collect.example:443: its certificate is for another name; this machine does not trust its certificate",
            Trouble(HttpRequestError.SecureConnectionError, new AuthenticationException("… RemoteCertificateNameMismatch, RemoteCertificateChainErrors")));
        Assert.Equal(
            "TLS fails with collect.example:443: its certificate has expired, or is not valid yet",
            Trouble(HttpRequestError.SecureConnectionError, new AuthenticationException("… because of errors in the certificate chain: NotTimeValid")));
        Assert.Equal("TLS fails with collect.example:443: Cannot determine the frame size", Trouble(HttpRequestError.SecureConnectionError, new AuthenticationException("Cannot determine the frame size.")));
        Assert.Equal("collect.example:443 took the connection and ended it without an answer", Trouble(HttpRequestError.ResponseEnded, new IOException()));
        Assert.Equal("no whole answer within 10 s", NetworkTrouble.Late(TimeSpan.FromSeconds(10)));
    }

    private static string Trouble(HttpRequestError error, Exception inner) => NetworkTrouble.Of(new HttpRequestException(error, "x", inner), Script);

    private static TimeSpan? Seconds(double? seconds) => seconds is { } number ? TimeSpan.FromSeconds(number) : null;

    private static Visit Collected(int status, string type, string body) =>
        Answer(Script, status, type, body, "Access-Control-Allow-Origin: *");

    private static string Told(Visit answer)
    {
        var finding = Assert.Single(CollectorCheck.Of(answer, Tag("data-app=shop"), Page, Origin));
        return finding.Level == Level.Ok ? "Ok" : $"{finding.Level}: {finding.Text}";
    }

    private static Visit Answer(Uri url, int status, string type, string body, string header) => new()
    {
        Asked = [url],
        Status = (HttpStatusCode)status,
        Body = Given.Utf8(body),
        Headers = [.. new[] { type.Length == 0 ? "" : $"Content-Type: {type}", header }
            .Where(line => line.Length > 0).Select(line => line.Split(": ", 2)).Select(line => KeyValuePair.Create(line[0], line[1]))],
    };

    private static ScriptTag Tag(string attributes) => SitePage.Read(Page, Given.Utf8($"<script src={Script} {attributes}></script>")).Tag!;

    private static string Levels(IEnumerable<Finding> findings) => string.Join(", ", findings.Select(finding => finding.Level));
}
