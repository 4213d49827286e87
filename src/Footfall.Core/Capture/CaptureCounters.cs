using Footfall.Expose;
using Footfall.Log;

namespace Footfall.Capture;

/// <summary>
/// What the collector did since its start: received = accepted + rejected + bots + in flight, for each app and in every
/// scrape. Safe to share.
/// </summary>
public sealed class CaptureCounters
{
    /// <summary>The label <c>app</c> of what names no app that is configured.</summary>
    public const string UnknownApp = "(unknown)";

    private readonly Lock _gate = new(); // what is counted of a batch shows as a whole
    private readonly Dictionary<string, AppCounters> _apps;
    private readonly long[] _refused = new long[Refusals.All.Count];
    private readonly long[] _ignored = new long[IgnoredKinds.All.Count];
    private long _shortenedTargets;
    private long _shortenedPages;
    private long _shortenedProperties;
    private long _movedTimes;
    private long _timesFromFuture;
    private long _timesFromPast;
    private long _forgottenAddresses;
    private long _unkept;
    private long _reloads;
    private long _failedReloads;

    /// <summary>All at 0.</summary>
    public CaptureCounters(AppTable apps) =>
        _apps = apps.All.Select(app => app.Name).Append(UnknownApp).ToDictionary(name => name, name => new AppCounters(name), StringComparer.Ordinal);

    /// <summary>From the whole body's arrival until the log has it durably, for requests that were accepted.</summary>
    public Histogram Append { get; } = new();

    /// <summary>A request was not taken.</summary>
    public void Refuse(Refusal refusal)
    {
        lock (_gate)
        {
            _refused[(int)refusal]++;
        }
    }

    /// <summary>An address within its limit gave way to another, with what it had sent of it.</summary>
    public void ForgetAddress() => Interlocked.Increment(ref _forgottenAddresses);

    /// <summary>A rejected interaction could not be kept for looking at.</summary>
    public void LeaveUnkept() => Interlocked.Increment(ref _unkept);

    /// <summary>The configuration was read again while it runs: its apps are shown from now on. Those that are gone keep what they have.</summary>
    public void Reload(AppTable apps)
    {
        lock (_gate)
        {
            _reloads++;
            foreach (var app in apps.All)
            {
                Of(app.Name);
            }
        }
    }

    /// <summary>The configuration was read again and can't be used.</summary>
    public void FailReload() => Interlocked.Increment(ref _failedReloads);

    /// <summary>A batch has been read, and what of it can be taken is on its way to the log.</summary>
    public void Receive(CapturedBatch batch)
    {
        lock (_gate)
        {
            foreach (var (app, reason) in batch.RejectedApps)
            {
                var counters = Of(app?.Name ?? UnknownApp);
                counters.Received++;
                counters.Rejected[(int)reason]++;
            }

            foreach (var (app, count) in batch.PerApp)
            {
                var counters = Of(app.Name);
                counters.Received += count;
                counters.InFlight += count;
            }

            foreach (var kind in batch.Ignored)
            {
                _ignored[(int)kind]++;
            }

            foreach (var (app, kind) in batch.Bots)
            {
                var counters = Of(app.Name);
                counters.Received++;
                counters.Bots[(int)kind]++;
            }

            _shortenedTargets += batch.ShortenedTargets;
            _shortenedPages += batch.ShortenedPages;
            _shortenedProperties += batch.ShortenedProperties;
            _movedTimes += batch.Corrected.Moved;
            _timesFromFuture += batch.Corrected.FromFuture;
            _timesFromPast += batch.Corrected.FromPast;
        }
    }

    /// <summary>What was on its way of a batch was appended, or not.</summary>
    public void Settle(CapturedBatch batch, bool appended)
    {
        lock (_gate)
        {
            foreach (var (app, count) in batch.PerApp)
            {
                var counters = Of(app.Name);
                counters.InFlight -= count;
                if (appended)
                {
                    counters.Accepted += count;
                }
                else
                {
                    counters.Rejected[(int)RejectReason.LogUnavailable] += count;
                }
            }
        }
    }

    /// <summary>How many were accepted and rejected, of all apps.</summary>
    public (long Accepted, long Rejected) Sum()
    {
        lock (_gate)
        {
            return (_apps.Values.Sum(app => app.Accepted), _apps.Values.Sum(app => app.Rejected.Sum()));
        }
    }

    /// <summary>The collector's <c>/metrics</c>.</summary>
    /// <param name="writer">Ended by this.</param>
    /// <param name="version">Of the program.</param>
    /// <param name="spool">Null where the log has none.</param>
    public void Write(MetricsWriter writer, string version, SpoolStatus? spool)
    {
        lock (_gate)
        {
            WriteApps(writer);
            WriteRequests(writer);
            WriteOwn(writer);
        }

        if (spool is { } status)
        {
            WriteSpool(writer, status);
        }

        writer.Histogram("footfall_append_seconds", "Time from a request's last byte until the log had its interactions durably.", Append);
        MetricsDocument.WriteBuildInfo(writer, version);
        writer.End();
    }

    /// <summary>An app's counters; of one that came by a reload they may not be there yet.</summary>
    private AppCounters Of(string app)
    {
        if (!_apps.TryGetValue(app, out var counters))
        {
            _apps.Add(app, counters = new AppCounters(app));
        }

        return counters;
    }

