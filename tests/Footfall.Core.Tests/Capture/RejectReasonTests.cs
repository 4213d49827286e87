using System.Runtime.ExceptionServices;
using System.Text;

namespace Footfall.Capture;

/// <summary>Every reason of the closed list has an interaction that yields it, and one that just doesn't.</summary>
public sealed class RejectReasonTests
{
    private static readonly string Long = new('x', 101);

    public static TheoryData<RejectReason, string> Wrong => new()
    {
        { RejectReason.Malformed, """{"id":"\ud800","target":"t"}""" },
        { RejectReason.Malformed, """[17]""" },
        { RejectReason.Malformed, """["text"]""" },
        { RejectReason.Malformed, """[null]""" },
        { RejectReason.Malformed, """[[{"id":"i","target":"t"}]]""" },
        { RejectReason.UnknownApp, """{"id":"i","target":"t","app":"other"}""" },
        { RejectReason.UnknownApp, """{"id":"i","target":"t","app":""}""" },
        { RejectReason.UnknownApp, """{"id":"i","target":"t","app":5}""" },
        { RejectReason.InvalidId, """{"id":"","target":"t"}""" },
        { RejectReason.InvalidId, """{"id":5,"target":"t"}""" },
        { RejectReason.InvalidId, $$"""{"id":"{{Long}}","target":"t"}""" },
        { RejectReason.InvalidType, """{"id":"i","target":"t","type":""}""" },
        { RejectReason.InvalidType, """{"id":"i","target":"t","type":"two words"}""" },
        { RejectReason.InvalidType, """{"id":"i","target":"t","type":"é"}""" },
        { RejectReason.InvalidType, $$"""{"id":"i","target":"t","type":"{{Long[..51]}}"}""" },
        { RejectReason.InvalidType, """{"id":"i","target":"t","type":["click"]}""" },
        { RejectReason.InvalidTarget, """{"id":"i"}""" },
        { RejectReason.InvalidTarget, """{"id":"i","target":""}""" },
        { RejectReason.InvalidTarget, """{"id":"i","target":" \n\u200e\u0000 "}""" },
        { RejectReason.InvalidTarget, """{"id":"i","target":null,"type":"submit"}""" },
        { RejectReason.InvalidTarget, """{"id":"i","target":{"a":1},"type":"view"}""" },
        { RejectReason.InvalidPage, """{"id":"i","target":"t","page":1}""" },
        { RejectReason.InvalidId, """{"id":"a\u0000b","target":"t"}""" },
        { RejectReason.InvalidId, """{"id":"a\u007f","target":"t"}""" },
        { RejectReason.InvalidId, """{"id":"\u00a0\u0080","target":"t"}""" },
        { RejectReason.InvalidVisitor, """{"id":"i","target":"t","visitor":"a\nb"}""" },
        { RejectReason.InvalidVisitor, """{"id":"i","target":"t","visitor":"\u009f!"}""" },
        { RejectReason.InvalidSession, """{"id":"i","target":"t","session":"\u001b"}""" },
        { RejectReason.InvalidVisitor, """{"id":"i","target":"t","visitor":false}""" },
        { RejectReason.InvalidVisitor, $$"""{"id":"i","target":"t","visitor":"{{Long}}"}""" },
        { RejectReason.InvalidSession, """{"id":"i","target":"t","session":[]}""" },
        { RejectReason.InvalidSession, $$"""{"id":"i","target":"t","session":"{{Long}}"}""" },
        { RejectReason.InvalidView, """{"id":"i","target":"t","view":7}""" },
        { RejectReason.InvalidView, """{"id":"i","target":"t","view":"a\u0000"}""" },
        { RejectReason.InvalidView, $$"""{"id":"i","target":"t","view":"{{Long}}"}""" },
        { RejectReason.InvalidN, """{"id":"i","target":"t","n":0}""" },
        { RejectReason.InvalidN, """{"id":"i","target":"t","n":-1}""" },
        { RejectReason.InvalidN, """{"id":"i","target":"t","n":1.5}""" },
        { RejectReason.InvalidN, """{"id":"i","target":"t","n":2147483648}""" },
        { RejectReason.InvalidN, """{"id":"i","target":"t","n":"1"}""" },
        { RejectReason.InvalidN, """{"id":"i","target":"t","n":[1]}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":"2026-11-24T05:29:48"}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":"2026\u002d11-24T05:29:48"}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":"2026-11-24"}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":"yesterday, at tea-time Z"}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":""}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":"1969-12-31T23:59:59Z"}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":"1970-01-01T00:30:00+01:00"}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":-1}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":253402300800000}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":1e400}""" },
        { RejectReason.InvalidAt, """{"id":"i","target":"t","at":{}}""" },
        { RejectReason.InvalidValue, """{"id":"i","target":"t","value":-0.01}""" },
        { RejectReason.InvalidValue, """{"id":"i","target":"t","value":1000000000.01}""" },
        { RejectReason.InvalidValue, """{"id":"i","target":"t","value":1e400}""" },
        { RejectReason.InvalidValue, """{"id":"i","target":"t","value":"5"}""" },
        { RejectReason.InvalidValue, """{"id":"i","target":"t","value":[5]}""" },
        { RejectReason.InvalidProperties, """{"id":"i","target":"t","properties":"x"}""" },
        { RejectReason.InvalidProperties, """{"id":"i","target":"t","properties":[1]}""" },
        { RejectReason.InvalidProperties, """{"id":"i","target":"t","properties":{"a":{"b":1}}}""" },
        { RejectReason.InvalidProperties, """{"id":"i","target":"t","properties":{"a":[1]}}""" },
        { RejectReason.InvalidProperties, $$$"""{"id":"i","target":"t","properties":{"{{{Long[..51]}}}":1}}""" },
        { RejectReason.InvalidProperties, $$$"""{"id":"i","target":"t","properties":{"a":"{{{new string('x', 501)}}}"}}""" },
        { RejectReason.InvalidProperties, $$$"""{"id":"i","target":"t","properties":{"a":{{{new string('1', 51)}}}}}""" },
        { RejectReason.InvalidProperties, $$$"""{"id":"i","target":"t","properties":{{{{string.Join(',', Enumerable.Range(0, 31).Select(i => $"\"{i}\":1"))}}}}}""" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_interaction_is_rejected_with_its_reason(RejectReason reason, string body) =>
        Assert.Equal(reason, Reading.Reason(body));

    /// <summary>An exception takes microseconds: of a body's largest size, one for each field would take a second.</summary>
    [Theory]
    [InlineData("\"\\ud800\":1")]
    [InlineData("\"target\":\"\\ud800\"")]
    [InlineData("\"app\":\"\\ud800\"")]
    [InlineData("\"visitor\":5,\"\\ud800\":1", RejectReason.InvalidVisitor)]
    public void Half_a_surrogate_pair_in_every_field_is_one_exception(string field, RejectReason told = RejectReason.Malformed)
    {
        var body = Encoding.UTF8.GetBytes($$"""{{{string.Join(',', Enumerable.Repeat(field, 1_000))}},"app":"blog","target":"t"}""");
        var (thread, thrown) = (Environment.CurrentManagedThreadId, 0);
        void Count(object? sender, FirstChanceExceptionEventArgs e) => thrown += Environment.CurrentManagedThreadId == thread ? 1 : 0;

        AppDomain.CurrentDomain.FirstChanceException += Count;
        using var batch = Reading.Reader(Reading.Shop, new App("blog", [], [])).Read(body, BodyForm.Json, default);
        AppDomain.CurrentDomain.FirstChanceException -= Count;

        Assert.Equal(1, thrown);
        var (app, reason) = Assert.Single(batch.RejectedApps);
        Assert.Equal(("blog", told), (app?.Name, reason));
    }

    [Fact]
    public void Every_reason_that_the_reader_gives_is_in_the_table() => Assert.Equal(
        RejectReasons.All.Except([RejectReason.InvalidKey, RejectReason.OriginNotAllowed, RejectReason.LogUnavailable, RejectReason.AppRateLimited]),
        Wrong.Select(row => row.Data.Item1).Distinct().Order());

    [Fact]
    public void Origin_that_the_app_does_not_allow_is_rejected()
    {
        Assert.Equal(RejectReason.OriginNotAllowed, Reading.Reason("""{"target":"t"}""", origin: "https://evil.example"));
        Assert.Equal(RejectReason.OriginNotAllowed, Reading.Reason("""{"target":"t"}""", origin: "null"));
        using var batch = Reading.Read("""{"target":"t"}""", origin: "https://shop.example");
        Assert.Equal(1, batch.Count);
    }

    [Fact]
    public void App_must_be_named_where_there_are_several()
    {
        var reader = Reading.Reader(new App("a", ["*"], []), new App("b", ["*"], []));
        Assert.Equal(RejectReason.UnknownApp, Reading.Reason("""{"target":"t"}""", reader));
        using var batch = reader.Read("""{"target":"t","app":"b"}"""u8.ToArray(), BodyForm.Json, default);
        Assert.Equal("b", Assert.Single(batch.PerApp).App.Name);
    }

    [Fact]
    public void Origin_is_judged_by_each_interactions_own_app()
    {
        var reader = Reading.Reader(new App("a", ["https://a.example"], []), new App("b", ["https://b.example"], []));
        using var batch = reader.Read(
            """[{"target":"t","app":"a"},{"target":"t","app":"b"},{"target":"t","app":"a"}]"""u8.ToArray(), BodyForm.Json, new Sender("https://a.example"));
        Assert.Equal([("a", 2)], batch.PerApp.Select(taken => (taken.App.Name, taken.Count)));
        Assert.Equal(new Rejection(1, RejectReason.OriginNotAllowed), Assert.Single(batch.Rejections));
    }

    [Fact]
    public void First_thing_that_is_wrong_is_told() =>
        Assert.Equal(RejectReason.InvalidValue, Reading.Reason("""{"value":-1,"id":"","type":"no good","app":"nobody"}"""));

    [Fact]
    public void Names_and_sentences_are_there_for_every_reason_and_differ()
    {
        Assert.Equal(RejectReasons.All.Count, RejectReasons.All.Select(reason => reason.Name()).Distinct().Count());
        Assert.Equal(RejectReasons.All.Count, RejectReasons.All.Select(reason => reason.Explain()).Distinct().Count());
        Assert.Equal(Refusals.All.Count, Refusals.All.Select(refusal => refusal.Name()).Distinct().Count());
        Assert.Equal(Refusals.All.Count, Refusals.All.Select(refusal => refusal.Title()).Distinct().Count());
    }

    [Fact]
    public void Only_what_may_be_taken_later_says_when_to_try_again() => Assert.Equal(
        [Refusal.TooSlow, Refusal.RateLimited, Refusal.Overloaded, Refusal.LogUnavailable, Refusal.AppRateLimited],
        Refusals.All.Where(refusal => refusal.RetryAfter() is not null));

    [Fact]
    public void Statuses_say_whose_fault_it_is() => Assert.Equal(
        [400, 400, 401, 408, 413, 413, 415, 429, 503, 503, 429, 431, 400], Refusals.All.Select(refusal => refusal.Status()));
}
