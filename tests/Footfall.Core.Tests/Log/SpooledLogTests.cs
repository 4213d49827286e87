using System.Diagnostics;
using System.Text;
using CsCheck;
using Footfall.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Footfall.Log;

/// <summary>The spool between a collector and a log that is away, slow or back, over two logs in memory.</summary>
public sealed class SpooledLogTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryLog _log = new();
    private readonly MemoryLog _spool;
    private readonly Heard _heard = new();
    private SpooledLog _spooled;
    private MemoryLogConsumer _reader;

    public SpooledLogTests()
    {
        _spool = new MemoryLog(1, _time);
        (_spooled, _reader) = Open();
    }

    public ValueTask DisposeAsync() => _spooled.DisposeAsync();

    [Fact]
    public async Task With_the_log_there_nothing_is_spooled()
    {
        await Until(() => _spooled.Status.For is null);
        Assert.Equal(AppendResult.Durable, await Append("1", "2"));
        Assert.Equal(["1", "2"], Texts(_log));
        Assert.Equal(0, _spool.End(0));
        Assert.Equal(0, _spooled.Status.Spooled);
        Assert.Empty(_heard.Spoolings);
    }

    [Fact]
    public async Task With_the_log_away_it_is_durable_in_the_spool_and_forwarded_in_order_when_the_log_is_back()
    {
        await Until(() => _spooled.Status.For is null);
        _log.Faults.Away = true;
        Assert.Equal(AppendResult.Durable, await Append("1"));
        Assert.Equal(AppendResult.Durable, await Append("2", "3"));
        Assert.Equal(["1", "2", "3"], Texts(_spool));
        Assert.Equal(3, _spooled.Status.Waiting);
        Assert.NotNull(_spooled.Status.For);
        Assert.Equal("The log in memory was told to fail before the append.", Assert.Single(_heard.Spoolings));
        Assert.True(_spooled.Health.Writable);

        _log.Faults.Away = false;
        Assert.Equal(AppendResult.Durable, await Append("4"));
        await Until(() => _spooled.Status.For is null);
        Assert.Equal(AppendResult.Durable, await Append("5"));
        Assert.Equal(["1", "2", "3", "4", "5"], Texts(_log));
        Assert.Equal((0L, 4L, 4L), (_spooled.Status.Waiting, _spooled.Status.Spooled, _spooled.Status.Forwarded));
        Assert.Equal(1, _heard.Ends);
        Assert.Equal(4, _spool.Committed(0).Position);
        Assert.Equal(4, _reader.Released[0]);
    }

    [Fact]
    public async Task An_append_that_takes_too_long_is_spooled_and_what_comes_then_goes_behind_it()
    {
        await Until(() => _spooled.Status.For is null);
        var hold = new TaskCompletionSource();
        _log.Faults.Hold = hold.Task;
        var slow = Send("1");
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(slow.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Until(() => slow.IsCompleted);
        Assert.Equal(AppendResult.Durable, await slow);
        Assert.Equal("no answer within 1 s", Assert.Single(_heard.Spoolings));
        Assert.Equal(AppendResult.Durable, await Append("2"));
        Assert.Equal(["1", "2"], Texts(_spool));

        _log.Faults.Hold = Task.CompletedTask;
        hold.SetResult();
        await Until(() => _spooled.Status.For is null);
        Assert.Equal(["1", "2"], Texts(_log));
    }

    [Fact]
    public async Task A_full_queue_of_the_log_sends_to_the_spool()
    {
        await Until(() => _spooled.Status.For is null);
        _log.Faults.Appends.Enqueue(Fault.Full);
        Assert.Equal(AppendResult.Durable, await Append("1"));
        Assert.Equal("more waits for it than its queue holds", Assert.Single(_heard.Spoolings));
    }

    [Fact]
    public async Task With_both_away_nothing_is_taken_and_both_are_named()
    {
        await Until(() => _spooled.Status.For is null);
        _log.Faults.Away = true;
        _spool.Faults.Appends.Enqueue(Fault.Before);
        Assert.Equal(AppendResult.Unavailable, await Append("1"));
        Assert.False(_spooled.Health.Writable);
        Assert.Equal(
            "The log in memory was told to fail before the append.; its spool: The log in memory was told to fail before the append.",
            _spooled.Health.Reason);
        Assert.Equal(AppendResult.Durable, await Append("1"));
        Assert.True(_spooled.Health.Writable);
    }

    [Fact]
    public async Task What_an_earlier_process_spooled_is_forwarded_first()
    {
        await Until(() => _spooled.Status.For is null);
        _log.Faults.Away = true;
        await Append("1", "2");
        await Restart();
        Assert.Equal(AppendResult.Durable, await Append("3"));
        await Until(() => _heard.Waits > 0);
        Assert.Equal("2 interactions wait from before the start", _heard.Spoolings[^1]);
        _log.Faults.Away = false;
        await Until(() => _spooled.Status.For is null);
        Assert.Equal(["1", "2", "3"], Texts(_log));
    }

    [Fact]
    public async Task What_was_forwarded_and_not_marked_is_marked_before_the_log_is_written_to_again()
    {
        await Until(() => _spooled.Status.For is null);
        _log.Faults.Away = true;
        await Append("1");
        for (var i = 0; i < 5; i++)
        {
            _spool.Faults.Commits.Enqueue(Fault.Before);
        }

        _log.Faults.Away = false;
        await Until(() => _spooled.Status.For is null);
        Assert.Equal(["1"], Texts(_log));
        Assert.Equal(1, _spool.Committed(0).Position);
    }

    [Fact]
    public async Task What_an_unexpected_error_kept_from_being_forwarded_is_forwarded_all_the_same()
    {
        await _spooled.DisposeAsync();
        var log = new ThrowingLog(_log.OpenWriter());
        _reader = _spool.OpenConsumer();
        _spooled = new SpooledLog(
            log, new Spool(_spool.OpenWriter(), _reader, Restore, () => 0), _ => Task.CompletedTask, new SpoolOptions(), _time, _heard);
        await Until(() => _spooled.Status.For is null);
        _log.Faults.Away = true;
        await Append("1", "2");
        await Append("3");
        log.Throws = 3;
        _log.Faults.Away = false;
        await Until(() => _spooled.Status.For is null);
        Assert.Equal(0, log.Throws);
        Assert.Equal(["1", "2", "3"], Texts(_log));
        Assert.Equal(3, _spool.Committed(0).Position);
    }

    [Fact]
    public async Task A_spool_that_cannot_be_loaded_at_first_is_forwarded_later()
    {
        await Until(() => _spooled.Status.For is null);
        _log.Faults.Away = true;
        await Append("1");
        _spool.Faults.Loads.Enqueue(Fault.Before);
        _spool.Faults.Loads.Enqueue(Fault.Before);
        _log.Faults.Away = false;
        await Restart();
        await Until(() => _spooled.Status.For is null);
        Assert.Equal(["1"], Texts(_log));
    }

    [Fact]
    public async Task Nothing_is_sent_before_the_log_is_prepared()
    {
        await _spooled.DisposeAsync();
        var isThere = false;
        var tries = 0;
        (_spooled, _reader) = Open(_ => ++tries < 3 || !isThere ? throw new LogException("not yet") : Task.CompletedTask);
        Assert.Equal(AppendResult.Durable, await Append("1"));
        await Until(() => tries >= 3);
        Assert.Empty(Texts(_log));
        isThere = true;
        await Until(() => _spooled.Status.For is null);
        Assert.Equal(["1"], Texts(_log));
    }

    [Fact]
    public async Task Whatever_fails_every_durable_record_comes_and_in_the_order_in_which_it_was_sent()
    {
        var fault = Gen.OneOf(Fault.None, Fault.None, Fault.Before, Fault.Midway, Fault.After, Fault.Full);
        await Gen.Select(fault, fault, Gen.Bool, Gen.Int[0, 20]).Array[1, 40].SampleAsync(async steps =>
        {
            await using var test = new SpooledLogTests();
            var durable = new List<string>();
            var number = 0;
            foreach (var (ofLog, ofSpool, restart, wait) in steps)
            {
                test._log.Faults.Appends.Enqueue(ofLog);
                test._spool.Faults.Appends.Enqueue(ofSpool);
                test._spool.Faults.Commits.Enqueue(ofSpool == Fault.After ? Fault.After : Fault.None);
                string[] texts = [$"{number++}", $"{number++}"];
                if (await test.Append(texts) == AppendResult.Durable)
                {
                    durable.AddRange(texts);
                }

                test._time.Advance(TimeSpan.FromMilliseconds(wait * 20));
                if (restart)
                {
                    await test.Restart();
                }
            }

            test._log.Faults.Appends.Clear();
            test._spool.Faults.Appends.Clear();
            await test.Until(() => test._spooled.Status.For is null);
            var firsts = Texts(test._log).Distinct(StringComparer.Ordinal).ToList();
            Assert.Equal(durable, firsts.Intersect(durable, StringComparer.Ordinal));
        }, iter: 300);
    }

    private static List<string> Texts(MemoryLog log) => [.. log.Values(0).Select(Encoding.UTF8.GetString)];

    private static LogRecord Restore(ReadOnlyMemory<byte> value) => new(default, value, 0, default, "", "");

    /// <summary>While it waits for the forwarder, which may wait for its next look, time goes on.</summary>
    private async Task<AppendResult> Append(params string[] texts)
    {
        var sent = Send(texts);
        await Until(() => sent.IsCompleted);
        return await sent;
    }

    private async Task<AppendResult> Send(params string[] texts) =>
        await _spooled.AppendAsync(texts.Select(text => Restore(Encoding.UTF8.GetBytes(text))).ToArray(), default);

    private (SpooledLog, MemoryLogConsumer) Open(Func<CancellationToken, Task>? prepare = null)
    {
        var reader = _spool.OpenConsumer();
        return (new SpooledLog(
            _log.OpenWriter(), new Spool(_spool.OpenWriter(), reader, Restore, () => 0), prepare ?? (_ => Task.CompletedTask), new SpoolOptions(), _time, _heard), reader);
    }

    private async Task Restart()
    {
        await _spooled.DisposeAsync();
        (_spooled, _reader) = Open();
    }

    /// <summary>Lets time go on until it is so.</summary>
    private async Task Until(Func<bool> condition)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), "it never came to be so");
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Yield();
        }
    }

    /// <summary>A client that breaks its contract.</summary>
    private sealed class ThrowingLog(IInteractionLog log) : IInteractionLog
    {
        public int Throws { get; set; }

        public LogHealth Health => log.Health;

        public ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<LogRecord> records, CancellationToken cancellationToken) =>
            Throws > 0 && Throws-- > 0 ? throw new InvalidOperationException("a bug") : log.AppendAsync(records, cancellationToken);

        public ValueTask DisposeAsync() => log.DisposeAsync();
    }

    private sealed class Heard : ISpoolEvents
    {
        public List<string> Spoolings { get; } = [];

        public int Waits { get; private set; }

        public int Ends { get; private set; }

        public void Spooling(string reason) => Spoolings.Add(reason);

        public void Waiting(string reason, TimeSpan wait) => Waits++;

        public void Forwarded(TimeSpan after) => Ends++;
    }
}
