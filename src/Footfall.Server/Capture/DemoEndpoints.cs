using System.Reflection;

namespace Footfall.Server.Capture;

/// <summary>Where the demo shop finds what shows its numbers; null: it is not running.</summary>
public sealed record DemoLinks(string? Metrics, string? Prometheus);

/// <summary>The demo shop.</summary>
public static class DemoEndpoints
{
    private const string DemoPolicy = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

    private static readonly Assembly Own = typeof(DemoEndpoints).Assembly;

    /// <summary>The shop under <c>/demo/</c>; its pages are one document that makes up its own routes.</summary>
    public static void MapDemo(this IEndpointRouteBuilder routes, DemoLinks links)
    {
        var index = EmbeddedFile.Load(Own, "web/demo/index.html");
        foreach (var path in new[] { "/demo", "/demo/courses/{**rest}" })
        {
            routes.MapGet(path, (HttpContext context) => Page(context, index)).ExcludeFromDescription();
        }

        foreach (var name in EmbeddedFile.Names(Own, "web/demo/").Where(name => !name.EndsWith("/index.html", StringComparison.Ordinal)))
        {
            var file = EmbeddedFile.Load(Own, name);
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
