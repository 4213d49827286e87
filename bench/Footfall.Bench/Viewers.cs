using System.Globalization;
using Footfall.Capture;
using Footfall.Log;

namespace Footfall.Bench;

/// <summary>What those who look at the live board cost the metrics service: bench/README.md.</summary>
internal sealed class Viewers(BenchLog log, int perSecond, TimeProvider time)
{
    private static readonly int[] Numbers = [0, 1, 100, 500];

    /// <summary>Long enough that a tick more or less is nothing.</summary>
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    private readonly Interactions _interactions = new();

    public async Task RunAsync(TextWriter output)
    {
        await using var service = await MetricsService.StartAsync(log, windowIds: 100_000);
        await service.ReadyAsync();
        using var stop = new CancellationTokenSource();
        var sending = SendAsync(stop.Token);
        output.WriteLine();
        output.WriteLine("| viewers | CPU seconds a second | over one viewer | events a second to each | bytes a second to each | peak memory, MB |");
        output.WriteLine("|---|---|---|---|---|---|");
        double? one = null;
        foreach (var number in Numbers)
        {
            var (cpu, events, bytes) = await MeasureAsync(service, number);
            one = number == 1 ? cpu : one;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {number} | {cpu:0.000} | {(one is { } first ? (cpu - first).ToString("0.000", CultureInfo.InvariantCulture) : "")} | {events:0.0} | {bytes:0} | {service.PeakMemory / 1e6:0} |"));
        }

        output.WriteLine();
        output.WriteLine($"{perSecond} interactions a second; load after: {Machine.Load}");
        await stop.CancelAsync();
        await sending;
    }

    private async Task<(double Cpu, double Events, double Bytes)> MeasureAsync(MetricsService service, int number)
    {
        using var end = new CancellationTokenSource();
        await using var crowd = new Crowd(service.Address);
        crowd.Look(number, end.Token);
        await Task.Delay(Settled, time, end.Token);
        var (started, cpu, events, bytes) = (time.GetTimestamp(), service.Cpu, crowd.Events, crowd.Bytes);
        await Task.Delay(Measured, time, end.Token);
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        var used = (service.Cpu - cpu).TotalSeconds / seconds;
        var each = seconds * Math.Max(1, number);
        var read = (used, (crowd.Events - events) / each, (crowd.Bytes - bytes) / each);
        await end.CancelAsync();
        return read;
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        const int PerSecond = 10; // in so many requests
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / PerSecond), time);
        while (!cancellationToken.IsCancellationRequested)
        {
            using var batch = _interactions.Next(Math.Max(1, perSecond / PerSecond), time.GetUtcNow());
            if (await log.Writer.AppendAsync(batch.Records, CancellationToken.None) != AppendResult.Durable)
            {
                throw new InvalidOperationException("The log does not take what is sent.");
            }

            try
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Who looks, from this process: they count events and read nothing of them.</summary>
    private sealed class Crowd(Uri address) : IAsyncDisposable
    {
        private readonly SocketsHttpHandler _handler = new() { UseProxy = false };
        private readonly List<Task> _looking = [];
        private long _events;
        private long _bytes;

        public long Events => Interlocked.Read(ref _events);

        public long Bytes => Interlocked.Read(ref _bytes);

        public void Look(int number, CancellationToken cancellationToken)
        {
            for (var i = 0; i < number; i++)
            {
                _looking.Add(LookAsync(cancellationToken));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Task.WhenAll(_looking);
            _handler.Dispose();
        }

        private async Task LookAsync(CancellationToken cancellationToken)
        {
            using var client = new HttpClient(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
            try
            {
                await using var stream = await client.GetStreamAsync(new Uri(address, "/api/v1/live"), cancellationToken);
                var buffer = new byte[64 * 1024];
                while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
                {
                    Interlocked.Add(ref _bytes, read);
                    Interlocked.Add(ref _events, buffer.AsSpan(0, read).Count("\n\n"u8));
                }
            }
            catch (OperationCanceledException)
            {
                // Seen enough.
            }
        }
    }
}
