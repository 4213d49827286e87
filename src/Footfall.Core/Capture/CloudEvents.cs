namespace Footfall.Capture;

/// <summary>How an interaction is named as a CloudEvent.</summary>
internal static class CloudEvents
{
    /// <summary>Before an app's name: the <c>source</c>. App and id together are an identity.</summary>
    public const string SourcePrefix = "/apps/";

    /// <summary>Before an interaction's type: the <c>type</c>.</summary>
    public const string TypePrefix = "footfall.interaction.";
}
