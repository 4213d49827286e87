using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Footfall.Server.Tests;

/// <summary>Shell scripts in place of Prometheus, Grafana and Kafka, in a directory of their own.</summary>
internal sealed class FakeProgram : IDisposable
{
    private const string ParentVariable = "FOOTFALL_TEST_PARENT";

    public FakeProgram()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The fakes are shell scripts.");
    }

    /// <summary>With a blank in it, as people's have.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("footfall fake-").FullName;

    /// <summary>For programs that are told a port; none of the fakes listens.</summary>
    public int Port { get; } = Companion.FreePort();

    public string Write(string name, string script)
    {
        var file = Path.Combine(Directory, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return file;
    }

    public string PathOf(string name) => Path.Combine(Directory, name);

    public void Dispose()
    {
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    /// <summary>The lines that a program has written, once they are as many.</summary>
    public static async Task<string[]> LinesAsync(string file, int count)
    {
        string[] lines = [];
        await Eventually.HoldsAsync($"{file} has {count.ToString(CultureInfo.InvariantCulture)} lines", async () =>
        {
            if (!File.Exists(file))
            {
                return false;
            }

            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            lines = (await reader.ReadToEndAsync()).Split('\n')[..^1];
            return lines.Length >= count;
        });
        return lines;
    }

    public static Task EndsAsync(int process) => Eventually.HoldsAsync("the process has ended", () => !Runs(process));

    public static bool Runs(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Starts this test program again, only to start a program and wait.</summary>
    public static Process StartParent(string program, string log)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, typeof(FakeProgram).Assembly.GetName().Name!)) { UseShellExecute = false };
        start.Environment[ParentVariable] = $"{program}|{log}";
        return Process.Start(start)!;
    }

    // Before Main, so that the test runner never begins in that process.
    [ModuleInitializer]
    internal static void BeParent()
    {
        if (Environment.GetEnvironmentVariable(ParentVariable)?.Split('|') is [var program, var log])
        {
            _ = ChildProcess.Start("child", program, [], log);
            using var never = new ManualResetEventSlim();
            never.Wait();
        }
    }
}
