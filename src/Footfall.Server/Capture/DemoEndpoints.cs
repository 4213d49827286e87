using Microsoft.AspNetCore.Cors;

namespace Footfall.Server.Capture;

/// <summary>Where the demo shop finds what shows its numbers; null: it is not running.</summary>
public sealed record DemoLinks(string? Metrics, string? Prometheus);

/// <summary>The script for web pages, and the demo shop.</summary>
public static class DemoEndpoints
{
    private const string DemoPolicy = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

    /// <summary><c>/footfall.js</c> and <c>/footfall-leave.js</c> for a script tag, <c>.mjs</c> as modules; any site may load them.</summary>
    public static void MapScript(this IEndpointRouteBuilder routes)
    {
        foreach (var name in new[] { "footfall.js", "footfall-leave.js", "footfall.mjs", "leave.mjs" })
        {
            var file = EmbeddedFile.Load("web/" + name);
            // An hour: short enough for a fix to arrive, long enough to load once a visit.
            // Its CORS header is the same for all, so that caches may share it: not the API's policy.
            routes.MapMethods("/" + name, [HttpMethods.Get, HttpMethods.Head], (HttpRequest request) => file.Answer(request, "public, max-age=3600", forOtherSites: true))
                .WithMetadata(new DisableCorsAttribute())
                .ExcludeFromDescription();
        }
    }

    /// <summary>The shop under <c>/demo/</c>; its pages are one document that makes up its own routes.</summary>
    public static void MapDemo(this IEndpointRouteBuilder routes, DemoLinks links)
    {
        var index = EmbeddedFile.Load("web/demo/index.html");
        foreach (var path in new[] { "/demo", "/demo/courses/{**rest}" })
        {
            routes.MapGet(path, (HttpContext context) => Page(context, index)).ExcludeFromDescription();
        }

        foreach (var name in EmbeddedFile.Names("web/demo/").Where(name => !name.EndsWith("/index.html", StringComparison.Ordinal)))
        {
            var file = EmbeddedFile.Load(name);
            // Vite names its assets by their content.
            var caching = name.Contains("/assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
            routes.MapGet(name["web".Length..], (HttpRequest request) => file.Answer(request, caching)).ExcludeFromDescription();
        }

        routes.MapGet("/demo/config.json", (HttpResponse response) =>
        {
            response.Headers.CacheControl = "no-cache";
            response.Headers.XContentTypeOptions = "nosniff";
            return TypedResults.Json(links);
        }).ExcludeFromDescription();
        routes.MapGet("/", () => TypedResults.Redirect("/demo/")).ExcludeFromDescription();
    }

    private static IResult Page(HttpContext context, EmbeddedFile index)
    {
        context.Response.Headers.ContentSecurityPolicy = DemoPolicy;
        return index.Answer(context.Request, "no-cache");
    }
}
