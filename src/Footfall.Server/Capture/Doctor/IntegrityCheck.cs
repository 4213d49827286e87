namespace Footfall.Server.Capture.Doctor;

/// <summary>Whether the script is the one that the tag's <c>integrity</c> wants.</summary>
public static class IntegrityCheck
{
    private const string Subject = "script";

    /// <summary>What is to be said; nothing where the tag wants none.</summary>
    public static IEnumerable<Finding> Of(ScriptTag tag, Visit script, Uri page)
    {
        if (!tag.Attributes.TryGetValue("integrity", out var attribute) || attribute.Trim().Length == 0)
        {
            yield break;
        }

        var wanted = Integrity.Parse(attribute);
        if (wanted.Count == 0)
        {
            yield return Finding.Warning(
                Subject, "The tag's integrity has no hash that browsers know, and is passed over", $"It may be {Integrity.Of("sha384", script.Body)}");
            yield break;
        }

        // What came without CORS may not be looked into, so no hash fits (SRI, 3.3.2).
        var isClosed = script.Asked.Any(url => !WebOrigin.IsSame(url, page)) && !tag.Attributes.ContainsKey("crossorigin");
        if (isClosed)
        {
            yield return Finding.Wrong(
                Subject, "The tag has integrity without crossorigin, and the script is of another origin: browsers don't run it", "Add crossorigin to the tag");
        }

        if (script.IsCut)
        {
            yield return Finding.Warning(Subject, "The script is so long that its integrity was not checked");
        }
        else if (!Integrity.Fits(wanted, script.Body))
        {
            yield return Finding.Wrong(
                Subject,
                $"It does not have the hash of the tag's integrity ({Shown.Clean(wanted[0].ToString())}): browsers don't run it. Each version of the collector has a script of its own",
                $"This one has integrity=\"{Integrity.Of("sha384", script.Body)}\"; or leave it out");
        }
        else if (!isClosed)
        {
            yield return Finding.Ok(Subject, "It has the hash of the tag's integrity; with the next version of the collector, the tag has to change too");
        }
    }
}
