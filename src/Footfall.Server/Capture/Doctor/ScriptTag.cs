namespace Footfall.Server.Capture.Doctor;

/// <summary>How a browser treats a script tag by its <c>type</c>.</summary>
public enum ScriptKind
{
    /// <summary>Runs as a script.</summary>
    Classic,

    /// <summary>Runs as a module, which has no <c>document.currentScript</c>.</summary>
    Module,

    /// <summary>Data, until somebody changes the type.</summary>
    Data,
}

/// <summary>A script tag of a page that loads footfall.js, and what the script makes of it (web/sdk/src/tag.ts).</summary>
/// <param name="Base">What the page's relative addresses are relative to.</param>
/// <param name="Attributes">By name, in lower case as HTML has them.</param>
public sealed record ScriptTag(Uri Base, IReadOnlyDictionary<string, string> Attributes)
{
    private static readonly string[] JavaScript =
    [
        "text/javascript", "application/javascript", "application/ecmascript", "text/ecmascript", "application/x-javascript", "application/x-ecmascript",
        "text/x-javascript", "text/x-ecmascript", "text/jscript", "text/livescript",
        "text/javascript1.0", "text/javascript1.1", "text/javascript1.2", "text/javascript1.3", "text/javascript1.4", "text/javascript1.5",
    ];

    /// <summary>The attribute <c>src</c>, as written.</summary>
    public string Source => Attributes.GetValueOrDefault("src", "").Trim();

    /// <summary>Where the script is; null where that is no address.</summary>
    public Uri? Url => Resolve(Source);

    /// <summary>Script, module or data.</summary>
    public ScriptKind Kind => Attributes.GetValueOrDefault("type", "").Trim().ToLowerInvariant() switch
    {
        "" => ScriptKind.Classic,
        "module" => ScriptKind.Module,
        var type => IsJavaScript(type) ? ScriptKind.Classic : ScriptKind.Data,
    };

    /// <summary>Whether a browser of today starts footfall.js by it.</summary>
    public bool Runs => Kind == ScriptKind.Classic && !Attributes.ContainsKey("nomodule");

    /// <summary>The value of <c>data-NAME</c>; null where it is not there.</summary>
    public string? Data(string name) => Attributes.GetValueOrDefault("data-" + name);

    /// <summary>Where the script sends to; null where that is no address.</summary>
    public Uri? Endpoint
    {
        get
        {
            // As tag.ts does: without the last path segment, of a query too.
            var source = Url?.AbsoluteUri ?? "";
            var slash = source.LastIndexOf('/');
            var collector = Data("collector") ?? (slash < 0 ? source : source[..slash]);
            return Resolve(collector.TrimEnd('/') + "/v1/interactions");
        }
    }

    /// <summary>Whether a media type, in lower case, is one of JavaScript (https://mimesniff.spec.whatwg.org, 4.6).</summary>
    public static bool IsJavaScript(string mediaType) => Array.IndexOf(JavaScript, mediaType) >= 0;

    /// <summary>Whether an address is that of the script: its path ends in footfall.js or footfall-leave.js.</summary>
    public static bool IsFootfall(string source)
    {
        var path = source.Split('?', '#')[0].Trim();
        return path.EndsWith("footfall.js", StringComparison.Ordinal) || path.EndsWith("footfall-leave.js", StringComparison.Ordinal);
    }

    private Uri? Resolve(string address) =>
        Uri.TryCreate(Base, address, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0 } ? url : null;
}
