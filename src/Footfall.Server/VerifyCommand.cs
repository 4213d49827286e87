using System.CommandLine;
using System.Globalization;
using Footfall.AspNetCore.Log;
using Footfall.Log;
using Footfall.Log.Kafka;
using Footfall.Log.Sqlite;
using Footfall.Server.Count;
using Spectre.Console;

namespace Footfall.Server;

/// <summary><c>footfall verify</c>: counts the log again, by other code than Count, and compares the totals.</summary>
public sealed class VerifyCommand
{
    private readonly CommonOptions _common = new();
    private readonly Option<bool> _json = new("--json") { Description = "The result as JSON, for scripts" };

    private VerifyCommand()
    {
    }

    /// <summary>Exit code 0 when all is equal, 1 when something differs, 3 when the log can't be read.</summary>
    public static Command Create()
    {
        var verify = new VerifyCommand();
        var command = new Command("verify", "Count the log again, by other code, and compare the totals; services may go on running");
        command.SetAction((result, _) => verify.RunAsync(result));
        verify._common.AddTo(command, collector: false, metrics: false);
        command.Add(verify._json);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result)
    {
        var options = _common.Read(result);
        using var stop = Running.ListenForStop();
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            var partitions = await WithProgressAsync(
                isShown: !result.GetValue(_json), progress => RecountAsync(options, progress, TimeProvider.System, stop.Token));
            var report = new VerifyReport(partitions, TimeProvider.System.GetElapsedTime(start));
            report.Write(result.GetValue(_json));
            return report.IsEqual ? ExitCode.Done : ExitCode.Failed;
        }
        catch (WrongTotalException error)
        {
            Console.Error.WriteLine($"A total differs: {error.Message}");
            return ExitCode.Failed;
        }
        catch (LogException error)
        {
            Console.Error.WriteLine($"Nothing is verified: {error.Message}");
            return ExitCode.NotStarted;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped: nothing is verified.");
            return ExitCode.NotStarted;
        }
    }

    private static async Task<IReadOnlyList<RecountedPartition>> RecountAsync(
        FootfallOptions options, Action<long, long> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        var window = new RecountWindow(options.Count.DuplicateWindowIds, (long)options.Count.DuplicateWindow.TotalSeconds);
        if (options.Log.Kafka.BootstrapServers is null)
        {
            var embedded = OpenLog.EmbeddedOptions(options);
            using var log = SqliteRecount.OpenLog(embedded, window);
            return [log.CountLog(embedded, progress, cancellationToken)];
        }

        using var scan = new KafkaScan(OpenLog.KafkaOptions(options), time);
        using var recount = SqliteRecount.OpenEmpty(window);
        var partitions = await scan.CheckpointsAsync(cancellationToken);
        var all = partitions.Sum(partition => Math.Max(0, (partition.Checkpoint.Position ?? 0) - partition.First));
        var done = 0L;
        var recounted = new List<RecountedPartition>();
        foreach (var (partition, first, checkpoint) in partitions)
        {
            recount.Begin(partition, checkpoint, first);
            foreach (var records in scan.Records(partition, first, checkpoint.Position ?? 0, cancellationToken))
            {
                recount.Add(records);
                progress(done += records.Count, all);
            }

            recounted.Add(recount.End());
        }

        return recounted;
    }

    private static Task<T> WithProgressAsync<T>(bool isShown, Func<Action<long, long>, Task<T>> work)
    {
        if (!isShown)
        {
            return work((_, _) => { });
        }

        if (!AnsiConsole.Profile.Out.IsTerminal)
        {
            var told = 0L;
            return work((done, all) =>
            {
                // A line for each tenth.
                if (all > 0 && done * 10 / all > told)
                {
                    told = done * 10 / all;
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Recounted {done:N0} of {all:N0} records"));
                }
            });
        }

        return AnsiConsole.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask("Reading the totals");
                // Beside the terminal's own loop: a recount does not wait for anything.
                return Task.Run(() => work((done, all) =>
                {
                    (bar.MaxValue, bar.Value) = (Math.Max(all, 1), done);
                    bar.Description = string.Create(CultureInfo.InvariantCulture, $"Recounted {done:N0} of {all:N0} records");
                }));
            });
    }
}
