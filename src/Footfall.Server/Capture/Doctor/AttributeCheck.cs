namespace Footfall.Server.Capture.Doctor;

/// <summary>Whether the tag's attributes are ones that footfall.js reads, with values that mean something (web/sdk/README.md).</summary>
public static class AttributeCheck
{
    private const string Subject = "attributes";
    private const string Prefix = "data-";

    private static readonly string[] Known = ["app", "key", "collector", "visitor", "hash", "signals", "consent"];

    /// <summary>What is to be said of them: first what is set, then what is odd.</summary>
    public static IReadOnlyList<Finding> Of(ScriptTag tag)
    {
        var odd = tag.Attributes.Select(attribute => OfName(attribute.Key)).Concat(tag.Attributes.Select(attribute => OfValue(attribute.Key, attribute.Value, tag)))
            .OfType<Finding>();
        var set = tag.Attributes.Where(attribute => IsKnown(attribute.Key)).Select(attribute => $"{attribute.Key}=\"{Shown.Clean(attribute.Value)}\"").ToArray();
        List<Finding> all = [Finding.Ok(Subject, set.Length == 0 ? "none: all is as by default" : string.Join(' ', set)), .. odd];
        if (tag.Data("consent") == "required")
        {
            all.Add(Finding.Ok(
                Subject,
                "data-consent=\"required\": on each page, nothing is captured, stored or sent before the page has called footfall.consent(true)"));
        }

        return all;
    }

    private static bool IsKnown(string attribute) =>
        attribute.StartsWith(Prefix, StringComparison.Ordinal) && Array.IndexOf(Known, attribute[Prefix.Length..]) >= 0;

    private static Finding? OfName(string attribute)
    {
        if (IsKnown(attribute))
        {
            return null;
        }

        if (!attribute.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return Array.IndexOf(Known, attribute) < 0
                ? null
                : Finding.Warning(Subject, $"{attribute} is not read", $"data-{attribute} is meant");
        }

        var name = attribute[Prefix.Length..];
        if (name == "leave")
        {
            return Finding.Warning(Subject, "data-leave does not end page views, and may keep footfall.js from starting", "Load footfall-leave.js in place of footfall.js");
        }

        return Array.Find(Known, known => Typos.AreNear(name, known)) is { } near
            ? Finding.Warning(Subject, $"{Shown.Clean(attribute)} is not read", $"data-{near} may be meant")
            : null;
    }

    private static Finding? OfValue(string attribute, string value, ScriptTag tag) => (attribute, value) switch
    {
        ("data-app", "") => Finding.Warning(Subject, "data-app is empty: the collector decides, if it has one app only", "Name the app, or leave it out"),
        ("data-key", "") => Finding.Warning(Subject, "data-key is empty", "Give the app's write key, or leave it out"),
        ("data-collector", _) => OfCollector(value, tag),
        ("data-visitor", not ("tab" or "site")) =>
            Finding.Warning(Subject, $"data-visitor=\"{Shown.Clean(value)}\" is taken for tab", "It is tab or site"),
        ("data-hash", _) when value.Trim().ToLowerInvariant() is "false" or "no" or "off" or "0" =>
            Finding.Warning(Subject, $"data-hash=\"{Shown.Clean(value)}\" switches it on, as any value does", "Leave it out to switch it off"),
        ("data-signals", not ("ignore" or "obey")) =>
            Finding.Warning(Subject, $"data-signals=\"{Shown.Clean(value)}\" means nothing: browsers that ask not to be tracked send nothing", "It is ignore, or left out"),
        ("data-consent", not "required") =>
            Finding.Warning(Subject, $"data-consent=\"{Shown.Clean(value)}\" means nothing: capturing starts without consent", "It is required, or left out"),
        _ => null,
    };

    private static Finding? OfCollector(string value, ScriptTag tag)
    {
        if (tag.Endpoint is not { } endpoint)
        {
            return Finding.Wrong(Subject, $"data-collector=\"{Shown.Clean(value)}\" is no address of the web: nothing can be sent", "It is like https://collect.example.com");
        }

        var isAddress = value.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || value.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || value.StartsWith('/');
        return isAddress ? null : Finding.Warning(
            Subject,
            $"data-collector=\"{Shown.Clean(value)}\" has no https://, and means a path of the page's own site: {Shown.Address(endpoint)}",
            "It is like https://collect.example.com");
    }
}
