namespace Footfall.Server.Capture.Doctor.Csp;

/// <summary>One Content-Security-Policy. A page may have several, and what it does has to please them all.</summary>
public sealed class SecurityPolicy
{
    private const string Enforced = "Content-Security-Policy";
    private const string Reported = "Content-Security-Policy-Report-Only";

    private static readonly string[] NotOfMeta = ["sandbox", "report-uri", "frame-ancestors"];

    private readonly Dictionary<string, string[]> _directives = new(StringComparer.Ordinal);

    private SecurityPolicy(string name) => Name = name;

    /// <summary>Where it stands, for people.</summary>
    public string Name { get; }

    /// <summary>It only tells what it would forbid.</summary>
    public bool IsReportOnly { get; private init; }

    /// <summary>Whether it was there when the script tag was read; from a meta tag below it, it was not.</summary>
    public bool SeesScript { get; private init; } = true;

    /// <summary>It makes http addresses of the page https ones.</summary>
    public bool UpgradesInsecure => !IsReportOnly && _directives.ContainsKey("upgrade-insecure-requests");

    /// <summary>The flags of <c>sandbox</c>; null: no sandbox.</summary>
    public IReadOnlyList<string>? Sandbox => IsReportOnly ? null : _directives.GetValueOrDefault("sandbox");

    /// <summary>What lists the sources of scripts in tags; null: all may.</summary>
    public SourceList? ScriptSources => First("script-src-elem", "script-src", "default-src");

    /// <summary>What lists where scripts may send; null: everywhere.</summary>
    public SourceList? ConnectSources => First("connect-src", "default-src");

    /// <summary>All policies of a page, those that do nothing left out.</summary>
    /// <param name="answer">The page's answer, for its headers.</param>
    /// <param name="metas">Of its HTML.</param>
    public static IReadOnlyList<SecurityPolicy> All(Visit answer, IReadOnlyList<MetaPolicy> metas)
    {
        var policies = new List<SecurityPolicy>();
        foreach (var (header, isReportOnly) in ((string, bool)[])[(Enforced, false), (Reported, true)])
        {
            // Headers of one name are one list, with commas (RFC 9110, 5.3).
            policies.AddRange(answer.Lines(header).SelectMany(line => line.Split(','))
                .Select(text => Read(new SecurityPolicy(header) { IsReportOnly = isReportOnly }, text, isMeta: false)));
        }

        policies.AddRange(metas.Select(meta => Read(new SecurityPolicy($"{Enforced} (meta tag)") { SeesScript = meta.IsBeforeScript }, meta.Text, isMeta: true)));
        return [.. policies.Where(policy => policy._directives.Count > 0)];
    }

    /// <summary>Of directives with one name the first counts (CSP3, <c>parse-serialized-policy</c>).</summary>
    private static SecurityPolicy Read(SecurityPolicy policy, string text, bool isMeta)
    {
        foreach (var directive in text.Split(';').Where(directive => directive.All(char.IsAscii)))
        {
            var words = directive.Split([' ', '\t', '\r', '\n', '\f'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && words[0].ToLowerInvariant() is var name && !(isMeta && NotOfMeta.Contains(name, StringComparer.Ordinal)))
            {
                policy._directives.TryAdd(name, words[1..]);
            }
        }

        return policy;
    }

    private SourceList? First(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_directives.TryGetValue(name, out var sources))
            {
                return new SourceList(name, sources);
            }
        }

        return null;
    }
}
