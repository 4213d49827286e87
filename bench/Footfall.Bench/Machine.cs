using System.Runtime.InteropServices;

namespace Footfall.Bench;

/// <summary>What a measurement ran on. Linux: the figures of processes come from /proc.</summary>
internal static class Machine
{
    public static void Describe(TextWriter output)
    {
        output.WriteLine($"{Environment.ProcessorCount} cores, {Field("/proc/cpuinfo", "model name")}, {Field("/proc/meminfo", "MemTotal")} memory, {RuntimeInformation.FrameworkDescription}");
        output.WriteLine($"load before: {Load}");
    }

    /// <summary>Processes that ran or wanted to, over the last 1, 5 and 15 minutes.</summary>
    public static string Load => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);

    /// <summary>The most memory that a process has had at one time, in bytes.</summary>
    public static long PeakMemory(int process) =>
        long.Parse(Field($"/proc/{process}/status", "VmHWM").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) * 1024;

    private static string Field(string file, string name) =>
        File.ReadLines(file).First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(':', 2)[1].Trim();
}
