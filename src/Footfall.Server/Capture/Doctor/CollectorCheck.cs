using System.Net;
using System.Text.Json;
using Footfall.Capture;

namespace Footfall.Server.Capture.Doctor;

/// <summary>
/// Whether the collector takes what this page sends. A probe asks it: one interaction without a target, which is
/// rejected whatever else is right, and never counted.
/// </summary>
public static class CollectorCheck
{
    /// <summary>What these findings are about.</summary>
    public const string Subject = "collector";

    /// <summary>The probe's body; rejected for its target alone when all else is right.</summary>
    public static string Probe(ScriptTag tag)
    {
        var app = tag.Data("app");
        return string.IsNullOrEmpty(app) ? """{"target":""}""" : $$"""{"app":"{{JsonEncodedText.Encode(app)}}","target":""}""";
    }

    /// <summary>Where the probe goes, as footfall.js asks (web/sdk/src/index.ts).</summary>
    public static Uri Address(Uri endpoint, ScriptTag tag) => new(endpoint, $"?key={Uri.EscapeDataString(tag.Data("key") ?? "")}");

    /// <summary>What is to be said of the answer.</summary>
    /// <param name="answer">To the probe.</param>
    /// <param name="tag">The script's.</param>
    /// <param name="page">The page's address.</param>
    /// <param name="origin">The page's origin, as it was sent.</param>
    public static IReadOnlyList<Finding> Of(Visit answer, ScriptTag tag, Uri page, string origin)
    {
        var endpoint = WebOrigin.Of(answer.Url) + answer.Url.AbsolutePath;
        if (answer.Trouble is { } trouble)
        {
            return [Finding.Wrong(Subject, $"{Shown.Clean(endpoint)} can't be reached from here: {trouble}")];
        }

        var verdict = OfAnswer(answer, tag, Shown.Clean(endpoint), origin);
        // Who does not answer as a collector says nothing about a collector's CORS.
        var isForeign = origin == WebOrigin.Opaque || !WebOrigin.IsSame(answer.Url, page);
        var isCollector = CollectorAnswer.Read(answer) is not null;
        return isForeign && isCollector && Cors.Refusal(answer, origin, withCredentials: false) is { } refusal
            ? [verdict, Finding.Wrong(
                Subject,
                $"Its answer {refusal}: the page can't read it, sends the same again and again, and drops what does not fit beside it",
                "Let the collector's own CORS headers through the proxy, once, and add none there")]
            : [verdict];
    }

    private static Finding OfAnswer(Visit answer, ScriptTag tag, string endpoint, string origin)
    {
        var status = Shown.Number((int)answer.Status);
        if (answer.Header("Location") is { } location && (int)answer.Status is >= 300 and <= 399)
        {
            // Of these two browsers send all again to where they lead, if CORS lets them; of the others they ask without a body.
            var keepsBody = (int)answer.Status is 307 or 308;
            return new Finding(
                keepsBody ? Level.Warning : Level.Wrong,
                Subject,
                $"{endpoint} leads elsewhere ({status}): {Shown.Clean(location)}. {(keepsBody ? "What is there was not asked" : "What is sent gets lost on such a way")}",
                "Give data-collector, or the script's src, the address where it ends");
        }

        if (CollectorAnswer.Read(answer) is not { } told)
        {
            return (int)answer.Status is 502 or 503 or 504
                ? Finding.Wrong(
                    Subject, $"{endpoint} answers {status}, but not as a collector: a proxy whose collector is away?", "See that the collector runs, and where the proxy looks for it")
                : Finding.Wrong(
                    Subject,
                    $"{endpoint} answers {status}{(answer.MediaType.Length == 0 ? "" : " with " + Shown.Clean(answer.MediaType))}, not as a collector does",
                    "See that data-collector, or the script's src, is the collector's address, and that a proxy passes POST /v1/interactions");
        }

        if (told.Rejected is not { } reason)
        {
            return answer.Status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable or HttpStatusCode.RequestTimeout
                ? Finding.Warning(
                    Subject,
                    $"{endpoint} is a collector, and asks for patience ({status}, {Shown.Clean(told.Refusal)}): browsers send again later",
                    "If it goes on, see its own log")
                : Finding.Wrong(Subject, $"{endpoint} refuses what is sent ({status}, {Shown.Clean(told.Refusal)})", "docs/reference/http-api.md has the reasons");
        }

        return OfReason(reason, tag, endpoint, origin);
    }

    private static Finding OfReason(string reason, ScriptTag tag, string endpoint, string origin)
    {
        var app = tag.Data("app") is { Length: > 0 } named ? Shown.Clean(named) : null;
        if (reason == RejectReason.InvalidTarget.Name())
        {
            return Finding.Ok(
                Subject, $"{endpoint} takes what this page sends{(app is null ? "" : $" for {app}")} (it was asked with an interaction that it rejects and never counts)");
        }

        if (reason == RejectReason.UnknownApp.Name())
        {
            return app is null
                ? Finding.Wrong(Subject, "The tag names no app, and the collector has several: it rejects all", "Add data-app with the app's name")
                : Finding.Wrong(Subject, $"The collector has no app {app}: it rejects all", $"Name one of Capture:Apps in data-app, or configure {app}");
        }

        if (reason == RejectReason.OriginNotAllowed.Name())
        {
            return Finding.Wrong(
                Subject,
                $"{(app is null ? "The app" : $"The app {app}")} takes nothing from {origin}: the collector rejects all",
                $"Add {(origin == WebOrigin.Opaque ? "*" : origin)} to Capture:Apps:{app ?? "APP"}:Origins");
        }

        return reason == "invalid_key"
            ? Finding.Wrong(
                Subject,
                tag.Data("key") is { Length: > 0 } ? "data-key is not a write key of the app: the collector rejects all" : "The app wants a write key, and the tag has none: the collector rejects all",
                "Give data-key one of the app's write keys")
            : Finding.Wrong(Subject, $"The collector rejects what this page sends: {Shown.Clean(reason)}", "docs/reference/http-api.md has the reasons");
    }
}
