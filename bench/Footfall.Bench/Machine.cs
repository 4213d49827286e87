using System.Runtime.InteropServices;

namespace Footfall.Bench;

/// <summary>What a measurement ran on. Linux: the figures of processes come from /proc.</summary>
internal static class Machine
{
    public static void Describe(TextWriter output)
    {
        output.WriteLine($"{Environment.ProcessorCount} cores, {Field("/proc/cpuinfo", "model name")}, {Field("/proc/meminfo", "MemTotal")} memory, {RuntimeInformation.FrameworkDescription}");
        output.WriteLine($"{Native(Testing.Here.Footfall)}, commit {Environment.GetEnvironmentVariable("FOOTFALL_COMMIT") ?? "unknown"}, kernel {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}");
        output.WriteLine($"load before: {Load}");
    }

    /// <summary>Processes that ran or wanted to, over the last 1, 5 and 15 minutes.</summary>
    public static string Load => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);

    /// <summary>The most memory that a process has had at one time, in bytes.</summary>
    public static long PeakMemory(int process) => Kilobytes($"/proc/{process}/status", "VmHWM") * 1024;

    /// <summary>What a process has in memory now, in bytes.</summary>
    public static long Memory(int process) => Kilobytes($"/proc/{process}/status", "VmRSS") * 1024;

    /// <summary>A build for .NET's own compiler has its code in files beside the executable.</summary>
    private static string Native(string program) => File.Exists(Path.ChangeExtension(program, ".dll")) ? "compiled at run time (JIT)" : "native code";

    private static long Kilobytes(string file, string name) =>
        long.Parse(Field(file, name).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static string Field(string file, string name) =>
        File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(':', 2)[1].Trim();
}
