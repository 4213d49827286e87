using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace Footfall.Hostile;

/// <summary>Somebody's page, which sends as footfall.js does, again with the same ids until it is answered.</summary>
internal sealed class GoodClient(Uri collector)
{
    public const string Target = "Buy Now";
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<double> _milliseconds = [];

    /// <summary>Interactions that were answered for with 202.</summary>
    public int Accepted { get; private set; }

    /// <summary>Tries that were not answered with 202.</summary>
    public int Repeated { get; private set; }

    /// <summary>From the first try of an interaction until its 202, in milliseconds; <paramref name="share"/> of 1 is the longest.</summary>
    public double Quantile(double share)
    {
        var ordered = _milliseconds.Order().ToList();
        return ordered.Count == 0 ? 0 : ordered[(int)Math.Ceiling(share * ordered.Count) - 1];
    }

    /// <summary>Until it is asked to end; the last interaction is answered for too.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        using var handler = new SocketsHttpHandler();
        using var http = new HttpClient(handler) { Timeout = Patience };
        while (!end.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            var id = Guid.CreateVersion7().ToString();
            var line = string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{id}}","target":"{{Target}}","page":"/good","visitor":"good-{{Accepted % 100}}","value":1}""");
            while (!await TrySendAsync(http, line))
            {
                Repeated++;
                await Task.Delay(Every, TimeProvider.System, CancellationToken.None);
                if (Stopwatch.GetElapsedTime(started) > Patience)
                {
                    throw new TimeoutException($"a good interaction was not taken in {Patience.TotalSeconds} s");
                }
            }

            Accepted++;
            _milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            var left = Every - Stopwatch.GetElapsedTime(started);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, TimeProvider.System, CancellationToken.None);
            }
        }
    }

    private async Task<bool> TrySendAsync(HttpClient http, string line)
    {
        try
        {
            using var content = new StringContent(line, new MediaTypeHeaderValue("text/plain"));
            using var answer = await http.PostAsync(new Uri(collector, "v1/interactions"), content);
            return (int)answer.StatusCode == 202;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
