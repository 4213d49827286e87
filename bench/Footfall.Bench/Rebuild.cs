using System.Diagnostics;
using System.Globalization;
using Footfall.Capture;
using Footfall.Log;

namespace Footfall.Bench;

/// <summary>
/// How long the metrics service takes after its start until it counts again, with windows full of ids, and how much memory they
/// take: bench/README.md.
/// </summary>
internal sealed class Rebuild(BenchLog log, int count, TimeProvider time)
{
    private const int Restarts = 3;

    /// <summary>The least that a window may hold.</summary>
    private const int SmallWindow = 1_000;

    /// <summary>Less than the half hour that visitors are known, by what filling and measuring takes.</summary>
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(15);

    private const int AppendsAtOnce = 16;

    private readonly Interactions _interactions = new();
    private readonly List<Row> _rows = [];
    private long _written;

    public async Task RunAsync(TextWriter output)
    {
        var window = (count + log.Partitions - 1) / log.Partitions;
        await CountAsync("empty log", window, age: Span); // the log's time does not go back

        var start = Stopwatch.GetTimestamp();
        await FillAsync();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{log.Name}: {count:n0} interactions written in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, load {Machine.Load}"));

        var full = new List<Row> { await CountAsync("first count", window) };
        for (var restart = 1; restart <= Restarts; restart++)
        {
            await ReadAsync($"reading alone {restart}");
            full.Add(await CountAsync($"restart {restart}", window, isKilled: restart == Restarts));
        }

        await CountAsync("restart after a kill", window);
        var small = await CountAsync($"restart, windows of {SmallWindow} ids", SmallWindow);
        Print(output, full[1..], small);
    }

    private async Task FillAsync()
    {
        var end = time.GetUtcNow();
        var appends = new Queue<(CapturedBatch Batch, Task<AppendResult> Append)>();
        for (var filled = 0; filled < count;)
        {
            var batch = _interactions.Next(Math.Min(Interactions.Request, count - filled), end - (Span * (1 - ((double)filled / count))));
            filled += batch.Count;
            appends.Enqueue((batch, log.Writer.AppendAsync(batch.Records, CancellationToken.None).AsTask()));
            if (appends.Count == AppendsAtOnce)
            {
                await EndAsync(appends.Dequeue());
            }
        }

        while (appends.TryDequeue(out var append))
        {
            await EndAsync(append);
        }
    }

    private async Task EndAsync((CapturedBatch Batch, Task<AppendResult> Append) append)
    {
        using var batch = append.Batch;
        if (await append.Append is not AppendResult.Durable and var result)
        {
            throw new InvalidOperationException($"{log.Name} took not all: {result}, {log.Writer.Health.Reason}");
        }

        _written += batch.Count;
    }

    /// <summary>Starts the service, and ends it once an interaction that was written when it was ready is shown.</summary>
    private async Task<Row> CountAsync(string name, int window, TimeSpan age = default, bool isKilled = false)
    {
        await using var service = await MetricsService.StartAsync(log, window);
        var loaded = await service.LoadedAsync(log.Partitions);
        var ready = await service.ReadyAsync();
        var one = _interactions.Next(1, time.GetUtcNow() - age);
        await EndAsync((one, log.Writer.AppendAsync(one.Records, CancellationToken.None).AsTask()));
        var counted = await service.CountedAsync(_written, (int)Math.Min(_written, Interactions.Series));
        var row = new Row(name, loaded, ready, counted, service.Cpu, service.PeakMemory);
        _rows.Add(row);
        await (isKilled ? service.KillAsync() : service.StopAsync());
        return row;
    }

    private async Task ReadAsync(string name)
    {
        using var own = Process.GetCurrentProcess();
        var (start, cpu) = (Stopwatch.GetTimestamp(), own.TotalProcessorTime);
        await log.ReadAsync(_written);
        own.Refresh();
        _rows.Add(new Row(name, null, null, Stopwatch.GetElapsedTime(start), own.TotalProcessorTime - cpu, null));
    }

    private void Print(TextWriter output, List<Row> restarts, Row small)
    {
        var limits = _rows.Where(row => row.Memory is null).ToList();
        output.WriteLine();
        output.WriteLine($"| {log.Name}, {count.ToString("n0", CultureInfo.InvariantCulture)} ids | checkpoint loaded, s | ready, s | counting, s | CPU, s | peak memory, MB |");
        output.WriteLine("|---|--:|--:|--:|--:|--:|");
        foreach (var row in (Row[])[.. _rows, Median("median of restarts", restarts), Median("median of reading alone", limits)])
        {
            output.WriteLine($"| {row.Name} | {Seconds(row.Loaded)} | {Seconds(row.Ready)} | {Seconds(row.Counting)} | {Seconds(row.Cpu)} | {(row.Memory is { } memory ? Number(memory / 1e6, "0") : "")} |");
        }

        var memories = Median("", restarts).Memory!.Value;
        output.WriteLine();
        output.WriteLine($"{log.Name}: {Number((double)(memories - small.Memory!.Value) / count, "0.0")} bytes an id (peak memory, less that with windows of {SmallWindow} ids); load after: {Machine.Load}");
        output.WriteLine();
    }

    private static Row Median(string name, List<Row> rows) => new(
        name,
        Median(rows, row => row.Loaded),
        Median(rows, row => row.Ready),
        rows.Select(row => row.Counting).Order().ElementAt(rows.Count / 2),
        rows.Select(row => row.Cpu).Order().ElementAt(rows.Count / 2),
        Median(rows, row => row.Memory));

    private static T? Median<T>(List<Row> rows, Func<Row, T?> value)
        where T : struct =>
        rows.Select(value).Order().ElementAt(rows.Count / 2);

    private static string Seconds(TimeSpan? time) => time is { } known ? Number(known.TotalSeconds, "0.00") : "";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    /// <summary>Times since the process was started; memory in bytes. What is null has no such thing.</summary>
    private sealed record Row(string Name, TimeSpan? Loaded, TimeSpan? Ready, TimeSpan Counting, TimeSpan Cpu, long? Memory);
}
