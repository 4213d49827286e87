using System.Threading.Channels;
using Footfall.Capture;

namespace Footfall.AspNetCore.Capture;

/// <summary>Keeps rejected interactions for looking at, without a request ever waiting for it.</summary>
internal sealed partial class RejectedKeeper(string data, int keep, CaptureCounters counters, TimeProvider time, ILogger<RejectedKeeper> logger)
    : BackgroundService
{
    /// <summary>The first bytes that are kept of each: what is wrong is seen there.</summary>
    public const int BytesOfEach = 2_048;

    /// <summary>That wait to be written; a flood of them is not worth more memory.</summary>
    private const int Waiting = 256;

    private readonly Channel<KeptRejected> _waiting = Channel.CreateBounded<KeptRejected>(new BoundedChannelOptions(Waiting) { SingleReader = true });

    /// <summary>See <see cref="LookAtRejected"/>.</summary>
    public void Look(App? app, RejectReason reason, ReadOnlySpan<byte> sent)
    {
        // Looked at first: of what finds no room nothing is copied.
        if (_waiting.Reader.Count == Waiting || !_waiting.Writer.TryWrite(new KeptRejected(
            time.GetUtcNow(), app?.Name ?? CaptureCounters.UnknownApp, reason.Name(), sent.Length, sent[..Math.Min(sent.Length, BytesOfEach)].ToArray())))
        {
            counters.LeaveUnkept();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var file = RejectedFile.Open(data, keep);
            while (await _waiting.Reader.WaitToReadAsync(stoppingToken))
            {
                while (_waiting.Reader.TryRead(out var rejected))
                {
                    file.Add(rejected);
                }

                file.Flush();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Looking at what is wrong must not stop what is right.
            Ended(RejectedFile.DirectoryOf(data), e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Rejected interactions are no longer kept in {Directory}: {Reason}")]
    private partial void Ended(string directory, string reason);
}
