namespace Footfall.Capture;

/// <summary>
/// Parts of the <c>User-Agent</c> of programs that run the scripts of pages, or that send as if they did, without regard to
/// case. Taken from the operators' own pages and held against the 2,116 examples of
/// https://github.com/monperrus/crawler-user-agents (2026-07); what is not found of those is mostly readers of feeds, libraries
/// and old robots, which run no scripts. A part stands here
/// when no browser of a person has it: <c>bot</c> alone would be a brand of phones (Cubot). Tools such as curl are left
/// out, since they send for whom they like.
/// </summary>
internal static class BotNames
{
    /// <summary>Search engines, previews of links, archives.</summary>
    public static readonly string[] Crawlers =
    [
        // By custom "Name/1.0 (+https://...)", and what most of their names end in.
        "+http",
        "bot/",
        "bot;",
        "-bot",
        "crawler",
        "spider",
        "scraper",

        // Those without any of it, or not always with it.
        "Googlebot",
        "Google-InspectionTool",
        "Google-Agent",
        "GoogleAgent",
        "Google Web Preview",
        "GoogleOther",
        "Mediapartners-Google",
        "AdsBot-Google",
        "Storebot-Google",
        "BingPreview",
        "Yahoo! Slurp",
        "Yahoo Link Preview",
        "facebookexternalhit",
        "facebookcatalog",
        "meta-external",
        "Twitterbot",
        "TelegramBot",
        "WhatsApp/",
        "SkypeUriPreview",
        "ClaudeBot",
        "Claude-User",
        "ia_archiver",
        "HTTrack",
    ];

    /// <summary>Browsers without a person before them, and the tests and monitors that run one.</summary>
    public static readonly string[] Automation =
    [
        "HeadlessChrome",
        "PhantomJS",
        "Puppeteer",
        "Playwright",
        "Selenium",
        "Chrome-Lighthouse",
        "GTmetrix",
        "PTST/", // WebPageTest
        "DareBoost",
        "DatadogSynthetics",
        "NewRelicSynthetics",
        "RuxitSynthetic",
        "ThousandEyes",
        "Dotcom-Monitor",
        "Pingdom",
        "StatusCake",
        "Site24x7",
        "Checkly",
        "Catchpoint",
    ];
}
