using System.Text;

namespace Footfall.Server.Capture.Doctor;

/// <summary>Whether the browser gets the script and runs it: reached, JavaScript, shared with other origins, unchanged.</summary>
public static class ScriptCheck
{
    private const string Subject = "script";

    /// <summary>What is to be said of it.</summary>
    /// <param name="tag">Its tag.</param>
    /// <param name="script">What its address answers.</param>
    /// <param name="page">The page's address.</param>
    /// <param name="origin">The page's origin, as the browser sends it.</param>
    public static IReadOnlyList<Finding> Of(ScriptTag tag, Visit script, Uri page, string origin)
    {
        if (script.Trouble is { } trouble)
        {
            return [Finding.Wrong(Subject, $"{Shown.Address(script.Url)} can't be loaded: {trouble}")];
        }

        if (!script.IsSuccess)
        {
            return [Finding.Wrong(
                Subject,
                $"{Shown.Address(script.Url)} answers {Shown.Number((int)script.Status)}",
                "A collector has it as /footfall.js and /footfall-leave.js; a proxy before it has to pass them")];
        }

        List<Finding> all = [.. new[] { OfKind(script), OfSharing(tag, script, page, origin) }.OfType<Finding>(), .. IntegrityCheck.Of(tag, script, page)];
        if (all.TrueForAll(finding => finding.Level == Level.Ok))
        {
            var way = script.Redirects == 0 ? "" : $", by {Shown.Count(script.Redirects, "redirect")}, from {Shown.Address(script.Url)}";
            all.Insert(0, Finding.Ok(Subject, "It loads" + way));
        }

        return all;
    }

    private static Finding? OfKind(Visit script)
    {
        var text = Encoding.UTF8.GetString(script.Body);
        if (text.AsSpan().TrimStart("\uFEFF \t\r\n").StartsWith("<"))
        {
            return Finding.Wrong(Subject, $"{Shown.Address(script.Url)} is a page and no script", "A collector has it as /footfall.js: see that the address leads there");
        }

        if (!ScriptTag.IsJavaScript(script.MediaType))
        {
            // Browsers run a script of any other type, but for these (Fetch, 2.9 and 3.6).
            var isStrict = "nosniff".Equals(script.Header("X-Content-Type-Options")?.Trim(), StringComparison.OrdinalIgnoreCase);
            var isNever = script.MediaType.Split('/')[0] is "image" or "audio" or "video" || script.MediaType == "text/csv";
            var type = $"Its Content-Type is {(script.MediaType.Length == 0 ? "missing" : Shown.Clean(script.MediaType))}";
            return isStrict || isNever
                ? Finding.Wrong(Subject, $"{type}{(isStrict ? ", and nosniff is asked for" : "")}: browsers don't run it", "Serve it as text/javascript")
                : Finding.Warning(Subject, type, "Serve it as text/javascript");
        }

        return text.Contains("/v1/interactions", StringComparison.Ordinal)
            ? null
            : Finding.Warning(
                Subject, $"{Shown.Address(script.Url)} is JavaScript, but does not look like footfall.js", "Load it from the collector");
    }

    private static Finding? OfSharing(ScriptTag tag, Visit script, Uri page, string origin)
    {
        var isForeign = script.Asked.Any(url => !WebOrigin.IsSame(url, page));
        if (!isForeign)
        {
            return null;
        }

        if (tag.Attributes.TryGetValue("crossorigin", out var crossorigin))
        {
            var withCredentials = crossorigin.Trim().Equals("use-credentials", StringComparison.OrdinalIgnoreCase);
            return Cors.Refusal(script, origin, withCredentials) is not { } refusal ? null : Finding.Wrong(
                Subject,
                $"The tag has crossorigin, and the answer {refusal}: browsers don't run it",
                withCredentials ? "Leave use-credentials out" : "Answer with Access-Control-Allow-Origin: *, as a collector does");
        }

        return "same-origin".Equals(script.Header("Cross-Origin-Resource-Policy")?.Trim(), StringComparison.OrdinalIgnoreCase)
            ? Finding.Wrong(
                Subject, "Its Cross-Origin-Resource-Policy is same-origin, and the page is of another: browsers don't run it", "Answer with cross-origin, as a collector does")
            : null;
    }
}
