namespace Footfall.Server;

/// <summary>
/// The data directory while one <c>footfall up</c> uses it: a second would give the first one's Prometheus other targets.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(FileStream file) => _lock = file;

    /// <summary>Makes it where it is not, and takes it; the lock ends with the process.</summary>
    /// <exception cref="StartException">Another uses it, or it can't be used.</exception>
    public static DataDirectory Take(string path)
    {
        path = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path);
            return new DataDirectory(new FileStream(Path.Combine(path, "up.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (Directory.Exists(path))
        {
            throw new StartException($"another Footfall runs on the data in {path}. Stop it, or give this one a directory of its own with --data.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the data directory {path} can't be used: {e.Message}");
        }
    }

    /// <summary>Lets another have it.</summary>
    public void Dispose() => _lock.Dispose();
}
