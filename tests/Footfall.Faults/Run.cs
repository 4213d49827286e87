using System.Globalization;
using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>One fault as it went.</summary>
/// <param name="Fault">What was planned.</param>
/// <param name="Whom">What it struck, and how.</param>
/// <param name="Counts">From its healing until the system counted again; null when that was not within the limit.</param>
/// <param name="Falls">How many totals went back while it lasted.</param>
/// <param name="Skipped">Why it was not done.</param>
internal sealed record Outcome(PlannedFault Fault, string Whom, TimeSpan? Counts, int Falls, string? Skipped = null);

/// <summary>One world under load and faults, judged while it runs and at its end.</summary>
internal sealed class Run : IAsyncDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(120);
    // A page may be of a moment before the last append, for four times what docs/expose.md says.
    private static readonly TimeSpan Publication = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ScrapeLimit = TimeSpan.FromSeconds(10);

    private readonly World _world;
    private readonly Action<string> _say;
    private readonly DateTimeOffset _started = TimeProvider.System.GetUtcNow();
    private readonly List<string> _violations = [];
    private readonly List<TimeSpan> _failovers = [];
    private PrometheusJudge? _prometheus;
    private PlannedFault[] _step = [];

    public Run(World world, int rate, Action<string> say)
    {
        (_world, _say) = (world, say);
        Watch = new Watch(PrometheusJudge.Totals(), Lease);
        Ledger = new Ledger(TimeProvider.System);
        Scraper = new Scraper(Watch, Ledger, TimeProvider.System);
        Load = new Load(world.Entrances, Ledger, rate, () => _step.Length == 0 ? 0 : _step[0].Number, TimeProvider.System);
    }

    public Watch Watch { get; }

    public Scraper Scraper { get; }

    public Ledger Ledger { get; }

    public Load Load { get; }

    public List<Outcome> Outcomes { get; } = [];

    public Verdict? Verdict { get; private set; }

    public OrderVerdict? Order { get; private set; }

    /// <summary>From the kill of a metrics instance until the others counted all partitions.</summary>
    public IReadOnlyList<TimeSpan> Failovers => _failovers;

    /// <summary>Why Prometheus was not asked, where it is not here.</summary>
    public string? WithoutPrometheus { get; private set; }

    public IReadOnlyList<string> Violations =>
        [.. _violations, .. Watch.Violations, .. Scraper.Violations, .. Load.Problems, .. _world.Services.SelectMany(service => service.Violations)];

    public void Violate(string what)
    {
        lock (_violations)
        {
            _violations.Add(what);
        }
    }

    public bool IsAlone(PlannedFault fault) => _step is [var one] && one == fault;

    public void Failover(TimeSpan took, bool alone, TimeSpan limit, string victim)
    {
        _failovers.Add(took);
        if (alone && took > limit)
        {
            Violate($"{victim} was killed, and its partitions were counted again after {took.TotalSeconds:0.0} s only");
        }
    }

    public async Task RunAsync(IReadOnlyList<PlannedFault[]> steps)
    {
        await BeginAsync();
        foreach (var step in steps)
        {
            await StepAsync(step);
        }

        await FinishAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Load.DisposeAsync();
        await Scraper.DisposeAsync();
        if (_prometheus is not null)
        {
            await _prometheus.DisposeAsync();
        }
    }

    private async Task BeginAsync()
    {
        if (Here.Has("prometheus"))
        {
            _prometheus = await PrometheusJudge.StartAsync(
                Path.Combine(_world.Folder, "prometheus"), _world.Prometheus,
                _world.Collectors.Select(service => service.Collector!), _world.Metrics.Select(service => service.Metrics!));
            var targets = _world.Collectors.Count + _world.Metrics.Count;
            if (!await Patience.UntilAsync(TimeSpan.FromSeconds(30), () => _prometheus.ScrapesAsync(targets)))
            {
                throw new InvalidOperationException("Prometheus does not scrape everything.");
            }
        }
        else
        {
            WithoutPrometheus = "prometheus is not on the PATH";
        }

        Scraper.Start(_world.Metrics, _world.Collectors);
        Load.Start();
        if (await RecoverAsync(RecoveryLimit) is null)
        {
            Violate("it did not count even before the first fault");
        }
    }

    private async Task StepAsync(PlannedFault[] step)
    {
        _step = step;
        var falls = Watch.Falls;
        var able = step.Where(fault => _world.Lacking(fault.Kind) is null).ToArray();
        foreach (var fault in step.Except(able))
        {
            Outcomes.Add(new(fault, "", null, 0, _world.Lacking(fault.Kind)));
            _say($"{Head(fault)}  skipped: {_world.Lacking(fault.Kind)}");
        }

        if (able.Length == 0)
        {
            return;
        }

        var (refused, unanswered) = (Load.Refused, Load.Unanswered);
        var limit = able.Max(CatchUpLimit);
        var whom = await Task.WhenAll(able.Select(async fault =>
        {
            await Task.Delay(fault.Delay, TimeProvider.System);
            return await _world.InflictAsync(fault, this);
        }));
        var counts = await RecoverAsync(limit);
        if (able is [{ Kind: FaultKind.KafkaDown }] && (Load.Refused > refused || Load.Unanswered > unanswered))
        {
            Violate($"fault {able[0].Number}: while Kafka was down, clients got {Load.Refused - refused} times 503 and {Load.Unanswered - unanswered} times no answer");
        }

        for (var i = 0; i < able.Length; i++)
        {
            Outcomes.Add(new(able[i], whom[i], counts, Watch.Falls - falls));
            var how = counts is { } took ? $"counts again after {took.TotalSeconds,4:0.0} s" : $"DOES NOT COUNT after {limit.TotalSeconds:0} s";
            _say($"{Head(able[i])}  {how}  {(i > 0 ? "meanwhile " : "")}{whom[i]}, for {able[i].Hold.TotalSeconds:0.0} s");
        }

        if (counts is null)
        {
            Violate($"fault {string.Join(" and ", able.Select(fault => fault.Number))}: it did not count again within {limit.TotalSeconds:0} s");
        }

        // The next fault meets a whole system, else faults pile up to what nobody promised to survive.
        if (!await Patience.UntilAsync(RecoveryLimit, async () => await _world.AreReadyAsync() && await _world.IsWholeAsync()))
        {
            Violate($"fault {able[0].Number}: not everything was ready again within {RecoveryLimit.TotalSeconds:0} s");
        }
    }

    /// <summary>What came while Kafka was down is forwarded beside what goes on coming: at twice that rate, in as long again.</summary>
    private static TimeSpan CatchUpLimit(PlannedFault fault) => RecoveryLimit + (fault.Kind == FaultKind.KafkaDown ? fault.Hold : TimeSpan.Zero);

    private static string Head(PlannedFault fault) => string.Create(CultureInfo.InvariantCulture, $"{fault.Number,4}  {KindText.Of(fault.Kind),-22}");

    /// <summary>Until every partition is counted further than now, and what was accepted by now is shown.</summary>
    private async Task<TimeSpan?> RecoverAsync(TimeSpan limit)
    {
        var healed = Scraper.Now;
        var accepted = Ledger.AcceptedCount;
        var before = Watch.DoneSince(TimeSpan.Zero);
        var counts = await Patience.UntilAsync(limit, () =>
            Watch.SumSince(healed) >= accepted
            && Watch.DoneSince(healed) is { } now && now.Count == _world.Partitions
            && now.All(done => done.Value > before.GetValueOrDefault(done.Key)));
        return counts ? Scraper.Now - healed : null;
    }

    private async Task FinishAsync()
    {
        _step = [];
        if (!await Load.DrainAsync(DrainLimit))
        {
            Violate($"clients were not answered within {DrainLimit.TotalSeconds:0} s of the last fault");
        }

        var drained = Scraper.Now + Publication;
        if (!await Patience.UntilAsync(RecoveryLimit, () =>
            Scraper.AreSpoolsEmpty(drained) && Watch.SumSince(drained) >= Ledger.AcceptedCount && Watch.IsAtRest(drained, _world.Partitions)))
        {
            Violate($"not all that is in a spool or the log was counted and shown within {RecoveryLimit.TotalSeconds:0} s");
        }

        var page = Watch.Last;
        await HandOverAsync(page);
        await AwaitPrometheusAsync(page);
        var counts = _prometheus is null ? null : await _prometheus.SamplesAsync("footfall_interactions_total", TimeProvider.System.GetUtcNow() - _started);
        var sums = _prometheus is null ? null : await _prometheus.RangeAsync("sum(footfall_interactions_total)", _started, TimeProvider.System.GetUtcNow());
        var log = await _world.ReadLogAsync();
        Verdict = Verdict.Of(Ledger.All, log, page);
        _violations.AddRange(Verdict.Violations);
        Order = OrderVerdict.Of(Ledger.Requests, log);
        _violations.AddRange(Order.Violations);
        if (Order.Judged == 0)
        {
            Violate("the order of no visitor could be judged");
        }

        if (log.Where(record => Load.IsProbe(record.Visitor)).Select(record => record.Partition).Distinct().Count() is var probed && probed < _world.Partitions)
        {
            Violate($"the probe's visitors are in {probed} of {_world.Partitions} partitions: it can't tell that all are counted");
        }

        _violations.AddRange(await _world.CheckLogAsync());
        if (counts is not null)
        {
            _violations.AddRange(PrometheusVerdict.Of(counts, sums!, Verdict.Truth, Ledger.SentBy));
        }
    }

    /// <summary>Every instance shows the same: the one that shows is stopped until only one is left.</summary>
    private async Task HandOverAsync(IReadOnlyList<Sample> page)
    {
        for (var left = _world.Metrics.Count; left > 1; left--)
        {
            var shower = Watch.Shower;
            await _world.Metrics.Single(service => service.Name == shower).StopAsync();
            var stopped = Scraper.Now;
            if (!await Patience.UntilAsync(RecoveryLimit, () => Watch.SumSince(stopped) >= 0))
            {
                Violate($"{shower} was stopped, and no other showed the totals within {RecoveryLimit.TotalSeconds:0} s");
                return;
            }

            foreach (var (series, was, is_) in Watch.Differences(page, Watch.Last))
            {
                Violate($"{Watch.Shower} shows {series} as {is_}, and {shower} showed {was}");
            }
        }
    }

    private async Task AwaitPrometheusAsync(IReadOnlyList<Sample> page)
    {
        var sum = page.Where(sample => sample.Name == "footfall_interactions_total").Sum(sample => sample.Value);
        if (_prometheus is not null && !await Patience.UntilAsync(ScrapeLimit, async () =>
            await _prometheus.RangeAsync("sum(footfall_interactions_total)", TimeProvider.System.GetUtcNow().AddSeconds(-1), TimeProvider.System.GetUtcNow()) is [.., var last]
            && last.Value == sum))
        {
            Violate($"Prometheus did not come to the sum of {sum} within {ScrapeLimit.TotalSeconds:0} s");
        }
    }
}
