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
            routes.MapMethods(path, Reading.Methods, (HttpContext context) => Page(context, index)).ExcludeFromDescription();
        }

        routes.MapFiles(Own, "web/demo/", "/demo/", (request, file, caching) => file.Answer(request, caching));
        routes.MapConfig("/demo/config.json", TypedResults.Json(links, ServerJson.Default.DemoLinks));
        routes.MapMethods("/", Reading.Methods, () => TypedResults.Redirect("/demo/")).ExcludeFromDescription();
    }

    private static IResult Page(HttpContext context, EmbeddedFile index)
    {
        context.Response.Headers.ContentSecurityPolicy = DemoPolicy;
        return index.Answer(context.Request, "no-cache");
    }
}
