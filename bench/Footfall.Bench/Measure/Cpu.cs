using System.Runtime.InteropServices;

namespace Footfall.Bench.Measure;

/// <summary>Processor time of processes, as the operating system counts it: of all threads, those that have ended included.</summary>
internal static class Cpu
{
    /// <summary>Since the process was started, in its own code and in the kernel's for it.</summary>
    /// <remarks>What utime and stime of /proc/PID/stat say together, in nanoseconds instead of hundredths (clock_getcpuclockid(3)).</remarks>
    /// <exception cref="InvalidOperationException">There is no such process.</exception>
    public static TimeSpan Of(int process) => Find(process) ?? throw new InvalidOperationException($"There is no process {process} whose time could be read.");

    /// <summary>The same; null where there is no such process.</summary>
    public static TimeSpan? Find(int process) => ClockOf(process, out var clock) == 0 && Read(clock, out var time) == 0
        ? TimeSpan.FromTicks(((long)time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
        : null;

    /// <summary>Of this process.</summary>
    public static TimeSpan Own => Of(Environment.ProcessId);

    [DllImport("libc", EntryPoint = "clock_getcpuclockid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockOf(int process, out int clock);

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Read(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
