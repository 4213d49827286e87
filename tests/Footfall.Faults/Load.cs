using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>
/// Clients that send as footfall.js does: one request at a time, again with the same ids until it is answered, after a
/// wait that doubles and is never shorter than Retry-After (web/sdk/src/retry.ts). Some repeat what was accepted, and some
/// give up, as a page that is closed does.
/// </summary>
internal sealed class Load(IReadOnlyList<Uri> collectors, Ledger ledger, int rate, Func<int> fault, TimeProvider time) : IAsyncDisposable
{
    private const int LeastClients = 10;
    internal const int Probes = 24;  // visitors; enough to meet six partitions, which the run checks
    private const int MostLines = 20;  // more than a person does in the 100 ms after which footfall.js sends
    private const double Repeats = 0.03;
    private const double GivesUp = 0.01;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // The probe shows that the system takes and counts again as soon as it does, however long the others still wait.
    private static readonly TimeSpan ProbeWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    private static readonly string[] Targets = ["Buy Now", "Enroll Now", "Add to Cart", "Watch \"Trailer\""];
    private static readonly string[] Pages = ["/", "/courses", "/courses/sql", "/courses/go", "/pricing"];
    private static readonly decimal[] Values = [0.1m, 9.99m, 49m, 0.000001m];

    // A page sends every 100 ms at most: for more a second there are more of them.
    private readonly int _clients = Math.Max(LeastClients, rate / 100);
    private readonly SocketsHttpHandler _handler = new() { ConnectTimeout = TimeSpan.FromSeconds(5), UseProxy = false };
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _drop = new();
    private readonly ConcurrentDictionary<int, long> _underWay = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private List<Task> _running = [];
    private HttpClient? _http;
    private int _refused, _unanswered, _repeats, _abandoned, _probes;

    /// <summary>What a client must never be told.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    public int Refused => _refused;

    public int Unanswered => _unanswered;

    public int Repeated => _repeats;

    public int Abandoned => _abandoned;

    /// <summary>How often the probe has begun to send. Each time, one interaction of each of its visitors.</summary>
    public int Probed => Volatile.Read(ref _probes);

    /// <summary>
    /// Whether a page shows of each of the probe's visitors more than was sent by then, so something that was sent later.
    /// They are in all partitions.
    /// </summary>
    public static bool ShowsMore(IReadOnlyList<Sample> page, int probed)
    {
        var shown = page.Where(sample => sample.Name == "footfall_interactions_total").ToDictionary(Verdict.SeriesOf, sample => sample.Value);
        return Enumerable.Range(0, Probes).All(visitor => shown.GetValueOrDefault(SeriesOf(visitor)) > probed);
    }

    public static bool IsProbe(string visitor) => visitor.StartsWith("probe-", StringComparison.Ordinal);

