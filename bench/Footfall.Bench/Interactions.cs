using System.Buffers;
using System.Globalization;
using System.Text;
using Footfall.Capture;
using Footfall.Log;

namespace Footfall.Bench;

/// <summary>
/// Interactions as footfall.js sends them and the collector's own reader stores them; always the same for one beginning: 100,000
/// visitors, 1,000 series, and no id twice where no repeats are asked for.
/// </summary>
internal sealed class Interactions
{
    /// <summary>Of how many a repeat is one: as near as a retry's first try, and within every duplicate window.</summary>
    public const int Recent = 1_000;

    public const int Series = Targets * Pages;

    /// <summary>What one request brings, and so what has one time of receipt.</summary>
    public const int Request = 1_000;

    private const int Targets = 50;
    private const int Pages = 20;
    private const int Visitors = 100_000;
    private const int Seed = 4;

    private readonly Random _random = new(Seed);
    private readonly Clock _clock = new();
    private readonly InteractionReader _reader;
    private readonly string[] _visitors;
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly double _repeats;
    private readonly List<byte[]> _recent = [];

    /// <param name="repeats">How many of them are one of the last <see cref="Recent"/> again, as a share.</param>
    public Interactions(double repeats = 0)
    {
        _repeats = repeats;
        _reader = new InteractionReader(new AppTable([new App("demo", [], [])]), _clock);
        _visitors = [.. Enumerable.Range(0, Visitors).Select(_ => Uuid(0x018000000000 + _random.NextInt64(1L << 36)))];
    }

    /// <summary>How many of those made are no repeats.</summary>
    public long Different { get; private set; }

    /// <summary>The next ones. Their bytes are the batch's.</summary>
    public CapturedBatch Next(int count, DateTimeOffset received)
    {
        _body.ResetWrittenCount();
        for (var i = 0; i < count; i++)
        {
            if (_repeats > 0 && _recent.Count == Recent && _random.NextDouble() < _repeats)
            {
                _body.Write(_recent[_random.Next(Recent)]);
                continue;
            }

            var start = _body.WrittenCount;
            var at = received.ToUnixTimeMilliseconds() - _random.Next(20, 2_000);
            var visitor = _random.Next(Visitors);
            // Letters alone: a number in a page's path would become :id.
            Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"id":"{{Uuid(at)}}","app":"demo","type":"click","target":"Enroll in course {{_random.Next(Targets)}}","page":"/courses/{{(char)('a' + _random.Next(Pages))}}-for-beginners","visitor":"{{_visitors[visitor]}}","session":"{{_visitors[^(visitor + 1)]}}","at":{{at}}}{{'\n'}}"""),
                _body);
            Different++;
            if (_repeats > 0)
            {
                Remember(_body.WrittenSpan[start..]);
            }
        }

        _clock.Now = received;
        var batch = _reader.Read(_body.WrittenMemory, BodyForm.Lines, default);
        return batch.Count == count ? batch : throw new InvalidOperationException($"The collector's reader took {batch.Count} of {count}: {batch.Unreadable ?? string.Join(", ", batch.Rejections.Take(1))}");
    }

    private void Remember(ReadOnlySpan<byte> line)
    {
        if (_recent.Count < Recent)
        {
            _recent.Add(line.ToArray());
        }
        else
        {
            _recent[(int)(Different % Recent)] = line.ToArray();
        }
    }

    /// <summary>Of version 7 (RFC 9562).</summary>
    private string Uuid(long unixMilliseconds) => string.Create(
        CultureInfo.InvariantCulture,
        $"{unixMilliseconds >> 16:x8}-{unixMilliseconds & 0xFFFF:x4}-7{_random.Next(0x1000):x3}-{0x8000 | _random.Next(0x4000):x4}-{_random.NextInt64(1L << 48):x12}");

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