    private void WriteApps(MetricsWriter writer)
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
                writer.Sample("footfall_rejected_total"u8, app.ReasonLabels[(int)reason], app.Rejected[(int)reason]);
            }
        }

        writer.Family("footfall_bots", MetricKind.Counter, "Interactions that no person did and that were set aside, by what sent them.");
        foreach (var app in _apps.Values)
        {
            foreach (var kind in Bots.Kinds)
            {
                writer.Sample("footfall_bots_total"u8, app.KindLabels[(int)kind], app.Bots[(int)kind]);
            }
        }

        writer.Family("footfall_in_flight", MetricKind.Gauge, "Interactions that wait for the log, not yet accepted or rejected.");
        foreach (var app in _apps.Values)
        {
            writer.Sample("footfall_in_flight"u8, app.Labels, app.InFlight);
        }
    }

    private void WriteRequests(MetricsWriter writer)
    {
        writer.Family("footfall_refused_requests", MetricKind.Counter, "Requests that were not taken as a whole, by reason.");
        foreach (var refusal in Refusals.All)
        {
            writer.Sample("footfall_refused_requests_total"u8, MetricLabels.Encode(("reason", refusal.Name())), _refused[(int)refusal]);
        }

        writer.Family("footfall_ignored", MetricKind.Counter, "Events of other formats that are no interactions, by kind.");
        foreach (var kind in IgnoredKinds.All)
        {
            writer.Sample("footfall_ignored_total"u8, MetricLabels.Encode(("kind", kind.Name())), _ignored[(int)kind]);
        }

        writer.Family("footfall_shortened", MetricKind.Counter, "Interactions with a text cut to its limit, or properties left out, by field.");
        writer.Sample("footfall_shortened_total"u8, MetricLabels.Encode(("field", "target")), _shortenedTargets);
        writer.Sample("footfall_shortened_total"u8, MetricLabels.Encode(("field", "page")), _shortenedPages);
        writer.Sample("footfall_shortened_total"u8, MetricLabels.Encode(("field", "properties")), _shortenedProperties);

        writer.Unlabelled("footfall_clock_corrected", MetricKind.Counter, "Times of interactions moved because the sender's clock was wrong.", _movedTimes);
        writer.Family("footfall_clamped", MetricKind.Counter, "Times of interactions set to the bound that they were beyond, by bound.");
        writer.Sample("footfall_clamped_total"u8, MetricLabels.Encode(("bound", "future")), _timesFromFuture);
        writer.Sample("footfall_clamped_total"u8, MetricLabels.Encode(("bound", "past")), _timesFromPast);
        writer.Unlabelled(
            "footfall_forgotten_addresses",
            MetricKind.Counter,
            "Addresses of clients that gave way to others before their limit was full again.",
            Interlocked.Read(ref _forgottenAddresses));
    }

    private void WriteOwn(MetricsWriter writer)
    {
        writer.Unlabelled(
            "footfall_rejected_unkept",
            MetricKind.Counter,
            "Rejected interactions that could not be kept for looking at.",
            Interlocked.Read(ref _unkept));
        writer.Unlabelled("footfall_config_reloads", MetricKind.Counter, "Times that a changed configuration was put in force.", _reloads);
        writer.Unlabelled(
            "footfall_config_reload_failures",
            MetricKind.Counter,
            "Times that a changed configuration could not be used; the last good one stays in force.",
            Interlocked.Read(ref _failedReloads));
    }

    private static void WriteSpool(MetricsWriter writer, in SpoolStatus spool)
    {
        writer.Unlabelled(
            "footfall_spooling_seconds",
            MetricKind.Gauge,
            "For how long interactions have gone to the spool; 0: they go to the log.",
            Math.Round((decimal)(spool.For?.TotalSeconds ?? 0), 3));
        writer.Unlabelled("footfall_spool_waiting", MetricKind.Gauge, "Interactions in the spool that wait to be forwarded.", spool.Waiting);
        writer.Unlabelled("footfall_spool_bytes", MetricKind.Gauge, "Bytes of the spool's file in use.", spool.Bytes);
        writer.Unlabelled("footfall_spool_max_bytes", MetricKind.Gauge, "The most that it may use.", spool.MaxBytes);
        writer.Unlabelled("footfall_spooled", MetricKind.Counter, "Interactions taken into the spool.", spool.Spooled);
        writer.Unlabelled(
            "footfall_spool_forwarded", MetricKind.Counter, "Interactions forwarded from the spool, those of an earlier process too.", spool.Forwarded);
    }

    private sealed class AppCounters(string name)
    {
        public byte[] Labels { get; } = MetricLabels.Encode(("app", name));

        public byte[][] ReasonLabels { get; } =
            [.. RejectReasons.All.Select(reason => MetricLabels.Encode(("app", name), ("reason", reason.Name())))];

        public long Received { get; set; }

        public long Accepted { get; set; }

        public long[] Rejected { get; } = new long[RejectReasons.All.Count];

        public byte[][] KindLabels { get; } =
            [.. Enum.GetValues<BotKind>().Select(kind => kind == BotKind.None ? [] : MetricLabels.Encode(("app", name), ("kind", kind.Name())))];

        public long[] Bots { get; } = new long[Enum.GetValues<BotKind>().Length];

        public long InFlight { get; set; }
    }
}
