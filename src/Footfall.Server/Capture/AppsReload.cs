using Footfall.Capture;

namespace Footfall.Server.Capture;

/// <summary>
/// Puts changed apps in force while the collector runs. It looks at the file again and again: file watchers tell nothing
/// of mounted volumes, and of a link that now leads elsewhere, which is how containers get theirs. A configuration is
/// checked whole, as at the start; one that can't be used changes nothing.
/// </summary>
public sealed partial class AppsReload(
    OptionsSource source, FootfallOptions inForce, CurrentApps apps, CaptureCounters counters, TimeProvider time, ILogger<AppsReload> logger)
    : BackgroundService
{
    /// <summary>How often it looks. What has changed is read when it has been the same for two looks: nobody writes a file at once.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private byte[]? _judged = source.LastRead;
    private byte[]? _seen = source.LastRead;
    private FootfallOptions? _last; // as last read; null: as at the start
    private bool _namesApps = inForce.Capture.Apps.Count > 0; // what is in force now

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Look();
        }
    }

    private static bool Same(byte[]? one, byte[]? other) =>
        one is null || other is null ? ReferenceEquals(one, other) : one.AsSpan().SequenceEqual(other);

    private void Look()
    {
        var now = source.Look();
        var isSettled = Same(now, _seen);
        _seen = now;
        if (isSettled && !Same(now, _judged))
        {
            _judged = now;
            Judge(now);
        }
    }

    private void Judge(byte[]? content)
    {
        if (content is null)
        {
            // Without it there would be the defaults: an app that nobody has asked for, and none of those that there are.
            Fail("the file is gone, or can't be read");
            return;
        }

        try
        {
            var options = source.Read();
            if (options.Capture.Apps.Count == 0 && _namesApps)
            {
                // As with no file: the default would be in force.
                Fail("it has no apps any more");
                return;
            }

            var table = options.CompileApps();
            apps.Replace(table, time);
            _namesApps |= options.Capture.Apps.Count > 0;
            counters.Reload(table);
            var changed = OptionsChange.TakenOver(_last ?? inForce, options);
            _last = options;
            if (changed.Count > 0)
            {
                InForce(source.Path, string.Join(", ", changed));
            }

            if (OptionsChange.NeedsRestart(inForce, options) is { Count: > 0 } keys)
            {
                Waits(source.Path, string.Join(", ", keys));
            }
            else if (changed.Count == 0)
            {
                SaysTheSame(source.Path);
            }
        }
        catch (Exception e) when (e is OptionsException or IOException or UnauthorizedAccessException)
        {
            Fail(e.Message.ReplaceLineEndings("; "));
        }
    }

    private void Fail(string reason)
    {
        counters.FailReload();
        Unusable(source.Path, reason);
    }

    [LoggerMessage(LogLevel.Information, "{File} has changed, in force from now on: {Keys}")]
    private partial void InForce(string file, string keys);

    [LoggerMessage(LogLevel.Warning, "{File} differs from what this service was started with in what only a restart puts in force: {Keys}")]
    private partial void Waits(string file, string keys);

    [LoggerMessage(LogLevel.Information, "{File} has changed, and says the same as before")]
    private partial void SaysTheSame(string file);

    [LoggerMessage(LogLevel.Error, "{File} has changed, and with it the configuration can't be used; what was in force stays so: {Reason}")]
    private partial void Unusable(string file, string reason);
}
