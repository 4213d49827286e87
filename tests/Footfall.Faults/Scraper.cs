using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>Fetches <c>/metrics</c> of every metrics instance every 100 ms, and of every collector every 500 ms, and has them judged.</summary>
internal sealed class Scraper(Watch watch, Ledger ledger, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CollectorInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };
    private readonly CancellationTokenSource _stop = new();
    private readonly long _origin = time.GetTimestamp();
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly List<Task> _running = [];
    private readonly ConcurrentDictionary<string, (TimeSpan Start, decimal Waiting)> _spools = new(StringComparer.Ordinal);
    private HttpClient? _http;
    private long _away;

    /// <summary>Since the scraper was made; every time in a violation is of this.</summary>
    public TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>What a collector's page was wrong in.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Whether every collector has been seen with an empty spool after a time.</summary>
    public bool AreSpoolsEmpty(TimeSpan time) => _spools.Values.All(spool => spool.Start > time && spool.Waiting == 0);

    /// <summary>What waits in the spools, by the last scrapes.</summary>
    public decimal Spooled => _spools.Values.Sum(spool => spool.Waiting);

    /// <summary>Scrapes that got no page.</summary>
    public long Away => _away;

    public void Start(IEnumerable<Service> metrics, IEnumerable<Service> collectors)
    {
        _http = new HttpClient(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        _running.AddRange(metrics.Select(service => Task.Run(() => LoopAsync(service.Name, service.Metrics!, Interval, JudgeTotals))));
        _running.AddRange(collectors.Select(service => Task.Run(() => LoopAsync(service.Name, service.Collector!, CollectorInterval, JudgeCollector))));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _http?.Dispose();
        _handler.Dispose();
        _stop.Dispose();
    }

    private void JudgeTotals(string name, IReadOnlyDictionary<string, decimal> floor, TimeSpan start, List<Sample> samples) =>
        watch.End(name, floor, start, Now, ledger.SentCount, samples);

    private void JudgeCollector(string name, IReadOnlyDictionary<string, decimal> floor, TimeSpan start, List<Sample> samples)
    {
        _spools[name] = (start, samples.Where(sample => sample.Name == "footfall_spool_waiting").Sum(sample => sample.Value));
        var hasInFlight = samples.Exists(sample => sample.Name == "footfall_in_flight");
        foreach (var received in samples.Where(sample => sample.Name == "footfall_received_total"))
        {
            var app = received.Label("app");
            var ended = samples
                .Where(sample => sample.Name is "footfall_accepted_total" or "footfall_rejected_total" or "footfall_bots_total" or "footfall_in_flight" && sample.Label("app") == app)
                .Sum(sample => sample.Value);
            // Without that gauge, what is on its way to the log is in no other number.
            var isWrong = hasInFlight ? ended != received.Value : ended > received.Value;
            if (isWrong && _violations.Count < 20)
            {
                _violations.Enqueue(string.Create(CultureInfo.InvariantCulture,
                    $"{name} at {start.TotalSeconds:0.00} s: {received.Value} received of {app}, {ended} accepted, rejected, of bots or in flight"));
            }
        }
    }

    private async Task LoopAsync(string name, Uri address, TimeSpan interval, Action<string, IReadOnlyDictionary<string, decimal>, TimeSpan, List<Sample>> judge)
    {
        var page = new Uri(address, "/metrics");
        using var tick = new PeriodicTimer(interval, time);
        try
        {
            while (await tick.WaitForNextTickAsync(_stop.Token))
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                limit.CancelAfter(Limit);
                try
                {
                    var (floor, start) = (watch.Begin(), Now);
                    var text = await _http!.GetStringAsync(page, limit.Token);
                    judge(name, floor, start, Exposition.Read(text));
                }
                catch (Exception error) when (error is HttpRequestException or IOException or SocketException
                    || (error is OperationCanceledException && !_stop.IsCancellationRequested))
                {
                    // It is killed, or frozen; also where the end comes just then.
                    Interlocked.Increment(ref _away);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
