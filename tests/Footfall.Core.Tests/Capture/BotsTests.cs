using System.Text;
using Footfall.Testing;

namespace Footfall.Capture;

/// <summary>Who is no person, and what becomes of what it sends.</summary>
public sealed class BotsTests
{
    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", BotKind.None)]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", BotKind.None)]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", BotKind.None)]
    [InlineData("Mozilla/5.0 (Linux; Android 12; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36", BotKind.None)]
    [InlineData("Mozilla/5.0 (Linux; Android 13; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36", BotKind.None)]
    [InlineData("curl/8.14.1", BotKind.None)]
    [InlineData("python-requests/2.32.3", BotKind.None)]
    [InlineData("", BotKind.None)]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/141.0.0.0 Safari/537.36", BotKind.Crawler)]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36", BotKind.Crawler)]
    [InlineData("Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", BotKind.Crawler)]
    [InlineData("Mozilla/5.0 (compatible; Baiduspider/2.0)", BotKind.Crawler)]
    [InlineData("facebookexternalhit/1.1", BotKind.Crawler)]
    [InlineData("WhatsApp/2.23.20.0", BotKind.Crawler)]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", BotKind.Crawler)]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36", BotKind.Automation)]
    [InlineData("Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse", BotKind.Automation)]
    [InlineData("mozilla/5.0 headlesschrome/142", BotKind.Automation)]
    [InlineData("Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", BotKind.Automation)]
    public void Who_says_what_it_is_is_taken_for_it(string userAgent, BotKind kind) => Assert.Equal(kind, Bots.Of(userAgent, ""));

    [Theory]
    [InlineData("prefetch", BotKind.Prefetch)]
    [InlineData("prefetch;prerender", BotKind.Prefetch)]
    [InlineData("Prefetch;anonymous-client-ip", BotKind.Prefetch)]
    [InlineData("preview", BotKind.Prefetch)]
    [InlineData("", BotKind.None)]
    [InlineData("document", BotKind.None)]
    public void A_page_that_is_loaded_ahead_says_so(string purpose, BotKind kind) => Assert.Equal(kind, Bots.Of("Mozilla/5.0", purpose));

    [Fact]
    public async Task Those_that_an_app_does_not_want_are_counted_apart_and_not_written()
    {
        var log = new MemoryLog();
        var apps = new AppTable([new App("people", [], []), new App("all", [], []) { Bots = BotPolicy.Count }]);
        var collector = new Collector(new InteractionReader(apps, Reading.Clock()), log.OpenWriter(), new CaptureCounters(apps), Reading.Clock());
        var body = """[{"app":"people","target":"t"},{"app":"all","target":"t"},{"app":"people"},{"app":"people","target":"u"}]"""u8.ToArray();

        var outcome = await collector.TakeAsync(body, BodyForm.Json, new Sender(Bot: BotKind.Crawler));

        Assert.Equal(1, outcome.Accepted);
        Assert.Equal(2, outcome.Bots);
        Assert.Equal(new Rejection(2, RejectReason.InvalidTarget), Assert.Single(outcome.Rejections));
        Assert.Contains("\"app\":\"all\"", Encoding.UTF8.GetString(Assert.Single(log.Values(0))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_of_them_alone_is_done_with_and_not_to_be_sent_again()
    {
        var log = new MemoryLog();
        var apps = new AppTable([Reading.Shop]);
        var collector = new Collector(Reading.Reader(), log.OpenWriter(), new CaptureCounters(apps), Reading.Clock());

        var outcome = await collector.TakeAsync("""{"target":"t"}"""u8.ToArray(), BodyForm.Json, new Sender(Bot: BotKind.Prefetch));

        Assert.Null(outcome.Refusal);
        Assert.Equal((0, 1), (outcome.Accepted, outcome.Bots));
        Assert.Equal(0, log.End(0));
    }
}
