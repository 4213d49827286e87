using System.Reflection;

namespace Footfall.Server;

/// <summary>A front end as Vite builds it, embedded.</summary>
internal static class BuiltSite
{
    /// <summary>Serves its files but for the page itself, beside each other as they were built.</summary>
    /// <param name="routes">Of the service.</param>
    /// <param name="assembly">That has them.</param>
    /// <param name="prefix">What their names begin with, a slash at the end.</param>
    /// <param name="path">Where they are served, a slash at the end.</param>
    /// <param name="answer">With this <c>Cache-Control</c>.</param>
    public static void MapFiles(
        this IEndpointRouteBuilder routes, Assembly assembly, string prefix, string path, Func<HttpRequest, EmbeddedFile, string, IResult> answer)
    {
        foreach (var name in EmbeddedFile.Names(assembly, prefix).Where(name => name != prefix + "index.html"))
        {
            var file = EmbeddedFile.Load(assembly, name);
            // Vite names its assets by their content.
            var caching = name.Contains("/assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
            routes.MapMethods(path + name[prefix.Length..], Reading.Methods, (HttpRequest request) => answer(request, file, caching)).ExcludeFromDescription();
        }
    }
    /// <summary>What its page is told of this service, as it is at the moment: not cached.</summary>
    /// <param name="routes">Of the service.</param>
    /// <param name="path">Where.</param>
    /// <param name="config">As JSON.</param>
    public static void MapConfig(this IEndpointRouteBuilder routes, string path, IResult config) =>
        routes.MapMethods(path, Reading.Methods, (HttpResponse response) =>
        {
            response.Headers.CacheControl = "no-cache";
            response.Headers.XContentTypeOptions = "nosniff";
            return config;
        }).ExcludeFromDescription();
}
