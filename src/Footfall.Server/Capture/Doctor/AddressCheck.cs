namespace Footfall.Server.Capture.Doctor;

/// <summary>Whether a page of this address may speak to those of script and collector: mixed content, and this machine alone.</summary>
public static class AddressCheck
{
    private const string Subject = "mixed content";

    /// <summary>What is to be said.</summary>
    /// <param name="page">The page's address.</param>
    /// <param name="script">The script's, and where it led, after upgrades.</param>
    /// <param name="endpoint">The collector's, after an upgrade.</param>
    public static IReadOnlyList<Finding> Of(Uri page, IReadOnlyList<Uri> script, Uri endpoint)
    {
        var all = new List<Finding>();
        if (WebOrigin.IsSecure(page))
        {
            all.AddRange(new[] { Mixed("load it", script.FirstOrDefault(IsMixed)), Mixed("send to it", IsMixed(endpoint) ? endpoint : null) }.OfType<Finding>());
        }

        if (all.Count == 0)
        {
            all.Add(Finding.Ok(Subject, WebOrigin.IsSecure(page) ? "None: all is https, or on this machine" : "None: the page is http itself"));
        }

        if (!WebOrigin.IsLoopback(page) && WebOrigin.IsLoopback(endpoint))
        {
            all.Add(Finding.Warning(
                "collector",
                $"{WebOrigin.Of(endpoint)} is, for each visitor, their own machine: only a browser on this one reaches it",
                "Before visitors come, give the collector an address that they reach"));
        }

        return all;
    }

    // Browsers trust their own machine without TLS (https://www.w3.org/TR/mixed-content/, 3.1).
    private static bool IsMixed(Uri url) => !WebOrigin.IsSecure(url) && !WebOrigin.IsLoopback(url);

    private static Finding? Mixed(string what, Uri? url) => url is null ? null : Finding.Wrong(
        Subject,
        $"The page is https, and {Shown.Address(url)} is http: browsers don't {what}",
        "Put TLS before the collector, and write its address with https");
}
