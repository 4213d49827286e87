using Footfall.Server.Capture.Doctor.Csp;

namespace Footfall.Server.Capture.Doctor;

/// <summary>Whether the page's Content-Security-Policies let the script load and send: all of them have to.</summary>
public static class PolicyCheck
{
    private const string Subject = "policy";

    /// <summary>What is to be said.</summary>
    /// <param name="policies">Of the page.</param>
    /// <param name="tag">The script's.</param>
    /// <param name="script">The script's address, and where it led.</param>
    /// <param name="endpoint">Where it sends to.</param>
    /// <param name="page">The page's address.</param>
    public static IReadOnlyList<Finding> Of(IReadOnlyList<SecurityPolicy> policies, ScriptTag tag, IReadOnlyList<Uri> script, Uri endpoint, Uri page)
    {
        var all = policies.SelectMany(policy => new[] { OfScript(policy, tag, script, page), OfSending(policy, endpoint, page), OfSandbox(policy) }).OfType<Finding>().ToList();
        if (!policies.Any(policy => !policy.IsReportOnly))
        {
            all.Insert(0, Finding.Ok(Subject, "The page has no Content-Security-Policy that is enforced"));
        }
        else if (!all.Exists(finding => finding.Level == Level.Wrong))
        {
            all.Insert(0, Finding.Ok(Subject, "The page's Content-Security-Policy lets the script load and send"));
        }

        return all;
    }

    private static Finding? OfScript(SecurityPolicy policy, ScriptTag tag, IReadOnlyList<Uri> script, Uri page)
    {
        if (!policy.SeesScript || policy.ScriptSources is not { } sources)
        {
            return null;
        }

        var nonce = tag.Attributes.GetValueOrDefault("nonce");
        var integrity = Integrity.Parse(tag.Attributes.GetValueOrDefault("integrity"));
        return sources.AllowsScript(nonce, integrity, script, page) ? null : Judged(
            policy,
            $"does not let {Shown.Address(Blocked(sources, script, page))} load{(string.IsNullOrEmpty(nonce) ? "" : ", and the tag's nonce is another")}: {Shown.Clean(sources.ToString())}",
            sources switch
            {
                { HasNonce: true } => "Give the tag the nonce that the page's other tags have",
                { IsStrictDynamic: true } => "Under 'strict-dynamic' only a nonce or a hash (integrity) lets a tag load: give the tag one",
                _ => Add(sources, "script-src", script[0]),
            });
    }

    private static Finding? OfSending(SecurityPolicy policy, Uri endpoint, Uri page) =>
        policy.ConnectSources is not { } sources || sources.Matches(endpoint, page, isRedirected: false)
            ? null
            : Judged(policy, $"does not let the page send to {Shown.Address(endpoint)}: {Shown.Clean(sources.ToString())}", Add(sources, "connect-src", endpoint));

    private static Finding? OfSandbox(SecurityPolicy policy)
    {
        if (policy.Sandbox is not { } flags)
        {
            return null;
        }

        if (!flags.Contains("allow-scripts", StringComparer.OrdinalIgnoreCase))
        {
            return Finding.Wrong(Subject, $"{policy.Name}: sandbox without allow-scripts: no script runs on the page", "Add allow-scripts to sandbox");
        }

        return flags.Contains("allow-same-origin", StringComparer.OrdinalIgnoreCase) ? null : Finding.Warning(
            Subject,
            $"{policy.Name}: sandbox without allow-same-origin: the page has no origin and no storage, so it sends as \"null\", and keeps nothing for later",
            "Add allow-same-origin to sandbox");
    }

    private static Finding Judged(SecurityPolicy policy, string text, string remedy) => policy.IsReportOnly
        ? Finding.Warning(Subject, $"{policy.Name}, which only reports, {text}", $"Before it is enforced: {remedy}")
        : Finding.Wrong(Subject, $"{policy.Name} {text}", remedy);

    // Where no address is at fault, the tag is: its own stands for it.
    private static Uri Blocked(SourceList sources, IReadOnlyList<Uri> script, Uri page) =>
        script.Where((url, i) => !sources.Matches(url, page, i > 0)).FirstOrDefault(script[0]);

    // A directive that is new takes the place of default-src, and has to list again what that allowed.
    private static string Add(SourceList sources, string directive, Uri url) => sources switch
    {
        { Directive: "default-src" } => $"Add {directive} with {WebOrigin.Of(url)}, and what else the page needs there",
        { Expressions: [var only] } when only.Equals("'none'", StringComparison.OrdinalIgnoreCase) => $"Put {WebOrigin.Of(url)} in place of 'none'",
        _ => $"Add {WebOrigin.Of(url)} to {sources.Directive}",
    };
}
