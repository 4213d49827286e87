using Footfall.Expose;

namespace Footfall.Server.Expose;

/// <summary>
/// One who looks at the board: gets the whole, then a tick after the other. One that is too slow misses ticks and gets the
/// whole again; nothing is kept for it.
/// </summary>
internal sealed class Viewer(LiveFeed live, AppFeed feed, ViewerCounters counters, TimeProvider time)
{
    /// <summary>A write that nobody reads for longer ends the connection.</summary>
    public static readonly TimeSpan MaxWrite = TimeSpan.FromSeconds(10);

    private long _seen;

    /// <summary>Until it goes, or the service stops. That there is a tick each second keeps proxies from ending it.</summary>
    public async Task FollowAsync(HttpContext http)
    {
        var response = http.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx would keep it back
        var isOn = await TryWriteAsync(http, "retry: 1000\n\n"u8.ToArray());
        while (isOn && !live.IsStopping)
        {
            var latest = feed.Latest;
            if (latest.Sequence == _seen)
            {
                await latest.Followed;
                continue;
            }

            isOn = await TryWriteAsync(http, Next(latest));
        }
    }

    private byte[] Next(LiveMessage latest)
    {
        if (latest.Tick is { } tick && latest.Sequence == _seen + 1)
        {
            _seen = latest.Sequence;
            return tick;
        }

        var (message, state) = feed.ReadState();
        var missed = message.Sequence - _seen - 1;
        if (_seen > 0 && missed > (message.Tick is null ? 1 : 0)) // the whole has a number that is one further than the next
        {
            counters.Skip(missed);
        }

        _seen = message.Sequence;
        return state;
    }

    /// <returns>False: nobody is there any more.</returns>
    private async ValueTask<bool> TryWriteAsync(HttpContext http, byte[] bytes)
    {
        try
        {
            var write = http.Response.BodyWriter.WriteAsync(bytes, http.RequestAborted);
            var flush = write.IsCompletedSuccessfully ? write.Result : await write.AsTask().WaitAsync(MaxWrite, time, http.RequestAborted);
            return !flush.IsCompleted && !http.RequestAborted.IsCancellationRequested;
        }
        catch (TimeoutException)
        {
            counters.End();
            http.Abort();
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
