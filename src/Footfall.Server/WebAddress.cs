using System.CommandLine;

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
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            {
                return uri;
            }

            result.AddError($"'{result.Tokens[0].Value}' is not an address such as {example}");
            return null;
        },
    };
}
