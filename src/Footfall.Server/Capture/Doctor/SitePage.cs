using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Footfall.Server.Capture.Doctor;

/// <summary>A Content-Security-Policy of a meta tag.</summary>
/// <param name="Text">Its content.</param>
/// <param name="IsBeforeScript">Before the script tag: one that comes after it has no say in loading it.</param>
public readonly record struct MetaPolicy(string Text, bool IsBeforeScript);

/// <summary>What a page's HTML says about Footfall, as a browser that runs scripts reads it.</summary>
public sealed record SitePage
{
    /// <summary>The page's address, where redirects ended.</summary>
    public required Uri Url { get; init; }

    /// <summary>Tags that load footfall.js, in their order.</summary>
    public required IReadOnlyList<ScriptTag> Tags { get; init; }

    /// <summary>Policies of meta tags.</summary>
    public required IReadOnlyList<MetaPolicy> Policies { get; init; }

    /// <summary>Another script names Footfall: it may start it as a module.</summary>
    public bool IsNamedElsewhere { get; init; }

    /// <summary>The tag that counts: the first that runs.</summary>
    public ScriptTag? Tag => Tags.FirstOrDefault(tag => tag.Runs) ?? (Tags.Count > 0 ? Tags[0] : null);

    /// <summary>Reads HTML; whatever the bytes are, something comes of it.</summary>
    public static SitePage Read(Uri url, byte[] html)
    {
        // As with scripts switched on: what is in noscript is no markup then.
        var parser = new HtmlParser(new HtmlParserOptions { IsScripting = true });
        using var document = parser.ParseDocument(new MemoryStream(html));
        var tags = new List<ScriptTag>();
        var policies = new List<MetaPolicy>();
        var isNamed = false;
        Uri? @base = null;
        foreach (var element in document.All)
        {
            switch (element.LocalName)
            {
                case "base" when @base is null && element.GetAttribute("href") is { } href:
                    @base = Uri.TryCreate(url, href.Trim(), out var other) ? other : url;
                    break;

                // Only in the head does it count (HTML, 4.2.5.3).
                case "meta" when element.ParentElement?.LocalName == "head" && IsPolicy(element):
                    policies.Add(new MetaPolicy(element.GetAttribute("content") ?? "", tags.Count == 0));
                    break;

                case "script" when ScriptTag.IsFootfall(element.GetAttribute("src") ?? ""):
                    tags.Add(new ScriptTag(@base ?? url, element.Attributes.ToDictionary(attribute => attribute.Name, attribute => attribute.Value, StringComparer.Ordinal)));
                    break;

                case "script":
                    isNamed |= Names(element.GetAttribute("src")) || Names(element.TextContent);
                    break;
            }
        }

        return new SitePage { Url = url, Tags = tags, Policies = policies, IsNamedElsewhere = isNamed };
    }

    private static bool IsPolicy(IElement meta) =>
        "Content-Security-Policy".Equals(meta.GetAttribute("http-equiv")?.Trim(), StringComparison.OrdinalIgnoreCase);

    private static bool Names(string? text) => text?.Contains("footfall", StringComparison.OrdinalIgnoreCase) == true;
}
