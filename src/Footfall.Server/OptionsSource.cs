namespace Footfall.Server;

/// <summary>Where the configuration comes from, so that it can be read again while it runs. One reader at a time.</summary>
/// <param name="file">A file that must exist, or null for <see cref="OptionsReader.DefaultFile"/> where there is one.</param>
/// <param name="environment">As it was at the start.</param>
/// <param name="overrides">From the command line.</param>
public sealed class OptionsSource(
    string? file, IReadOnlyList<KeyValuePair<string, string?>> environment, IReadOnlyList<KeyValuePair<string, string?>> overrides)
{
    /// <summary>The file, whether it is there or not.</summary>
    public string Path => System.IO.Path.GetFullPath(file ?? OptionsReader.DefaultFile);

    /// <summary>What the file held when it was last read; null: it was not there.</summary>
    public byte[]? LastRead { get; private set; }

    /// <summary>Reads everything anew.</summary>
    /// <exception cref="OptionsException">What is wrong with it, every error on a line of its own.</exception>
    public FootfallOptions Read()
    {
        // First: what changes in between is seen as a change afterwards, and not missed.
        LastRead = Look();
        return OptionsReader.Read(file, environment, overrides);
    }

    /// <summary>What the file holds; null: it is not there, or can't be read.</summary>
    public byte[]? Look()
    {
        try
        {
            return File.ReadAllBytes(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
