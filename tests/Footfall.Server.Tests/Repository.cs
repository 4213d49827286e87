namespace Footfall.Server.Tests;

/// <summary>The sources that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string Root = Find(AppContext.BaseDirectory);

    public static string PathOf(string name) => Path.Combine(Root, name);

    private static string Find(string directory) =>
        File.Exists(Path.Combine(directory, "Footfall.slnx")) ? directory : Find(Path.GetDirectoryName(directory)!);
}
