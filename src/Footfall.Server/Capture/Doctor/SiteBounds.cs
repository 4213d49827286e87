namespace Footfall.Server.Capture.Doctor;

/// <summary>How far the doctor goes for one site.</summary>
public sealed record SiteBounds
{
    /// <summary>For one address, redirects and body included. Whoever waits longer has left the page.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For reading a page's HTML, which takes long where it is nested deeply: some 10,000 levels.</summary>
    public TimeSpan Reading { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>As many as browsers follow (Fetch, 4.4).</summary>
    public int Redirects { get; init; } = 20;

    /// <summary>Of a page, decompressed. The tag belongs into its head.</summary>
    public int PageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Of a script: footfall.js has 8 KB, a bundle around it may have more.</summary>
    public int ScriptBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Of a collector's answer, which has less than 1 KB.</summary>
    public int AnswerBytes { get; init; } = 64 * 1024;
}
