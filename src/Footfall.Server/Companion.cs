using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Footfall.Server;

/// <summary>What starting Prometheus, Grafana and Kafka beside Footfall has in common.</summary>
public static class Companion
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

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

    /// <summary>Waits until a program accepts connections on a port.</summary>
    /// <exception cref="StartException">It ended, or did not within the wait.</exception>
    public static async Task WaitForPortAsync(ChildProcess child, int port, TimeSpan wait, string logFile, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException) when (!child.HasEnded && time.GetElapsedTime(started) < wait)
            {
                await Task.Delay(Poll, time, cancellationToken);
            }
            catch (SocketException)
            {
                throw new StartException($"{child.Name} {(child.HasEnded ? "ended at once" : "does not listen")} (port {port}); see {logFile}");
            }
        }
    }

    /// <summary>Waits until a program has written a line with this in it to its log.</summary>
    /// <exception cref="StartException">It ended, or did not within the wait.</exception>
    public static async Task WaitForLineAsync(ChildProcess child, string text, TimeSpan wait, string logFile, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (!await HasLineAsync(logFile, text, cancellationToken))
        {
            if (child.HasEnded || time.GetElapsedTime(started) > wait)
            {
                throw new StartException($"{child.Name} {(child.HasEnded ? "ended at once" : $"is not up after {wait.TotalSeconds:0} s")}; see {logFile}");
            }

            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    private static async Task<bool> HasLineAsync(string file, string text, CancellationToken cancellationToken)
    {
        // Its writer has it open.
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync(cancellationToken)).Contains(text, StringComparison.Ordinal);
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
