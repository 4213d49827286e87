using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Footfall.Server.Capture;

/// <summary>
/// Sends interactions of visitors who behave like people, at a steady rate, over HTTP as a browser would: so that a
/// newcomer sees the graphs live. Everything goes through the collector; a request that fails is sent again.
/// </summary>
public sealed partial class Simulator(Uri collector, string app, int ratePerSecond, TimeProvider time, ILogger<Simulator> logger)
{
    /// <summary>The most that <c>--simulate</c> takes: what one client can make here without being the bottleneck.</summary>
    public const int MaxRate = 50_000;

    /// <summary>How often interactions are sent: short enough that lines are smooth, long enough that requests are few.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>A visitor does something every four seconds on average.</summary>
    private const int SecondsBetweenSteps = 4;

    private readonly Random _random = new(7); // a fixed seed: each run shows the same kind of day
    private readonly List<SimulatedVisitor> _visitors = [];

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        await RunAsync(handler, cancellationToken);
    }

    /// <summary>Runs until cancelled, through a handler that the caller disposes of.</summary>
    public async Task RunAsync(HttpMessageHandler handler, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(handler, disposeHandler: false);
        var url = new Uri(collector, "/v1/interactions");
        var started = time.GetTimestamp();
        var sent = 0L;
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                // What a failure held up is not made up for: it would come as a burst that no crowd makes.
                var due = (long)(time.GetElapsedTime(started).TotalSeconds * ratePerSecond) - sent;
                sent += due;
                var count = (int)Math.Min(due, ratePerSecond);
                if (count > 0)
                {
                    await SendAsync(client, url, Interactions(count), cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task SendAsync(HttpClient client, Uri url, byte[] body, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-ndjson") } };
                using var answer = await client.PostAsync(url, content, cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }

                Refused((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
                if ((int)answer.StatusCode is not (429 or 503))
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Broken off, or no answer within the client's timeout.
                Failed(e.Message);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }

    private byte[] Interactions(int count)
    {
        var crowd = Math.Max(1, ratePerSecond * SecondsBetweenSteps);
        var now = time.GetUtcNow();
        using var output = new MemoryStream();
        for (var i = 0; i < count; i++)
        {
            if (_visitors.Count < crowd)
            {
                _visitors.Add(new SimulatedVisitor(app, _random));
            }

            var who = _random.Next(_visitors.Count);
            using (var writer = new Utf8JsonWriter(output))
            {
                _visitors[who].Step(writer, Guid.CreateVersion7(now), now);
            }

            output.WriteByte((byte)'\n');
            if (_visitors[who].IsGone)
            {
                _visitors[who] = new SimulatedVisitor(app, _random);
            }
        }

        return output.ToArray();
    }

    [LoggerMessage(LogLevel.Warning, "Simulated interactions were refused with {Status}: {Answer}")]
    private partial void Refused(int status, string answer);

    [LoggerMessage(LogLevel.Warning, "Simulated interactions could not be sent, trying again: {Reason}")]
    private partial void Failed(string reason);
}

/// <summary>
/// One simulated person: looks at the catalogue, at a popular course or two, maybe enrolls, and maybe buys what they
/// enrolled in, never the other way round.
/// </summary>
internal sealed class SimulatedVisitor(string app, Random random)
{
    // The demo shop's courses; the first are the popular ones.
    private static readonly (string Slug, decimal Price)[] Courses =
    [
        ("sourdough-from-scratch", 39m),
        ("typography-for-screens", 59m),
        ("practical-sql", 49m),
        ("night-photography", 45m),
        ("houseplants-that-live", 24.5m),
        ("speaking-without-panic", 69m),
    ];

    private readonly string _visitor = string.Create(CultureInfo.InvariantCulture, $"sim-{random.NextInt64():x16}");
    private (string Slug, decimal Price) _course = Courses[0];
    private State _state = State.Arriving;

    private enum State
    {
        Arriving,
        Browsing,
        Looking,
        Enrolled,
        Gone,
    }

    public bool IsGone => _state == State.Gone;

    /// <summary>Does one thing, as one interaction.</summary>
    public void Step(Utf8JsonWriter writer, Guid id, DateTimeOffset now)
    {
        var page = _state is State.Arriving or State.Browsing ? "/demo/" : "/demo/courses/" + _course.Slug;
        switch (_state)
        {
            case State.Arriving:
                Write(writer, id, now, "view", null, page);
                _state = State.Browsing;
                break;

            case State.Browsing:
                _course = Popular();
                Write(writer, id, now, "view", null, "/demo/courses/" + _course.Slug);
                _state = State.Looking;
                break;

            case State.Looking when random.NextDouble() < 0.3:
                Write(writer, id, now, "click", "Watch preview", page);
                _state = random.NextDouble() < 0.5 ? State.Looking : State.Browsing;
                break;

            case State.Looking when random.NextDouble() < 0.45:
                Write(writer, id, now, "click", "Enroll Now", page);
                _state = State.Enrolled;
                break;

            case State.Looking:
                Write(writer, id, now, "view", null, "/demo/");
                _state = random.NextDouble() < 0.5 ? State.Browsing : State.Gone;
                break;

            case State.Enrolled when random.NextDouble() < 0.5:
                Write(writer, id, now, "click", "Buy Now", page, _course.Price);
                _state = State.Gone;
                break;

            default:
                Write(writer, id, now, "submit", "Newsletter", page);
                _state = State.Gone;
                break;
        }
    }

    /// <summary>Half of all visits go to the first course, half of the rest to the second, and so on.</summary>
    private (string Slug, decimal Price) Popular()
    {
        var i = 0;
        while (i < Courses.Length - 1 && random.NextDouble() < 0.5)
        {
            i++;
        }

        return Courses[i];
    }

    private void Write(Utf8JsonWriter writer, Guid id, DateTimeOffset now, string type, string? target, string page, decimal? value = null)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteString("app", app);
        writer.WriteString("type", type);
        if (target is not null)
        {
            writer.WriteString("target", target);
        }

        writer.WriteString("page", page);
        writer.WriteString("visitor", _visitor);
        writer.WriteNumber("at", now.ToUnixTimeMilliseconds());
        if (value is { } price)
        {
            writer.WriteNumber("value", price);
            writer.WriteStartObject("properties");
            writer.WriteString("course", _course.Slug);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
