using Footfall.Expose;

namespace Footfall.Capture;

/// <summary>What the collector did since its start: received = accepted + rejected, for each app. Safe to share.</summary>
public sealed class CaptureCounters
{
    /// <summary>The label <c>app</c> of what names no app that is configured.</summary>
    public const string UnknownApp = "(unknown)";

    private readonly Dictionary<string, AppCounters> _apps;
    private readonly long[] _refused = new long[Refusals.All.Count];
    private long _shortenedTargets;
    private long _shortenedPages;

    /// <summary>All at 0.</summary>
    public CaptureCounters(AppTable apps) =>
        _apps = apps.All.Select(app => app.Name).Append(UnknownApp).ToDictionary(name => name, name => new AppCounters(name), StringComparer.Ordinal);

    /// <summary>From the whole body's arrival until the log has it durably, for requests that were accepted.</summary>
    public Histogram Append { get; } = new();

    /// <summary>A request was not taken.</summary>
    public void Refuse(Refusal refusal) => Interlocked.Increment(ref _refused[(int)refusal]);

    /// <summary>A batch has been read.</summary>
    public void Receive(CapturedBatch batch)
    {
        foreach (var (app, _) in batch.RejectedApps)
        {
            _apps[app?.Name ?? UnknownApp].Receive();
        }

        foreach (var app in batch.Apps)
        {
            _apps[app.Name].Receive();
        }
    }

    /// <summary>What could be appended of a batch was appended, or not.</summary>
    public void Count(CapturedBatch batch, bool appended)
    {
        foreach (var (app, reason) in batch.RejectedApps)
        {
            _apps[app?.Name ?? UnknownApp].Reject(reason);
        }

        foreach (var app in batch.Apps)
        {
            if (appended)
            {
                _apps[app.Name].Accept();
            }
            else
            {
                _apps[app.Name].Reject(RejectReason.LogUnavailable);
            }
        }

        Interlocked.Add(ref _shortenedTargets, batch.ShortenedTargets);
        Interlocked.Add(ref _shortenedPages, batch.ShortenedPages);
    }

    /// <summary>The collector's <c>/metrics</c>.</summary>
    public void Write(MetricsWriter writer, string version)
    {
        writer.Family("footfall_received", MetricKind.Counter, "Interactions read from requests.");
        foreach (var app in _apps.Values)
        {
            writer.Sample("footfall_received_total"u8, app.Labels, app.Received);
        }

        writer.Family("footfall_accepted", MetricKind.Counter, "Interactions that the log has durably; each is counted once, repeats of it are not.");
        foreach (var app in _apps.Values)
        {
            writer.Sample("footfall_accepted_total"u8, app.Labels, app.Accepted);
        }

        writer.Family("footfall_rejected", MetricKind.Counter, "Interactions that were not taken, by reason.");
        foreach (var app in _apps.Values)
        {
            foreach (var reason in RejectReasons.All)
            {
                writer.Sample("footfall_rejected_total"u8, app.ReasonLabels[(int)reason], app.Rejected(reason));
            }
        }

        writer.Family("footfall_refused_requests", MetricKind.Counter, "Requests that were not taken as a whole, by reason.");
        foreach (var refusal in Refusals.All)
        {
            writer.Sample("footfall_refused_requests_total"u8, MetricLabels.Encode(("reason", refusal.Name())), Interlocked.Read(ref _refused[(int)refusal]));
        }

        writer.Family("footfall_shortened", MetricKind.Counter, "Texts cut to their limit, by field.");
        writer.Sample("footfall_shortened_total"u8, MetricLabels.Encode(("field", "target")), Interlocked.Read(ref _shortenedTargets));
        writer.Sample("footfall_shortened_total"u8, MetricLabels.Encode(("field", "page")), Interlocked.Read(ref _shortenedPages));
        writer.Histogram("footfall_append_seconds", "Time from a request's last byte until the log had its interactions durably.", Append);
        MetricsDocument.WriteBuildInfo(writer, version);
        writer.End();
    }

    private sealed class AppCounters(string name)
    {
        private readonly long[] _rejected = new long[RejectReasons.All.Count];
        private long _received;
        private long _accepted;

        public byte[] Labels { get; } = MetricLabels.Encode(("app", name));

        public byte[][] ReasonLabels { get; } =
            [.. RejectReasons.All.Select(reason => MetricLabels.Encode(("app", name), ("reason", reason.Name())))];

        public long Accepted => Interlocked.Read(ref _accepted);

        public long Received => Interlocked.Read(ref _received);

        public void Receive() => Interlocked.Increment(ref _received);

        public void Accept() => Interlocked.Increment(ref _accepted);

        public void Reject(RejectReason reason) => Interlocked.Increment(ref _rejected[(int)reason]);

        public long Rejected(RejectReason reason) => Interlocked.Read(ref _rejected[(int)reason]);
    }
}
