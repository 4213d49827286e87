using System.Reflection;

namespace Footfall.Server.Expose;

/// <summary>The live board's page and what it loads, as they are built in.</summary>
public static class BoardFiles
{
    /// <summary>
    /// Nothing but its own files, and no text becomes code: names of targets are strangers' texts.
    /// </summary>
    internal const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

    private const string Prefix = "web/board/";

    /// <summary>The page at <c>/</c>, and its files beside it.</summary>
    /// <param name="routes">Of the metrics service.</param>
    /// <param name="links">What the page may point to.</param>
    /// <param name="assembly">That has them; null: ours.</param>
    public static void MapBoard(this IEndpointRouteBuilder routes, BoardLinks links, Assembly? assembly = null)
    {
        assembly ??= typeof(BoardFiles).Assembly;
        var index = EmbeddedFile.Load(assembly, Prefix + "index.html");
        routes.MapMethods("/", Reading.Methods, (HttpRequest request) => Answer(request, index, "no-cache")).ExcludeFromDescription();
        routes.MapFiles(assembly, Prefix, "/", Answer);
        routes.MapConfig("/config.json", TypedResults.Json(links, ServerJson.Default.BoardLinks));
    }

    private static IResult Answer(HttpRequest request, EmbeddedFile file, string caching)
    {
        var headers = request.HttpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "no-referrer";
        return file.Answer(request, caching);
    }
}
