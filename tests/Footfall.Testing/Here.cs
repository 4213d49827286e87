using System.Globalization;
using System.Net;

namespace Footfall.Testing;

/// <summary>What this machine and this checkout have.</summary>
public static class Here
{
    private static readonly Random Any = new();

    public static string Repository { get; } = Find();

    public static string Footfall { get; } = Environment.GetEnvironmentVariable("FOOTFALL_EXE") is { Length: > 0 } named
        ? Path.GetFullPath(named)
        : Path.Combine(Repository, "artifacts", "bin", "Footfall.Server", "release", "footfall");

    public static string? KafkaHome { get; } = Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home ? Path.GetFullPath(home) : null;

    /// <summary>
    /// A /24 of loopback addresses of one's own: no port of anybody else is in the way, also not that of an outgoing
    /// connection while a server is down.
    /// </summary>
    public static Func<int, IPAddress> Network()
    {
        var (a, b) = ((byte)Any.Next(64, 250), (byte)Any.Next(1, 250));
        return host => new IPAddress([127, a, b, (byte)host]);
    }

    /// <summary>For how long some process has waited for a core since the machine's start (PSI, /proc/pressure); 0 where that is not told.</summary>
    public static TimeSpan CpuStalled()
    {
        const string File = "/proc/pressure/cpu";
        return System.IO.File.Exists(File) && System.IO.File.ReadLines(File).First() is var line
            ? TimeSpan.FromMicroseconds(long.Parse(line[(line.LastIndexOf('=') + 1)..], CultureInfo.InvariantCulture))
            : TimeSpan.Zero;
    }

    /// <summary>Of the last minute.</summary>
    public static string LoadAverage() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Footfall.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("This runs from a checkout of Footfall.");
    }
}
