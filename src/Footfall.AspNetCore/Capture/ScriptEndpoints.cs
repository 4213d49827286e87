namespace Footfall.AspNetCore.Capture;

/// <summary>The script for web pages.</summary>
internal static class ScriptEndpoints
{
    /// <summary><c>/footfall.js</c> and <c>/footfall-leave.js</c> for a script tag, <c>.mjs</c> as modules.</summary>
    public static RouteGroupBuilder MapScript(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("");
        foreach (var name in new[] { "footfall.js", "footfall-leave.js", "footfall.mjs", "leave.mjs" })
        {
            var file = EmbeddedFile.Load(typeof(ScriptEndpoints).Assembly, "web/" + name);
            // An hour: short enough for a fix to arrive, long enough to load once a visit.
            group.MapMethods("/" + name, Reading.Methods, (HttpRequest request) =>
                    file.Answer(request, "public, max-age=3600", ForOtherSites.Is(request.HttpContext)))
                .ExcludeFromDescription();
        }

        return group;
    }
}
