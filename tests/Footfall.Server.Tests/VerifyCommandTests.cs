using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Footfall.Log;
using Footfall.Log.Sqlite;
using Footfall.Testing;
using Microsoft.Data.Sqlite;

namespace Footfall.Server.Tests;

/// <summary><c>footfall verify</c> as people run it, on a log that a metrics service has counted.</summary>
public sealed class VerifyCommandTests : IAsyncDisposable
{
    private const int Records = 500;

    private readonly string _directory = Directory.CreateTempSubdirectory("footfall-verify-").FullName;
    private readonly SqliteLog _log;

    public VerifyCommandTests() => _log = SqliteLog.Open(new SqliteLogOptions(_directory), TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_live_system_passes()
    {
        await using var consumer = _log.OpenConsumer();
        await using var metrics = await RunningService.MetricsAsync(consumer);
        await AppendAsync(Records);
        await CountedAsync();
        using var stop = new CancellationTokenSource();
        var appending = Task.Run(async () =>
        {
            for (var i = Records; !stop.IsCancellationRequested; i++)
            {
                await AppendAsync(1, i);
            }
        });

        var (code, output, _) = await VerifyAsync();

        await stop.CancelAsync();
        await appending;
        Assert.True(code == ExitCode.Done, output);
        Assert.StartsWith("All equal: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Totals_of_funnels_are_said_not_to_be_recounted()
    {
        await CountAsync();
        Run("""insert into totals values(0, '["funnel","shop","enroll","view"]', 7), (0, '["announcedFunnel","shop","enroll","view"]', 1)""");

        var (code, output, _) = await VerifyAsync();

        Assert.Equal(ExitCode.Done, code);
        Assert.StartsWith("All equal: 500 records, ", output, StringComparison.Ordinal);
        Assert.EndsWith(" s\n1 total of a funnel is not recounted\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_total_that_was_changed_by_hand_is_found()
    {
        await CountAsync();
        Run("""update totals set total = total + 1 where series = '["interactions","shop","click","t1","/"]'""");

        var (code, output, progress) = await VerifyAsync();

        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith("interactions shop click \"t1\" /: 51 committed, 50 recounted, difference +1\n1 difference: 500 records, ", output, StringComparison.Ordinal);
        Assert.EndsWith("Recounted 500 of 500 records\n", progress, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_total_that_is_no_number_is_a_difference()
    {
        await CountAsync();
        Run("""update totals set total = 'many' where series = '["interactions","shop","click","t1","/"]'""");

        var (code, _, errors) = await VerifyAsync();

        Assert.Equal(ExitCode.Failed, code);
        Assert.EndsWith("A total differs: interactions shop click \"t1\" / in partition 0 is 'many', which is not a number\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_was_taken_out_of_the_log_is_found_and_named()
    {
        await CountAsync();
        Run("delete from interactions where position = 412");

        var (code, output, _) = await VerifyAsync();

        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith("position 412 is missing\n", output, StringComparison.Ordinal);
        Assert.Contains("interactions shop click \"t2\" /: 50 committed, 49 recounted, difference +1\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_and_the_last_event_are_missed_too()
    {
        await CountAsync();
        Run($"delete from interactions where position in (0, {Records - 1})");

        var (code, output, _) = await VerifyAsync();

        Assert.Equal(ExitCode.Failed, code);
        Assert.StartsWith($"position 0 is missing\nposition {Records - 1} is missing\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_retention_took_is_told_and_is_no_difference()
    {
        await CountAsync();
        // As when the windows needed no more than the last hundred.
        Run($"delete from interactions where position < 400; update checkpoints set state = json_set(state, '$.rebuildFrom', 400)");

        var (code, output, _) = await VerifyAsync();

        Assert.True(code == ExitCode.Done, output);
        Assert.StartsWith("positions 0 to 399 are gone: their share can't be recounted\nAll equal: 100 records, ", output, StringComparison.Ordinal);
        Assert.Contains(", positions 400 to 499, ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scripts_get_json()
    {
        await CountAsync();
        Run("""update totals set total = '4.5' where series = '["value","shop","click","t3","/"]'""");

        var (code, output, progress) = await VerifyAsync("--json");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Empty(progress);
        using var document = JsonDocument.Parse(output);
        Assert.False(document.RootElement.GetProperty("equal").GetBoolean());
        var difference = Assert.Single(document.RootElement.GetProperty("differences").EnumerateArray());
        Assert.Equal("value", difference.GetProperty("series").GetProperty("kind").GetString());
        Assert.Equal(-0.5m, difference.GetProperty("surplus").GetDecimal());
        Assert.Equal(Records, Assert.Single(document.RootElement.GetProperty("partitions").EnumerateArray()).GetProperty("records").GetInt64());
    }

    [Fact]
    public async Task More_than_fifty_differences_are_not_all_listed()
    {
        await CountAsync(targets: 60);
        Run("delete from totals");

        var (code, output, _) = await VerifyAsync();

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("\nand 11 more\n61 differences: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verifying_changes_nothing()
    {
        await CountAsync();
        await _log.DisposeAsync();
        var before = await File.ReadAllBytesAsync(Path.Combine(_directory, "footfall.db"));

        Assert.Equal(ExitCode.Done, (await VerifyAsync()).Code);

        Assert.Equal(before, await File.ReadAllBytesAsync(Path.Combine(_directory, "footfall.db")));
    }

    [Fact]
    public async Task A_log_that_is_not_there_is_told_and_not_made()
    {
        var (code, output, errors) = await VerifyAsync("--data", Path.Combine(_directory, "elsewhere"));

        Assert.Equal(ExitCode.NotStarted, code);
        Assert.Empty(output);
        Assert.StartsWith("Nothing is verified: There is no log in ", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_directory, "elsewhere")));
    }

    [Theory]
    [InlineData(0xDE, 0xAD)] // the page's cells are one cell, again and again
    [InlineData(0x00, 0x00)]
    [InlineData(0xFF, 0xFF)]
    [InlineData(0x30, 0x05)]
    public async Task A_damaged_page_ends_it_and_is_never_equal(byte high, byte low)
    {
        await CountAsync();
        await _log.DisposeAsync(); // and the WAL is in the file
        var file = Path.Combine(_directory, "footfall.db");
        var bytes = await File.ReadAllBytesAsync(file);
        var page = bytes.AsSpan().IndexOf("\"id-250\""u8) / 16_384 * 16_384;
        for (var place = page + 100; place < page + 180; place += 2) // of the places of its cells
        {
            (bytes[place], bytes[place + 1]) = (high, low);
        }

        await File.WriteAllBytesAsync(file, bytes);

        var (code, output, errors) = await VerifyAsync();

        // Where SQLite sees no damage, records are missing.
        Assert.True(code == ExitCode.Failed
            ? output.Contains(" missing\n", StringComparison.Ordinal)
            : code == ExitCode.NotStarted && errors.Contains("Nothing is verified: The log ", StringComparison.Ordinal), $"{code}: {output}{errors}");
    }

    [Fact]
    public async Task A_log_that_nobody_has_counted_yet_is_equal()
    {
        await AppendAsync(3);

        var (code, output, _) = await VerifyAsync();

        Assert.Equal(ExitCode.Done, code);
        Assert.StartsWith("All equal: 0 records, 0 totals, 1 partition, nothing has been counted yet, ", output, StringComparison.Ordinal);
    }

    private async Task CountAsync(int targets = 10)
    {
        await AppendAsync(Records, targets: targets);
        await using var consumer = _log.OpenConsumer();
        await using var metrics = await RunningService.MetricsAsync(consumer);
        await CountedAsync();
    }

    private Task CountedAsync() => Eventually.HoldsAsync("all is counted", () => Query("select max(position) from checkpoints") >= Records);

    private async Task AppendAsync(int count, int from = 0, int targets = 10)
    {
        var records = Enumerable.Range(from, count).Select(i => new Logged($"id-{i}", i)
        {
            Target = $"t{i % targets}",
            Value = i % targets == 3 ? 0.1m : null,
        }.ToRecord()).ToArray();
        Assert.Equal(AppendResult.Durable, await _log.AppendAsync(records, CancellationToken.None));
    }

    private Task<(int Code, string Output, string Errors)> VerifyAsync(params string[] arguments)
    {
        string[] data = arguments.Contains("--data") ? [] : ["--data", _directory];
        return FootfallProcess.RunAsync(["verify", .. data, .. arguments], _directory);
    }

    private void Run(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0, $"Nothing was changed by: {sql}");
    }

    private long Query(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : -1;
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={_directory}/footfall.db;Pooling=False");
        connection.Open();
        return connection;
    }
}
