namespace Footfall.Server.Tests;

/// <summary>Whole documents as reviewed, in <c>Golden/</c>.</summary>
internal static class Golden
{
    /// <summary>Compares, and leaves what came beside it so that it can be reviewed and taken over.</summary>
    public static async Task EqualsAsync(string name, string actual)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Golden", name);
        var expected = File.Exists(file) ? await File.ReadAllTextAsync(file) : "";
        if (expected != actual)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file + ".actual", actual);
        }

        Assert.Equal(expected, actual);
    }
}
