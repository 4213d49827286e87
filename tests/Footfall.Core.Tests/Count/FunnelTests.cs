using System.Text;

namespace Footfall.Count;

public sealed class FunnelTests
{
    [Theory]
    [InlineData("view", "view", "", "/courses/sql", true)]
    [InlineData("view", "click", "view", "/", false)]
    [InlineData("Buy Now", "click", "Buy Now", "/", true)]
    [InlineData("Buy Now", "signup", "Buy Now", "", true)]
    [InlineData("Buy Now", "click", "Buy Nowhere", "/", false)]
    [InlineData("signup", "signup", "", "/", false)]
    [InlineData("type:signup", "signup", "", "/", true)]
    [InlineData("target:view", "click", "view", "/", true)]
    [InlineData("target:view", "view", "", "/", false)]
    [InlineData("page:/courses/:course", "view", "", "/courses/:course", true)]
    [InlineData("page:/courses/:course", "click", "", "/courses/:course", false)]
    [InlineData("page:/courses/*", "view", "", "/courses/sql", true)]
    [InlineData("page:/courses/*", "view", "", "/courses", false)]
    [InlineData("page:/courses", "view", "", "/courses/sql", false)]
    public void Step_is_what_its_text_says(string step, string type, string target, string page, bool expected)
    {
        var record = new Testing.Logged("1") { Type = type, Target = target, Page = page }.ToBytes();
        Assert.True(LoggedInteraction.TryRead(record, new byte[LoggedInteraction.ScratchBytes], out var interaction));
        Assert.Equal(expected, new FunnelStep(step).Matches(interaction));
        Assert.Equal(expected ? 2u : 0, new Funnel("shop", "f", ["type:none", step], TimeSpan.FromMinutes(1)).Matches(interaction));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" view")]
    [InlineData("Buy  Now")]
    [InlineData("page:courses")]
    [InlineData("page:")]
    [InlineData("page:/a\n")]
    [InlineData("type:")]
    [InlineData("target:")]
    public void Step_that_never_comes_is_refused(string step) => Assert.Throws<FormatException>(() => new FunnelStep(step));

    [Fact]
    public void Everything_that_is_wrong_is_told()
    {
        var faults = Funnel.Faults("a b", ["view", "view", "page:x", "1", "2", "3", "4", "5", "6"], TimeSpan.FromMinutes(31)).ToList();
        Assert.Equal(
            [
                "the name 'a b' must be 1 to 50 letters, digits, '_', '-' or '.'",
                "it has 9 steps: must be from 2 to 8",
                "step 'view' is there 2 times: they would be one series",
                "step 'page:x' can't be one that is counted: a page begins with '/' and has at most 200 characters, such as page:/courses/:course or page:/courses/*",
                "Window is 00:31:00: must be whole seconds, from 00:00:01 to 00:30:00",
            ],
            faults);
        Assert.Equal("the name 'a b' must be 1 to 50 letters, digits, '_', '-' or '.'", Assert.Throws<FormatException>(() => new Funnel("shop", "a b", ["view", "x"], TimeSpan.FromMinutes(1))).Message);
        Assert.Empty(Funnel.Faults("enroll", ["view", new string('x', 200)], TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Fingerprint_tells_funnels_apart_and_not_their_order()
    {
        Funnel[] both = [Funnel.Enroll("shop"), Funnel.Enroll("blog")];
        var fingerprint = Funnel.Fingerprint(both);
        Assert.Equal(fingerprint, Funnel.Fingerprint([both[1], both[0]]));
        Assert.Equal("910365fd2452f876bbfd4d99856e1cbf", fingerprint); // it stands in checkpoints
        Assert.NotEqual(fingerprint, Funnel.Fingerprint([both[0]]));
        Assert.NotEqual(Funnel.Fingerprint([both[0]]), Funnel.Fingerprint([new("shop", "enroll", ["view", "Buy Now", "Enroll Now"], both[0].Window)]));
        Assert.NotEqual(Funnel.Fingerprint([both[0]]), Funnel.Fingerprint([new("shop", "enroll", ["view", "Enroll Now", "Buy Now"], TimeSpan.FromMinutes(5))]));
        Assert.Equal("", Funnel.Fingerprint([]));
    }

    [Fact]
    public void Name_of_a_step_s_total_is_read_back()
    {
        var key = SeriesKey.OfFunnel("shop", "enroll", "Buy \"Now\"");
        Assert.Equal("""["funnel","shop","enroll","Buy \"Now\""]""", key.ToText());
        Assert.Equal(key, SeriesKey.Parse(key.ToText()));
        var announced = key with { Kind = TotalKind.AnnouncedFunnel };
        Assert.Equal("""["announcedFunnel","shop","enroll","Buy \"Now\""]""", announced.ToText());
        Assert.Equal(announced, SeriesKey.Parse(announced.ToText()));
        Assert.Equal(
            """{app="shop",funnel="enroll",step="Buy \"Now\""}""", Encoding.UTF8.GetString(new Expose.ExposedSeries(key).Labels.Span));
    }
}
