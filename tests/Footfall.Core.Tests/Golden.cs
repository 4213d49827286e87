using System.Runtime.CompilerServices;
using Footfall.Expose;

namespace Footfall;

/// <summary>Whole documents beside the tests; a diff of one is what a review looks at.</summary>
internal static class Golden
{
    public static string Folder { get; } = Path.Combine(Path.GetDirectoryName(Here())!, "Golden");

    public static string Extension(MetricsFormat format) => format == MetricsFormat.Text ? "txt" : "openmetrics.txt";

    /// <summary>Compares; with FOOTFALL_GOLDEN=write it writes the document instead and fails, so that no run passes by writing.</summary>
    public static void Equal(string name, string actual)
    {
        var path = Path.Combine(Folder, name);
        if (Environment.GetEnvironmentVariable("FOOTFALL_GOLDEN") == "write")
        {
            File.WriteAllText(path, actual);
            Assert.Fail($"{name} was written; look at its diff.");
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
