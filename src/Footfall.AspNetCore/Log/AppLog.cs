using Footfall.Log;

namespace Footfall.AspNetCore.Log;

/// <summary>
/// The log of a collector inside an app: open before anything else of the app starts, and closed after all of it has
/// stopped, the server with the requests it was answering included.
/// </summary>
internal sealed class AppLog(FootfallOptions options, TimeProvider time, ILoggerFactory loggers) : IInteractionLog, IHostedLifecycleService
{
    private OpenLog? _open;

    /// <summary>The log itself; null while it is not open.</summary>
    public IInteractionLog? Writer => Volatile.Read(ref _open)?.Writer;

    /// <inheritdoc/>
    public LogHealth Health => Writer?.Health ?? new LogHealth(false, "it is not open: the app is starting or has stopped");

    /// <inheritdoc/>
    public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken) =>
        Writer?.AppendAsync(records, cancellationToken) ?? new(AppendResult.Unavailable);

    /// <exception cref="LogException">It can't be opened: the app does not start.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken) =>
        Volatile.Write(ref _open, await OpenLog.ForWritingAsync(options, time, loggers, cancellationToken));

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    /// <summary>Also for an app that did not get as far as being stopped.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _open, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
