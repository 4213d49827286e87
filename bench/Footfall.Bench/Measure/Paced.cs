using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Footfall.Bench.Measure;

/// <summary>Clients that send so many interactions a second, however long the answers take, each with an id of its own.</summary>
internal sealed class Paced : IAsyncDisposable
{
    private const int IdLength = 36;
    private const int IdAt = 7; // behind {"id":"
    private const int Lines = 20_000;
    private const int AtOnce = 64; // requests under way; what is due while they are, waits

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };
    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly int _rate;
    private readonly int _batch;
    private readonly TimeProvider _time;
    private readonly byte[][] _lines;
    private readonly SemaphoreSlim _free = new(AtOnce);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private long _next;
    private long _accepted;
    private string? _problem;

    /// <param name="collector">Where to.</param>
    /// <param name="rate">Interactions a second.</param>
    /// <param name="batch">Interactions of a request.</param>
    /// <param name="series">How many they are of, at most 1,000.</param>
    /// <param name="time">The pace, and the ids' own time.</param>
    public Paced(Uri collector, int rate, int batch, int series, TimeProvider time)
    {
        (_address, _rate, _batch, _time) = (new Uri(collector, "/v1/interactions"), rate, batch, time);
        var random = new Random(rate);
        var visitors = Enumerable.Range(0, Lines).Select(_ => Guid.CreateVersion7(time.GetUtcNow() - TimeSpan.FromSeconds(random.Next(10_000_000)))).ToArray();
        _lines = [.. Enumerable.Range(0, Lines).Select(number => Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":"{{visitors[number]}}","app":"demo","type":"click","target":"Enroll in course {{number % series / 20}}","page":"/courses/{{(char)('a' + (number % series % 20))}}-for-beginners","visitor":"{{visitors[number]}}"}{{'\n'}}""")))];
        _http = new HttpClient(_handler, disposeHandler: false);
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Interactions that were answered with 202.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Sends no more. Returns once all is answered.</summary>
    /// <exception cref="InvalidOperationException">Something was not accepted.</exception>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        for (var i = 0; i < AtOnce; i++)
        {
            await _free.WaitAsync(CancellationToken.None);
        }

        if (_problem is not null)
        {
            throw new InvalidOperationException($"Not everything was accepted: {_problem}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _http.Dispose();
        _handler.Dispose();
        _free.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var start = Stopwatch.GetTimestamp();
        var sent = 0L;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                for (var due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * _rate); sent + _batch <= due; sent += _batch)
                {
                    await _free.WaitAsync(_stop.Token);
                    _ = SendAsync(Body());
                }

                await Task.Delay(Tick, _time, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private byte[] Body()
    {
        var now = _time.GetUtcNow();
        var body = new byte[_lines[0].Length * 2 * _batch];
        var length = 0;
        for (var i = 0; i < _batch; i++)
        {
            var line = _lines[_next++ % Lines];
            line.CopyTo(body, length);
            Guid.CreateVersion7(now).TryFormat(body.AsSpan(length + IdAt, IdLength), out _);
            length += line.Length;
        }

        return body[..length];
    }

    private async Task SendAsync(byte[] body)
    {
        try
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("text/plain") } };
            using var answer = await _http.PostAsync(_address, content, CancellationToken.None);
            if (answer.StatusCode == HttpStatusCode.Accepted)
            {
                Interlocked.Add(ref _accepted, _batch);
            }
            else
            {
                _problem = $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(CancellationToken.None)}";
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            _problem = error.Message;
        }
        finally
        {
            Release();
        }
    }

    private void Release()
    {
        try
        {
            _free.Release();
        }
        catch (ObjectDisposedException)
        {
            // Broken off before all was answered.
        }
    }
}
