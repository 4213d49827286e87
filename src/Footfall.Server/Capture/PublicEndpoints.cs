using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Footfall.Server.Capture;

/// <summary>
/// Addresses that the collector listens on besides its own, for the public, with TLS: the server's own configuration
/// (<c>Endpoints</c>, <c>EndpointDefaults</c>, <c>Certificates</c>), handed on as it is.
/// </summary>
public static class PublicEndpoints
{
    /// <summary>Whether there are any.</summary>
    public static bool Exist(CaptureSection capture) => capture.Kestrel?.GetSection("Endpoints").GetChildren().Any() is true;

    /// <summary>Adds them to a server that has no other addresses.</summary>
    public static void Listen(IWebHostBuilder web, CaptureSection capture)
    {
        web.UseKestrelHttpsConfiguration();
        web.UseQuic(); // for HTTP/3; without msquic it adds nothing
        // Named so that nobody's own has its name.
        var own = new KeyValuePair<string, string?>("Endpoints:(own):Url", capture.Listen);
        var all = new ConfigurationBuilder().AddConfiguration(capture.Kestrel!).AddInMemoryCollection([own, .. Files(capture.Kestrel!)]).Build();
        web.ConfigureKestrel(kestrel => kestrel.Configure(all));
    }

    /// <summary>Files of certificates, found from the working directory like all others; the server would look beside its own program.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> Files(IConfigurationSection section) => section
        .AsEnumerable(makePathsRelative: true)
        .Where(pair => pair.Value is { Length: > 0 } && IsFile(pair.Key))
        .Select(pair => KeyValuePair.Create(pair.Key, (string?)Path.GetFullPath(pair.Value!)));

    private static bool IsFile(string key) =>
        key.EndsWith(":Path", StringComparison.OrdinalIgnoreCase) || key.EndsWith(":KeyPath", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Over TLS, which is for the public, what is not for the public isn't there; over http, which is for a proxy and for
    /// one's own, everything is.
    /// </summary>
    public static void HideInside(WebApplication app) => app.Use(next => context =>
    {
        if (context.Request.IsHttps && context.GetEndpoint()?.Metadata.GetMetadata<InsideOnly>() is not null)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        return next(context);
    });

    /// <summary>A group of what is not for the public.</summary>
    public static RouteGroupBuilder MapInside(this IEndpointRouteBuilder routes) => routes.MapGroup("").WithMetadata(new InsideOnly());

    private sealed class InsideOnly;
}
