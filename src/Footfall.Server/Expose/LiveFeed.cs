using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Footfall.Expose;

namespace Footfall.Server.Expose;

/// <summary>
/// Makes the board of each app that somebody looks at: one document a tick, the same bytes for all. While nobody looks it
/// does nothing.
/// </summary>
public sealed class LiveFeed : BackgroundService
{
    /// <summary>Viewers of all apps at one time; what each costs is a connection and a write a tick. One more is refused.</summary>
    public const int MaxViewers = 1_000;

    /// <summary>The shortest time between two ticks: as often as there are commits, and more than eyes can follow.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest: rates fall while nothing comes.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromSeconds(1);

    private readonly Exposure _exposure;
    private readonly HealthWatch _health;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, AppFeed> _feeds = new(StringComparer.Ordinal); // bounded: of apps that are known
    private readonly List<SecondIncrement> _increments = [];
    private readonly CancellationTokenRegistration _stopping;
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStopping;
    private int _viewers;

    /// <summary>Of what is shown here.</summary>
    public LiveFeed(Exposure exposure, HealthWatch health, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        (_exposure, _health, _time) = (exposure, health, time);
        // Before the server waits for its connections to end.
        _stopping = lifetime.ApplicationStopping.Register(Stop);
    }

    /// <summary>This process, as who follows it across a restart has to know.</summary>
    public string Instance { get; } = RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <summary>One more looks at an app, and the service is not stopping.</summary>
    /// <param name="app">One that is known.</param>
    /// <returns>Null: there are as many as there may be.</returns>
    public AppFeed? TryJoin(string app)
    {
        if (!_exposure.Viewers.TryEnter(MaxViewers))
        {
            return null;
        }

        lock (_gate)
        {
            if (_viewers++ == 0)
            {
                _exposure.Recent.Ring.Listen(isHeard: true);
                _wanted.TrySetResult();
            }

            if (!_feeds.TryGetValue(app, out var feed))
            {
                _feeds.Add(app, feed = new AppFeed(app, Instance));
            }

            if (feed.Viewers++ == 0)
            {
                feed.Begin(new AppBoard(app, _exposure, _time), _health.Look());
            }
            else
            {
                feed.Part();
            }

            return feed;
        }
    }

    /// <summary>One less looks.</summary>
    public void Leave(AppFeed feed)
    {
        lock (_gate)
        {
            if (--feed.Viewers == 0)
            {
                feed.End();
            }

            if (--_viewers == 0)
            {
                _wanted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _exposure.Recent.Ring.Listen(isHeard: false);
            }
        }

        _exposure.Viewers.Leave();
    }

