using System.Buffers;
using System.Text.Json;
using Footfall.Expose;

namespace Footfall.Server.Expose;

/// <summary>
/// What <c>/api/v1/totals</c> answers. Making it takes a tenth of a second where there are very many series, so it is made for
/// all who ask within <see cref="MaxAge"/>, by one at a time, whatever many ask; and each time from what is committed.
/// </summary>
public sealed class TotalsDocuments : IDisposable
{
    /// <summary>How old an answer may be: the live board shows nothing newer.</summary>
    public static readonly TimeSpan MaxAge = LiveFeed.Least;

    /// <summary>What nobody has asked for in so long is let go.</summary>
    public static readonly TimeSpan Unused = TimeSpan.FromSeconds(10);

    /// <summary>Apps whose document is kept: strangers may name any on a Kafka topic. That of the app asked for longest ago gives way.</summary>
    public const int MaxApps = 32;

    private readonly Exposure _exposure;
    private readonly HealthWatch _health;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _maker = new(1);
    private readonly Dictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private readonly ITimer _release;

    /// <param name="exposure">What is shown.</param>
    /// <param name="health">How it is.</param>
    /// <param name="time">Of the documents' age.</param>
    public TotalsDocuments(Exposure exposure, HealthWatch health, TimeProvider time)
    {
        (_exposure, _health, _time) = (exposure, health, time);
        _release = time.CreateTimer(_ => Release(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Documents that are kept now.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _kept.Count;
            }
        }
    }

    /// <summary>An app's, as JSON.</summary>
    /// <param name="app">One that is known.</param>
    /// <param name="cancellationToken">Who asked has gone.</param>
    public async ValueTask<byte[]> ReadAsync(string app, CancellationToken cancellationToken)
    {
        var asked = _time.GetTimestamp();
        if (Find(app, asked) is { } known)
        {
            return known;
        }

        await _maker.WaitAsync(cancellationToken);
        try
        {
            return Find(app, asked) ?? Make(app); // found: by who was before
        }
        finally
        {
            _maker.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _release.Dispose();
        _maker.Dispose();
    }

    /// <summary>One that is young enough, or was begun since somebody asked: who waits for one that takes long need not make another.</summary>
    private byte[]? Find(string app, long asked)
    {
        lock (_gate)
        {
            if (!_kept.TryGetValue(app, out var kept) || (_time.GetElapsedTime(kept.Made) >= MaxAge && kept.Made < asked))
            {
                return null;
            }

            kept.Asked = _time.GetTimestamp();
            return kept.Document;
        }
    }

    private byte[] Make(string app)
    {
        var now = _time.GetTimestamp();
        var board = new AppBoard(app, _exposure, _time);
        board.Look(_health.Look(), []);
        var output = new ArrayBufferWriter<byte>(16 * 1024);
        using (var writer = new Utf8JsonWriter(output))
        {
            board.WriteTotalsAlone(writer);
        }

        var document = output.WrittenSpan.ToArray();
        lock (_gate)
        {
            if (_kept.Count >= MaxApps && !_kept.ContainsKey(app))
            {
                _kept.Remove(_kept.MinBy(kept => kept.Value.Asked).Key);
            }

            if (_kept.Count == 0)
            {
                _release.Change(Unused, Timeout.InfiniteTimeSpan);
            }

            _kept[app] = new Kept(document, now);
        }

        return document;
    }

    private void Release()
    {
        lock (_gate)
        {
            foreach (var (app, _) in _kept.Where(kept => _time.GetElapsedTime(kept.Value.Asked) >= Unused).ToArray())
            {
                _kept.Remove(app);
            }

            if (_kept.Count > 0)
            {
                _release.Change(Unused, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private sealed class Kept(byte[] document, long made)
    {
        public byte[] Document { get; } = document;

        public long Made { get; } = made;

        public long Asked { get; set; } = made;
    }
}
