namespace Footfall.AspNetCore.Capture;

/// <summary>
/// Of endpoints of a collector that stands for itself: its pages are all on other sites, each app says which, and what is
/// answered may be read there. Without it the pages of the same origin are its own, and no other site may read a thing.
/// </summary>
internal sealed class ForOtherSites
{
    public static bool Is(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<ForOtherSites>() is not null;
}
