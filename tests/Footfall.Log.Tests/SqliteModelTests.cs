using System.Text;
using CsCheck;
using Footfall.Testing;

namespace Footfall.Log.Tests;

/// <summary>Whatever is done with the embedded log, it answers as the log in memory does.</summary>
public sealed class SqliteModelTests
{
    private const int ReadAtMost = 3;

    private abstract record Step;

    private sealed record Append(string[] Values) : Step;

    private sealed record Read : Step;

    private sealed record Seek(int Position) : Step;

    private sealed record Commit(int Advance, int Series, decimal Amount) : Step;

    private sealed record Load : Step;

    private sealed record Reopen : Step;

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (4, Gen.String.Array[0, 6].Select(Step (values) => new Append(values))),
        (6, Gen.Const<Step>(new Read())),
        (2, Gen.Int[0, 20].Select(Step (position) => new Seek(position))),
        (3, Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], Gen.Decimal[0, 1000], Step (advance, series, amount) => new Commit(advance, series, amount))),
        (2, Gen.Const<Step>(new Load())),
        (1, Gen.Const<Step>(new Reopen())));

    [Fact]
    public Task It_answers_as_the_model_does() => Steps.Array[1, 40].SampleAsync(
        async steps =>
        {
            await using var fixture = new SqliteFixture(options => options with { ReadRecords = ReadAtMost });
            var memory = new MemoryLog { Faults = { ReadAtMost = ReadAtMost } };
            Assert.Equal(await RunAsync(steps, new MemoryLogFixture(memory)), await RunAsync(steps, fixture), StringComparer.Ordinal);
        },
        iter: 40,
        threads: 1,
        print: steps => string.Join('\n', steps.Select(step => step.ToString())));

    /// <summary>Does the steps and writes down each answer.</summary>
    private static async Task<List<string>> RunAsync(Step[] steps, ILogFixture fixture)
    {
        var answers = new List<string>();
        var totals = new Dictionary<string, decimal>(StringComparer.Ordinal);
        var (log, consumer, position) = (await fixture.OpenLogAsync(), await OpenAsync(), 0L);
        foreach (var step in steps)
        {
            switch (step)
            {
                case Append append:
                    LogRecord[] records = [.. append.Values.Select(value => new LogRecord(default, Encoding.UTF8.GetBytes(value), 1, default, "shop", "click"))];
                    answers.Add($"append {await log.AppendAsync(records, default)}");
                    break;
                case Read:
                    answers.Add(Text(await consumer.ReadAsync(TimeSpan.Zero, default)) + $" end {consumer.EndPosition(0)}");
                    break;
                case Seek seek:
                    consumer.Seek(0, seek.Position);
                    break;
                case Commit commit:
                    position += commit.Advance;
                    var series = $"series {commit.Series}";
                    totals[series] = totals.GetValueOrDefault(series) + commit.Amount;
                    var result = await consumer.CommitAsync(
                        [new(0, position, Encoding.UTF8.GetBytes($"state {position}"), [new(series, totals[series])])], default);
                    answers.Add($"commit {result}");
                    break;
                case Load:
                    answers.Add(Text(await consumer.LoadAsync(0, default)));
                    break;
                case Reopen:
                    await fixture.ReopenAsync();
                    (log, consumer) = (await fixture.OpenLogAsync(), await OpenAsync());
                    break;
            }
        }

        return answers;

        async Task<ILogConsumer> OpenAsync()
        {
            var opened = await fixture.OpenConsumerAsync();
            answers.Add(Text(await opened.ReadAsync(TimeSpan.Zero, default)));
            return opened;
        }
    }

    private static string Text(LogRead read) =>
        $"revoked {string.Join(' ', read.Revoked)} assigned {string.Join(' ', read.Assigned)} records "
        + string.Join(' ', read.Records.SelectMany(part => part.Records.Select(
            record => $"{part.Partition}/{record.Position}={Convert.ToHexString(record.Value.Span)}")));

    private static string Text(Checkpoint checkpoint) =>
        $"checkpoint {checkpoint.Position} {Encoding.UTF8.GetString(checkpoint.State.Span)} "
        + string.Join(' ', checkpoint.Totals.OrderBy(total => total.Series, StringComparer.Ordinal));
}
