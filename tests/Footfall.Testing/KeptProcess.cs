using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Footfall.Testing;

/// <summary>A program that a test may kill, stop and continue, and that is killed when this process ends, in whatever way.</summary>
public sealed class KeptProcess : IAsyncDisposable
{
    // The shell waits on its standard input, which ends with us; what would end the two of us at once, as a terminal or
    // timeout(1) does, it ignores, or nobody would be left to end the program. The program's number comes first on its
    // output; the rest goes to the log, which is the shell's name.
    private const string Keeper = """
        trap '' INT TERM HUP; exec 3<&0 4>&1 >>"$0" 2>&1
        (trap - INT TERM HUP; exec setsid "$@" </dev/null 3<&- 4>&-) & child=$!
        echo $child >&4; exec 4>&-
        { cat <&3 >/dev/null; kill -9 $child; } 2>/dev/null & watch=$!
        exec 3<&-; wait $child; code=$?; kill -9 $watch 2>/dev/null; exit $code
        """;

    private readonly Process _keeper;

    private KeptProcess(Process keeper, int id)
    {
        _keeper = keeper;
        Id = id;
    }

    public int Id { get; }

    public bool HasExited => _keeper.HasExited;

    /// <summary>As a shell tells it: 137 after SIGKILL.</summary>
    public int ExitCode => _keeper.ExitCode;

    /// <param name="program">A path, or a name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="log">Where its output is added. It is started in that folder, so that no <c>footfall.json</c> of ours is its own.</param>
    /// <param name="environment">Added to ours, less what would configure Footfall from outside.</param>
    public static async Task<KeptProcess> StartAsync(
        string program, IEnumerable<string> arguments, string log, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Keeper, log, program, .. arguments])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(Path.GetFullPath(log))!,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("FOOTFALL__", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        var keeper = Process.Start(start) ?? throw new InvalidOperationException($"{program} can't be started.");
        var line = await keeper.StandardOutput.ReadLineAsync();
        return int.TryParse(line, CultureInfo.InvariantCulture, out var id)
            ? new KeptProcess(keeper, id)
            : throw new InvalidOperationException($"{program} can't be started; see {log}");
    }

    public Task EndAsync(CancellationToken cancellationToken = default) => _keeper.WaitForExitAsync(cancellationToken);

    /// <summary>SIGKILL, and until it is gone.</summary>
    public async Task KillAsync()
    {
        Signal(9);
        await EndAsync();
    }

    /// <summary>SIGTERM; killed when it has not ended within the patience. Returns its exit code.</summary>
    public async Task<int> StopAsync(TimeSpan patience)
    {
        Signal(15);
        using var over = new CancellationTokenSource(patience);
        try
        {
            await EndAsync(over.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }

        return ExitCode;
    }

    /// <summary>SIGSTOP: nothing of it runs, and all that it holds stays open.</summary>
    public void Pause() => Signal(19);

    /// <summary>SIGCONT.</summary>
    public void Continue() => Signal(18);

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await EndAsync();
        _keeper.Dispose();
    }

    private void Signal(int number)
    {
        if (!HasExited)
        {
            _ = Kill(Id, number);
        }
    }

    // Linux' numbers (signal(7), x86 and ARM).
    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
