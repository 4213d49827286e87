namespace Footfall.Server.Capture.Doctor;

/// <summary>Whether a script tag starts footfall.js.</summary>
public static class TagCheck
{
    private const string Subject = "script tag";

    /// <summary>What is to be said of the page's tags.</summary>
    public static IEnumerable<Finding> Of(SitePage page)
    {
        if (page.Tag is not { } tag)
        {
            yield return page.IsNamedElsewhere
                ? Finding.Warning(
                    Subject,
                    "None has a src that ends in footfall.js, but another script of the page names Footfall: it may start it. Then nothing more can be seen from here")
                : Finding.Wrong(
                    Subject,
                    "None has a src that ends in footfall.js: nothing is captured, unless a bundle or a tag manager starts it, which can't be seen from here",
                    """Put <script defer src="https://COLLECTOR/footfall.js" data-app="APP"></script> into the page's head""");
            yield break;
        }

        if (tag.Url is null)
        {
            yield return Finding.Wrong(Subject, $"Its src is no address of the web: {Shown.Clean(tag.Source)}", "Give the collector's address: https://COLLECTOR/footfall.js");
            yield break;
        }

        yield return Kind(tag) ?? Finding.Ok(Subject, $"src is {Shown.Address(tag.Url)}");
        if (page.Tags.Count > 1)
        {
            yield return Finding.Warning(
                Subject,
                $"It is there {Shown.Number(page.Tags.Count)} times: the first that runs starts, the others and their attributes do nothing",
                "Keep one");
        }
    }

    private static Finding? Kind(ScriptTag tag) => tag.Kind switch
    {
        ScriptKind.Module => Finding.Wrong(
            Subject,
            "type=\"module\": footfall.js finds its own tag no more, and does not start",
            "Leave type out; as a module there is footfall.mjs, with start()"),
        ScriptKind.Data => Finding.Warning(
            Subject,
            $"type=\"{Shown.Clean(tag.Attributes["type"])}\" is no script to a browser: it does not run until something, such as a consent manager, changes the type",
            "Leave type out where nothing does"),
        _ when !tag.Runs => Finding.Wrong(Subject, "nomodule: no browser of today runs it", "Leave nomodule out"),
        _ => null,
    };
}
