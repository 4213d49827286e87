using System.CommandLine;
using System.Diagnostics.CodeAnalysis;

namespace Footfall.Server;

/// <summary>An address of the web as an argument.</summary>
public static class WebAddress
{
    /// <summary>Checked: absolute, http or https.</summary>
    public static Argument<Uri> Argument(string example) => new("URL")
    {
        Description = $"Such as {example}",
        CustomParser = result =>
        {
            var given = result.Tokens[0].Value;
            if (TryParse(given, out var uri))
            {
                return uri;
            }

            result.AddError($"'{given}' is not an address such as {example}{(given.Contains("://", StringComparison.Ordinal) ? "" : ": it begins with http:// or https://")}");
            return null;
        },
    };

    /// <summary>Whether it is one: absolute, http or https.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is "http" or "https";

    /// <summary>How this machine reaches a service that listens there.</summary>
    public static Uri Local(string listen)
    {
        var uri = new UriBuilder(listen);
        uri.Host = uri.Host is "0.0.0.0" or "[::]" or "*" or "+" ? "localhost" : uri.Host;
        return uri.Uri;
    }
}
