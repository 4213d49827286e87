using System.Text.Json;

namespace Footfall.AspNetCore.Capture;

/// <summary>A rejected interaction, kept for somebody to look at.</summary>
/// <param name="When">When it came.</param>
/// <param name="App">Its app, or <see cref="Footfall.Capture.CaptureCounters.UnknownApp"/>.</param>
/// <param name="Reason">Why it was rejected.</param>
/// <param name="Length">How many bytes it had.</param>
/// <param name="Sent">The first of them.</param>
internal sealed record KeptRejected(DateTimeOffset When, string App, string Reason, int Length, byte[] Sent);

/// <summary>
/// The rejected interactions of one collector, in two files of its data directory: when the newer is full it becomes the
/// older, whose interactions go. So they are read without asking the collector, and no port shows what strangers sent.
/// </summary>
internal sealed class RejectedFile : IDisposable
{
    private const string Newer = "newer.ndjson";
    private const string Older = "older.ndjson";

    private readonly string _directory;
    private readonly int _each;
    private readonly FileStream _lock;
    private FileStream _file;
    private int _count;

    private RejectedFile(string directory, int keep)
    {
        _directory = directory;
        _each = Math.Max(keep / 2, 1);
        Directory.CreateDirectory(directory);
        _lock = new FileStream(PathOf("collector.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        _file = Open();
        _count = ReadFile(PathOf(Newer)).Count();
    }

    /// <summary>Where a data directory has them.</summary>
    public static string DirectoryOf(string data) => Path.Combine(data, "rejected");

    /// <summary>Opens it for the one collector that uses it.</summary>
    /// <exception cref="IOException">Another uses it, or it can't be written.</exception>
    public static RejectedFile Open(string data, int keep) => new(DirectoryOf(data), keep);

    /// <summary>All that are kept, the oldest first; also while a collector writes.</summary>
    public static IEnumerable<KeptRejected> Read(string data) =>
        ReadFile(Path.Combine(DirectoryOf(data), Older)).Concat(ReadFile(Path.Combine(DirectoryOf(data), Newer)));

    /// <summary>Keeps one more.</summary>
    public void Add(KeptRejected rejected)
    {
        if (_count >= _each)
        {
            _file.Dispose();
            File.Move(PathOf(Newer), PathOf(Older), overwrite: true);
            _file = Open();
            _count = 0;
        }

        JsonSerializer.Serialize(_file, rejected, KeptJson.Default.KeptRejected);
        _file.WriteByte((byte)'\n');
        _count++;
    }

    /// <summary>Lets them be seen.</summary>
    public void Flush() => _file.Flush();

    /// <summary>Lets another have it.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _lock.Dispose();
    }

    private static IEnumerable<KeptRejected> ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } line)
        {
            if (Parse(line) is { } rejected)
            {
                yield return rejected;
            }
        }
    }

    private static KeptRejected? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, KeptJson.Default.KeptRejected);
        }
        catch (JsonException)
        {
            // The line of a collector that was killed, or that is writing it.
            return null;
        }
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private FileStream Open()
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // people's input, if not their interactions
        }

        var file = new FileStream(PathOf(Newer), options);
        if (file.Length > 0)
        {
            file.WriteByte((byte)'\n'); // one that was killed may have left half a line
        }

        return file;
    }
}