    /// <summary>Reads the ring as it was at an app's last tick.</summary>
    /// <returns>What was read, and the tick's number; null where nobody looks at the app.</returns>
    public (SecondSeries Series, long? Sequence) Read(string app, SecondQuery query, long from, int step, int count)
    {
        lock (_gate)
        {
            return (
                _exposure.Recent.Ring.Read(app, query, from, step, count),
                _feeds.TryGetValue(app, out var feed) && feed.Viewers > 0 ? feed.Latest.Sequence : null);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    /// <summary>Whether the service is about to end: then nothing more comes.</summary>
    public bool IsStopping => Volatile.Read(ref _isStopping);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!IsStopping)
        {
            Task wanted;
            lock (_gate)
            {
                wanted = _wanted.Task;
            }

            await wanted;
            if (IsStopping)
            {
                return;
            }

            // Asked for before the tick: what is published meanwhile makes another.
            var published = _exposure.NextPublication;
            Tick();
            await Task.Delay(Least, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await published.WaitAsync(Most - Least, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            _increments.Clear();
            var isWhole = _exposure.Recent.Ring.TakeIncrements(_increments);
            var health = _health.Look();
            foreach (var feed in _feeds.Values.Where(feed => feed.Viewers > 0))
            {
                feed.Tick(health, _increments, isWhole, _time);
            }
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            Volatile.Write(ref _isStopping, true);
            _wanted.TrySetResult();
            foreach (var feed in _feeds.Values)
            {
                feed.Latest.Follow();
            }
        }
    }
}

/// <summary>The board of one app while somebody looks at it. Its numbers go on when nobody did for a while.</summary>
public sealed class AppFeed
{
    private readonly Lock _gate = new();
    private readonly string _instance;
    private readonly ArrayBufferWriter<byte> _output = new();
    private AppBoard? _board;
    private LiveMessage _latest = new(0, null);
    private byte[]? _state;
    private long _ticked;
    private bool _broughtIncrements;

    internal AppFeed(string app, string instance) => (App, _instance) = (app, instance);

    /// <summary>Whose it is.</summary>
    public string App { get; }

    /// <summary>The newest tick.</summary>
    public LiveMessage Latest => Volatile.Read(ref _latest);

    /// <summary>How many look; the feed's, under its lock.</summary>
    internal int Viewers { get; set; }

    /// <summary>The whole as of the newest tick, as it is sent; made when somebody asks, and once a tick.</summary>
    public (LiveMessage Message, byte[] State) ReadState()
    {
        lock (_gate)
        {
            _state ??= Write("state", _latest.Sequence, writer => _board!.WriteState(writer, _instance, _latest.Sequence));
            return (_latest, _state);
        }
    }

    /// <summary>Somebody looks again: ticks were missed since the last one who did.</summary>
    internal void Begin(AppBoard board, BoardHealth health)
    {
        lock (_gate)
        {
            _board = board;
            board.Look(health, []);
            _broughtIncrements = false;
            Follow(new LiveMessage(_latest.Sequence + 2, null));
        }
    }

    /// <summary>
    /// One more looks, who may have seen all but the last tick, and for whom the number of the whole would be the next. If that
    /// tick brought increments, which the whole has not, there is to be one between that brought none.
    /// </summary>
    internal void Part()
    {
        lock (_gate)
        {
            if (_broughtIncrements)
            {
                _broughtIncrements = false;
                var sequence = _latest.Sequence + 1;
                Follow(new LiveMessage(sequence, Write("tick", sequence, writer => _board!.WriteNothing(writer, sequence))));
            }
        }
    }

    /// <summary>Nobody looks any more.</summary>
    internal void End()
    {
        lock (_gate)
        {
            _board = null;
        }
    }

    internal void Tick(BoardHealth health, IReadOnlyList<SecondIncrement> increments, bool isWhole, TimeProvider time)
    {
        lock (_gate)
        {
            var (changed, whole) = _board!.Look(health, increments);
            if (whole || !isWhole)
            {
                Follow(new LiveMessage(_latest.Sequence + 2, null));
            }
            else if (changed || time.GetElapsedTime(_ticked) >= LiveFeed.Most - LiveFeed.Least)
            {
                var sequence = _latest.Sequence + 1;
                Follow(new LiveMessage(sequence, Write("tick", sequence, writer => _board.WriteTick(writer, sequence))));
            }
            else
            {
                return;
            }

            _ticked = time.GetTimestamp();
            _broughtIncrements = _board.HasSeconds;
        }
    }

    private void Follow(LiveMessage message)
    {
        var before = _latest;
        _state = null;
        Volatile.Write(ref _latest, message);
        before.Follow();
    }

    /// <summary>One event (https://html.spec.whatwg.org/multipage/server-sent-events.html): JSON has no line breaks here.</summary>
    private byte[] Write(string name, long sequence, Action<Utf8JsonWriter> write)
    {
        _output.ResetWrittenCount();
        Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"id: {sequence}\nevent: {name}\ndata: "), _output);
        using (var writer = new Utf8JsonWriter(_output))
        {
            write(writer);
        }

        _output.Write("\n\n"u8);
        return _output.WrittenSpan.ToArray();
    }
}
