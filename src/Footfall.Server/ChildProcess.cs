using System.ComponentModel;
using System.Diagnostics;

namespace Footfall.Server;

/// <summary>
/// A program that <c>footfall up</c> runs beside itself. It is asked to end when Footfall stops, and also when Footfall
/// dies: where there is a shell, one stands between and waits for the end of its own input.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>How long a program has to end after it was asked.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How long its output is waited for after its end: what it left running may hold it open for ever.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    // Ctrl-C reaches every process of a terminal's group. The shell ignores it, and the program is in a session of its
    // own where there is setsid (programs in Go listen to it even so), so that we end them in our order.
    private const string Keeper =
        """trap '' INT; session=$(command -v setsid); exec 3<&0; $session "$@" </dev/null 3<&- & child=$!; { cat <&3 >/dev/null; kill $child 2>/dev/null; } & watch=$!; exec 3<&-; wait $child; code=$?; kill $watch 2>/dev/null; exit $code""";

    private readonly Process _process;
    private readonly StreamWriter _output;
    private readonly Task _copying;
    private bool _closed;

    private ChildProcess(string name, string logFile, Process process, StreamWriter output)
    {
        Name = name;
        LogFile = logFile;
        _process = process;
        _output = output;
        _copying = Task.WhenAll(CopyAsync(process.StandardOutput), CopyAsync(process.StandardError));
    }

    /// <summary>What it is, for people.</summary>
    public string Name { get; }

    /// <summary>Where its output goes.</summary>
    public string LogFile { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>Completes when it ends.</summary>
    public Task EndAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Starts a program.</summary>
    /// <param name="name">For people.</param>
    /// <param name="program">A path, or a name on the PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="logFile">Where its output goes; overwritten.</param>
    /// <param name="environment">Added to its environment.</param>
    /// <exception cref="StartException">It can't be started.</exception>
    public static ChildProcess Start(
        string name, string program, IReadOnlyList<string> arguments, string logFile, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(program, arguments)
            : new ProcessStartInfo("/bin/sh", ["-c", Keeper, name, program, .. arguments]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var (key, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[key] = value;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(logFile)!);
        var output = new StreamWriter(logFile, append: false) { AutoFlush = true };
        try
        {
            var process = Process.Start(start) ?? throw new StartException($"{name} can't be started: {program}");
            return new ChildProcess(name, logFile, process, output);
        }
        catch (Win32Exception e)
        {
            output.Dispose();
            throw new StartException($"{name} can't be started: {e.Message}");
        }
    }

    /// <summary>
    /// Waits until it has written a line with this in it. That its port is open would prove nothing: another's program may
    /// have taken it meanwhile, and ours not have started.
    /// </summary>
    /// <exception cref="StartException">It ended, or did not within the wait; it ends then.</exception>
    public async Task WaitForLineAsync(string text, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            while (!await HasWrittenAsync(text, cancellationToken))
            {
                if (HasEnded || time.GetElapsedTime(started) > wait)
                {
                    throw new StartException($"{Name} {(HasEnded ? "ended at once" : $"is not up after {wait.TotalSeconds:0} s")}; see {LogFile}");
                }

                await Task.Delay(Poll, time, cancellationToken);
            }
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it to end, and ends it when it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closed)
        {
            return;
        }

        using var patience = new CancellationTokenSource(Patience);
        try
        {
            _process.StandardInput.Close();
            if (OperatingSystem.IsWindows())
            {
                _process.Kill(entireProcessTree: true);
            }

            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        await Task.WhenAny(_copying, Task.Delay(LastWords, TimeProvider.System, CancellationToken.None));
        lock (_output)
        {
            _closed = true;
            _output.Dispose();
        }

        _process.Dispose();
    }

    private async Task<bool> HasWrittenAsync(string text, CancellationToken cancellationToken)
    {
        // Its writer, which is ours, has it open.
        await using var stream = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync(cancellationToken)).Contains(text, StringComparison.Ordinal);
    }

    private async Task CopyAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (_output)
            {
                if (_closed)
                {
                    return;
                }

                _output.WriteLine(line);
            }
        }
    }
}
