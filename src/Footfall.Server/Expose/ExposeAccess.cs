using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Footfall.Server.Expose;

/// <summary>
/// Who may look at what the metrics service shows, where the configuration says so: all but <c>/health</c>, which container
/// engines ask without a name.
/// </summary>
public static class ExposeAccess
{
    /// <summary>Asks for it, where it is wanted.</summary>
    public static void Use(WebApplication app, ExposeSection options)
    {
        if (!options.AsksWho)
        {
            return;
        }

        // Compared by their hashes, which are of one length, and in a time that tells nothing of them.
        var bearer = options.BearerToken is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;
        var basic = options.BasicUser is { } user ? SHA256.HashData(Encoding.UTF8.GetBytes($"{user}:{options.BasicPassword}")) : null;
        string[] challenges =
        [
            // Basic first: browsers ask for it.
            .. basic is null ? Array.Empty<string>() : ["Basic realm=\"Footfall\", charset=\"UTF-8\""],
            .. bearer is null ? Array.Empty<string>() : ["Bearer"],
        ];
        app.Use(next => context =>
        {
            if (context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) || IsKnown(context.Request, bearer, basic))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = challenges;
            context.Response.Headers.CacheControl = "no-store";
            return Task.CompletedTask;
        });
    }

    /// <summary>What who asks has to show; null: nothing.</summary>
    public static AuthenticationHeaderValue? HeaderOf(ExposeSection options) =>
        options.BearerToken is { } token ? new AuthenticationHeaderValue("Bearer", token)
        : options.BasicUser is { } user ? Basic($"{user}:{options.BasicPassword}")
        : null;

    /// <summary>What opens the service as the user whom its address names; null where it names none.</summary>
    public static AuthenticationHeaderValue? HeaderOf(Uri address) => address.UserInfo.Length == 0 ? null : Basic(Uri.UnescapeDataString(address.UserInfo));

    private static AuthenticationHeaderValue Basic(string userAndPassword) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(userAndPassword)));

    private static bool IsKnown(HttpRequest request, byte[]? bearer, byte[]? basic)
    {
        if (request.Headers.Authorization.Count != 1 || request.Headers.Authorization[0] is not { } said)
        {
            return false;
        }

        var space = said.IndexOf(' ', StringComparison.Ordinal);
        var (scheme, rest) = space < 0 ? (said, "") : (said[..space], said[(space + 1)..].Trim());
        if (bearer is not null && scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(rest)), bearer);
        }

        if (basic is null || !scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var bytes = new byte[rest.Length];
        return Convert.TryFromBase64String(rest, bytes, out var length)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(bytes.AsSpan(0, length)), basic);
    }
}
