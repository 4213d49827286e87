using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Footfall.Log;

namespace Footfall.Server;

/// <summary>From a command's start to its exit code: signals, and errors in one line each.</summary>
public static class Running
{
    /// <summary>Parses and runs; what people did wrong ends in a line and a code, never in a stack trace.</summary>
    public static async Task<int> InvokeAsync(RootCommand root, string[] args)
    {
        var result = root.Parse(args);
        try
        {
            // Signals are ours: a stop takes as long as the last commit does.
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            var code = await result.InvokeAsync(configuration);
            return result.Errors.Count > 0 ? ExitCode.Usage : code;
        }
        catch (OperationCanceledException)
        {
            // Asked to stop while it was starting.
            return ExitCode.Done;
        }
        catch (OptionsException e)
        {
            return Tell("The configuration can't be used:", e.Message, ExitCode.Usage);
        }
        catch (Exception e) when (e is StartException or LogException)
        {
            return Tell("Footfall can't start:", e.Message, ExitCode.NotStarted);
        }
    }

    /// <summary>A token that is cancelled by Ctrl-C (SIGINT), SIGTERM or SIGHUP; a second Ctrl-C ends the process at once.</summary>
    public static StopSignal ListenForStop() => new();

    /// <summary>Starts a web service; one that can't listen is told with its address and the option for another.</summary>
    /// <exception cref="StartException">A port is taken, or may not be used.</exception>
    public static async Task StartAsync(WebApplication app, string what, string listen, string option, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new StartException($"the {what} can't listen on {listen}: {Reason(e)}. Another with {option}.");
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ArgumentException or CryptographicException or FormatException)
        {
            // Of the server's own configuration: an endpoint without an address, a certificate that can't be read.
            throw new StartException($"the {what} can't listen: {e.Message}");
        }
    }

    /// <summary>Waits until a stop is asked for, or a service has stopped by itself.</summary>
    /// <returns><see cref="ExitCode.Done"/>, or <see cref="ExitCode.Failed"/> when one stopped by itself.</returns>
    public static async Task<int> WaitAsync(StopSignal stop, params IReadOnlyList<WebApplication> apps)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var asked = stop.Token.Register(() => ended.TrySetResult());
        var registrations = apps.Select(app => app.Lifetime.ApplicationStopping.Register(() => ended.TrySetResult())).ToArray();
        await ended.Task;
        foreach (var registration in registrations)
        {
            await registration.DisposeAsync();
        }

        return stop.Token.IsCancellationRequested ? ExitCode.Done : ExitCode.Failed;
    }

    private static string Reason(IOException e) =>
        e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException ? "the port is taken" : e.Message.TrimEnd('.');

    private static int Tell(string what, string lines, int code)
    {
        Console.Error.WriteLine(lines.Contains('\n', StringComparison.Ordinal) ? $"{what}\n  {lines.Replace("\n", "\n  ", StringComparison.Ordinal)}" : $"{what} {lines}");
        return code;
    }
}

/// <summary>Turns the signals that ask a process to stop into a token.</summary>
public sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    internal StopSignal() => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal)),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Signals do again what they did before.</summary>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // The first is ours; the second does what the system does with it.
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
