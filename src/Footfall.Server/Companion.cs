using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Footfall.Server;

/// <summary>What starting Prometheus, Grafana and Kafka beside Footfall has in common.</summary>
public static class Companion
{
    /// <summary>The program's path, when it is on the PATH.</summary>
    public static string? FindOnPath(string program)
    {
        var name = OperatingSystem.IsWindows() ? program + ".exe" : program;
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Whether nobody listens on a port of this machine.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Debian or Ubuntu, by os-release(5).</summary>
    public static bool IsDebianLike()
    {
        const string Release = "/etc/os-release";
        return OperatingSystem.IsLinux() && File.Exists(Release) && File.ReadLines(Release).Any(line =>
            line.StartsWith("ID", StringComparison.Ordinal) && line.Contains("debian", StringComparison.Ordinal)
            || line.StartsWith("ID", StringComparison.Ordinal) && line.Contains("ubuntu", StringComparison.Ordinal));
    }

    /// <summary>Whether this process may install packages.</summary>
    public static bool IsRoot() => !OperatingSystem.IsWindows() && GetUserId() == 0;

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetUserId();
}
