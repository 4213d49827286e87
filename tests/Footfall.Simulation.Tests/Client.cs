using System.Text;

namespace Footfall.Simulation;

/// <summary>
/// A visitor's page, which sends as footfall.js does (web/sdk/src/transport.ts): in order, one request at a time, again
/// with the same ids where it was not answered or is to come again, with waits that double.
/// </summary>
internal sealed class Client
{
    private const int MaxCompany = 5;

    private static readonly TimeSpan Company = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(4);

    private readonly World _world;
    private readonly SimulatedProcess _process;
    private readonly List<Interaction> _waiting = [];
    private readonly Dictionary<int, (string Id, int Numbers)> _views = [];
    private TaskCompletionSource _changed = new();
    private int _done;
    private int _toCome;
    private int _repeating;
    private TimeSpan _sleepUntil;

    /// <param name="world">Where it lives.</param>
    /// <param name="number">The visitor.</param>
    /// <param name="plan">What it does.</param>
    /// <param name="after">Places of its interactions come after those of the visitor's former pages.</param>
    public Client(World world, int number, IEnumerable<PlannedInteraction> plan, int after = 0)
    {
        _world = world;
        _done = after;
        Number = number;
        _process = world.Scheduler.Open($"client {number}");
        foreach (var planned in plan)
        {
            _toCome++;
            _world.Scheduler.After(_process, TimeSpan.FromMilliseconds(planned.AtMs) - _world.Scheduler.Now, () => Do(planned));
        }

        _world.Scheduler.Start(_process, RunAsync);
    }

    public int Number { get; }

    /// <summary>It has been answered for all, or has left.</summary>
    public bool Done { get; private set; }

    /// <summary>Whether anything was sent beside the line of requests, so that no order is promised.</summary>
    public bool OutOfOrder { get; private set; }

    public void Sleep(TimeSpan length) => _sleepUntil = _world.Scheduler.Now + length;

    /// <summary>The page is closed: what waits is gone, what travels may arrive.</summary>
    public void Leave()
    {
        _process.Kill();
        Done = true;
    }

    /// <summary>It is awake and tries again soon.</summary>
    public void Wake() => _sleepUntil = default;

    private void Do(PlannedInteraction planned)
    {
        var interaction = Make(planned);
        _toCome--;
        _world.Sent.Add(interaction.Id, interaction);
        if (!planned.Lost)
        {
            _waiting.Add(interaction);
        }

        if (planned.RepeatAtMs is { } repeat && !planned.Lost)
        {
            _repeating++;
            _world.Scheduler.After(_process, TimeSpan.FromMilliseconds(repeat) - _world.Scheduler.Now, () => _ = RepeatAsync(interaction));
        }

        _changed.TrySetResult();
    }

    private Interaction Make(PlannedInteraction planned)
    {
        var now = _world.Scheduler.GetUtcNow().AddMilliseconds(planned.SkewMs);
        if (planned.View == 0)
        {
            return new Interaction(planned, _done++, now, view: null, numberInView: 0);
        }

        var (view, numbers) = _views.TryGetValue(planned.View, out var known) ? known : (Interaction.ViewOf(now, planned), 0);
        _views[planned.View] = (view, ++numbers);
        return new Interaction(planned, _done++, now, view, numbers);
    }

    private async Task RunAsync()
    {
        var failures = 0;
        while (_toCome + _waiting.Count + _repeating > 0)
        {
            if (_waiting.Count == 0)
            {
                _changed = new TaskCompletionSource();
                await _changed.Task;
                await Task.Delay(Company, _world.Scheduler);
                continue;
            }

            var batch = _waiting.Take(MaxCompany).ToList();
            if (await SendAsync(batch))
            {
                failures = 0;
                _waiting.RemoveRange(0, batch.Count);
                continue;
            }

            var wait = Math.Min(FirstWait.Ticks << Math.Min(failures++, 8), LongestWait.Ticks);
            await Task.Delay(new TimeSpan((wait / 2) + (wait * _world.Dice.Below(100) / 200)), _world.Scheduler);
            while (_sleepUntil > _world.Scheduler.Now)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), _world.Scheduler);
            }
        }

        Done = true;
    }

    /// <summary>Once more and beside the line, to another collector: a beacon, or a page that came back from the history.</summary>
    private async Task RepeatAsync(Interaction interaction)
    {
        OutOfOrder |= _waiting.Contains(interaction);
        await SendAsync([interaction]);
        _repeating--;
        _changed.TrySetResult();
    }

    /// <returns>Whether they are answered for, taken or not.</returns>
    private async Task<bool> SendAsync(List<Interaction> batch)
    {
        foreach (var interaction in batch)
        {
            interaction.Sent = true;
        }

        var body = Encoding.UTF8.GetBytes(string.Concat(batch.Select(interaction => interaction.Line)));
        var answer = await _world.PostAsync(this, body, RequestTimeout);
        if (answer is not { Status: 202 } taken)
        {
            return answer?.Status == 400;
        }

        for (var index = 0; index < batch.Count; index++)
        {
            batch[index].Accepted |= !taken.Rejected.Contains(index);
        }

        return true;
    }
}

/// <summary>What a collector answered.</summary>
internal sealed record Answer(int Status, IReadOnlyCollection<int> Rejected);
