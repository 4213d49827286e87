using Footfall.Server.Capture.Doctor.Csp;

namespace Footfall.Server.Capture.Doctor;

/// <summary>Goes the way of a click from a page to the collector: asks the network, and has each answer judged.</summary>
public sealed class Examination(SiteClient client, SiteBounds bounds, TimeProvider time)
{
    /// <summary>What was found, in the order of the way.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(Uri url, CancellationToken cancellationToken)
    {
        var visit = await client.GetPageAsync(url, cancellationToken);
        var findings = PageCheck.Of(visit).ToList();
        if (!PageCheck.IsHtml(visit))
        {
            return findings;
        }

        SitePage page;
        try
        {
            // The parser can't be stopped: past its time it is left behind, and ends with the command.
            page = await Task.Run(() => SitePage.Read(visit.Url, visit.Body), cancellationToken).WaitAsync(bounds.Reading, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return [.. findings, PageCheck.Unread(visit, bounds.Reading)];
        }

        findings.AddRange(TagCheck.Of(page));
        if (page.Tag is not { Url: { } source } tag)
        {
            return [.. findings, .. ClockCheck.Of(visit.ClockAhead, null)];
        }

        findings.AddRange(AttributeCheck.Of(tag));
        var policies = SecurityPolicy.All(visit, page.Policies);
        var isUpgraded = policies.Any(policy => policy.UpgradesInsecure);
        var origin = IsOpaque(policies) ? WebOrigin.Opaque : WebOrigin.Of(page.Url);
        var script = await client.GetScriptAsync(Upgraded(source, isUpgraded), tag.Attributes.ContainsKey("crossorigin") ? origin : null, cancellationToken);
        findings.AddRange(ScriptCheck.Of(tag, script, page.Url, origin));
        if (tag.Endpoint is not { } address)
        {
            return [.. findings, .. ClockCheck.Of(visit.ClockAhead, null)];
        }

        var endpoint = Upgraded(address, isUpgraded);
        findings.AddRange(AddressCheck.Of(page.Url, script.Asked, endpoint));
        findings.AddRange(PolicyCheck.Of(policies, tag, script.Asked, endpoint, page.Url));
        var answer = await client.PostAsync(CollectorCheck.Address(endpoint, tag), CollectorCheck.Probe(tag), origin, cancellationToken);
        var verdict = CollectorCheck.Of(answer, tag, page.Url, origin);
        findings.AddRange(verdict);
        if (verdict.All(finding => finding.Level == Level.Ok))
        {
            findings.AddRange(BotsCheck.Of(await client.GetMetricsAsync(BotsCheck.Address(endpoint), cancellationToken), tag));
        }

        return [.. findings, .. ClockCheck.Of(visit.ClockAhead, answer.ClockAhead)];
    }

    private static Uri Upgraded(Uri url, bool isUpgraded) => isUpgraded ? WebOrigin.Upgraded(url) : url;

    private static bool IsOpaque(IReadOnlyList<SecurityPolicy> policies) =>
        policies.Any(policy => policy.Sandbox is { } flags && !flags.Contains("allow-same-origin", StringComparer.OrdinalIgnoreCase));
}