    public void Start()
    {
        _http = new HttpClient(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        _running = [.. Enumerable.Range(0, _clients).Select(number => Task.Run(() => RunAsync(number))), Task.Run(ProbeAsync)];
    }

    /// <summary>No new interactions; what was sent is sent on until it is answered. False when that took too long.</summary>
    public async Task<bool> DrainAsync(TimeSpan within)
    {
        await _stop.CancelAsync();
        var all = Task.WhenAll(_running);
        try
        {
            await all.WaitAsync(within, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Completes when every request that is under way now has ended.</summary>
    public async Task AnsweredAsync()
    {
        var now = time.GetTimestamp();
        while (_underWay.Values.Any(start => start <= now))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), time);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _drop.CancelAsync();
        await Task.WhenAll(_running);
        _http?.Dispose();
        _handler.Dispose();
        _stop.Dispose();
        _drop.Dispose();
    }

    private async Task RunAsync(int number)
    {
        var random = new Random(number);
        var collector = number % collectors.Count;
        // Half as many lines as at most.
        var pause = TimeSpan.FromSeconds(_clients * (MostLines + 1) / 2.0 / rate);
        while (!_stop.IsCancellationRequested)
        {
            var lines = Enumerable.Range(0, random.Next(1, MostLines + 1)).Select(_ => One(random, $"visitor-{number}-{random.Next(200)}")).ToList();
            var start = time.GetTimestamp();
            collector = await SendAsync(number, random, lines, collector, LongestWait, FirstWait, GivesUp);
            await PauseAsync((pause * (0.5 + random.NextDouble())) - time.GetElapsedTime(start));
        }
    }

    private async Task ProbeAsync()
    {
        var random = new Random(_clients);
        var collector = 0;
        while (!_stop.IsCancellationRequested)
        {
            var lines = Enumerable.Range(0, Probes).Select(visitor => Line(SeriesOf(visitor), null, $"probe-{visitor}")).ToList();
            Interlocked.Increment(ref _probes);
            collector = await SendAsync(_clients, random, lines, collector, ProbeWait, ProbeWait, givesUp: 0);
            await PauseAsync(ProbeWait * 3);
        }
    }

    private (Sent Sent, string Line) One(Random random, string visitor)
    {
        var app = random.Next(3) == 0 ? "school" : "shop";
        var isView = random.Next(4) == 0;
        // A series that is born within a fault: its first click is the one that is easily lost.
        var target = isView ? "" : random.Next(50) == 0 ? $"Fault {fault()}" : Targets[random.Next(Targets.Length)];
        var series = new Series(app, isView ? "view" : "click", target, Pages[random.Next(Pages.Length)]);
        decimal? value = !isView && random.Next(3) == 0 ? Values[random.Next(Values.Length)] : null;
        return Line(series, value, visitor);
    }

    // One that never changes, so that what is new of it is not shown as 0 first.
    private static Series SeriesOf(int probe) => new("shop", "click", $"Probe {probe}", "/");

    private (Sent Sent, string Line) Line(Series series, decimal? value, string visitor)
    {
        var sent = new Sent(Guid.CreateVersion7(time.GetUtcNow()), series, value, visitor);
        var line = JsonSerializer.Serialize(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["id"] = sent.Id.ToString(),
            ["app"] = series.App,
            ["type"] = series.Type,
            ["target"] = series.Target.Length == 0 ? null : series.Target,
            ["page"] = series.Page,
            ["visitor"] = visitor,
            ["at"] = time.GetUtcNow().ToUnixTimeMilliseconds(),
            ["value"] = value,
        });
        return (sent, line);
    }

    /// <summary>Sends until it is answered. Returns the collector that was asked last.</summary>
    private async Task<int> SendAsync(int client, Random random, List<(Sent Sent, string Line)> lines, int collector, TimeSpan longest, TimeSpan first, double givesUp)
    {
        var batch = lines.ConvertAll(line => line.Sent);
        var body = string.Join('\n', lines.Select(line => line.Line));
        var request = new Request(batch);
        ledger.Send(request);
        var again = false;
        for (var failures = 0; ;)
        {
            request.Try(collector);
            var (status, retryAfter) = await PostAsync(client, collectors[collector], batch, body, again);
            if (_drop.IsCancellationRequested)
            {
                return collector;
            }

            if (status == HttpStatusCode.Accepted)
            {
                request.Accept(collector);
                if (again || random.NextDouble() >= Repeats)
                {
                    return collector;
                }

                // On purpose, and perhaps to another collector.
                again = true;
                collector = random.Next(collectors.Count);
                Interlocked.Add(ref _repeats, batch.Count);
                continue;
            }

            if (random.NextDouble() < givesUp)
            {
                Interlocked.Add(ref _abandoned, again ? 0 : batch.Count);
                return collector;
            }

            failures++;
            var wait = first * Math.Pow(2, Math.Min(failures - 1, 16));
            wait = (wait < longest ? wait : longest) * ((1 + random.NextDouble()) / 2);
            await PauseAsync(wait > retryAfter || first == ProbeWait ? wait : retryAfter, _drop.Token);
            // As a load balancer would, at times.
            collector = random.Next(2) == 0 ? collector : (collector + 1) % collectors.Count;
        }
    }

    private async Task<(HttpStatusCode? Status, TimeSpan RetryAfter)> PostAsync(int client, Uri collector, List<Sent> batch, string body, bool again)
    {
        _underWay[client] = time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_drop.Token);
        limit.CancelAfter(RequestLimit);
        try
        {
            using var content = new StringContent(body, Encoding.UTF8, "text/plain");
            using var answer = await _http!.PostAsync(new Uri(collector, "/v1/interactions"), content, limit.Token);
            var text = await answer.Content.ReadAsStringAsync(limit.Token);
            if (answer.StatusCode == HttpStatusCode.Accepted)
            {
                if (!text.StartsWith(string.Create(CultureInfo.InvariantCulture, $"{{\"accepted\":{batch.Count},"), StringComparison.Ordinal))
                {
                    _problems.Enqueue($"a good batch of {batch.Count} was not taken whole: {text}");
                    return (null, default);
                }

                if (!again)
                {
                    ledger.Accept(batch);
                }
            }
            else if (answer.StatusCode is HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter?.Delta is { } delta)
            {
                Interlocked.Increment(ref _refused);
                return (answer.StatusCode, delta);
            }
            else
            {
                _problems.Enqueue($"an answer that is neither 202 nor 503 with Retry-After: {(int)answer.StatusCode} {text}");
            }

            return (answer.StatusCode, default);
        }
        // A connection that is reset as it is made is a bare SocketException.
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException or SocketException)
        {
            Interlocked.Increment(ref _unanswered);
            return (null, default);
        }
        finally
        {
            _underWay.TryRemove(client, out _);
        }
    }

    private Task PauseAsync(TimeSpan wait) => PauseAsync(wait, _stop.Token);

    private async Task PauseAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The end is seen by the caller's loop.
        }
    }
}
