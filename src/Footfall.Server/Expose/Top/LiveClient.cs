using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Footfall.Server.Expose.Top;

/// <summary>Asks a metrics service's API. Its exceptions are <see cref="LiveException"/>, with a message for people.</summary>
internal sealed class LiveClient : IDisposable
{
    /// <summary>The service sends something every second; whoever is silent for this long has gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    /// <summary>The largest document: 500 rows of targets and pages at 2 KB each.</summary>
    private const int MaxDocumentBytes = 4 * 1024 * 1024;

    private readonly SocketsHttpHandler _handler = new() { UseProxy = false, ConnectTimeout = Silence };
    private readonly HttpClient _client;
    private readonly TimeProvider _time;

    /// <param name="service">The metrics service's address; behind a proxy with a path of its own.</param>
    /// <param name="authorization">What it asks for; null: nothing.</param>
    /// <param name="time">The clock.</param>
    public LiveClient(Uri service, AuthenticationHeaderValue? authorization, TimeProvider time)
    {
        _time = time;
        _client = new HttpClient(_handler, disposeHandler: false) { BaseAddress = AsFolder(service), MaxResponseContentBufferSize = MaxDocumentBytes, Timeout = Silence };
        _client.DefaultRequestHeaders.Authorization = authorization;
    }

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }

    /// <summary>The totals of an app, as they are sent.</summary>
    public Task<string> TotalsAsync(string? app, CancellationToken cancellationToken) =>
        AskAsync("api/v1/totals" + Query(app), cancellationToken);

    /// <summary>The last five minutes of an app, 5 s a number.</summary>
    public async Task<LiveSeries> SeriesAsync(string? app, CancellationToken cancellationToken) =>
        Read(await AskAsync($"api/v1/series{Query(app)}{(app is null ? '?' : '&')}range=5m&step=5", cancellationToken), LiveJson.Default.LiveSeries);

    /// <summary>Documents as they come, the first of each connection a whole; ends when the service ends it.</summary>
    public async IAsyncEnumerable<(bool IsWhole, LiveDocument Document)> LiveAsync(string? app, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = _time.CreateTimer(_ => silence.Cancel(), null, Silence, Timeout.InfiniteTimeSpan);
        using var answer = await SendAsync("api/v1/live" + Query(app), HttpCompletionOption.ResponseHeadersRead, silence.Token, cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(silence.Token);
        var events = SseParser.Create(body, (_, data) => data.Length > MaxDocumentBytes ? throw new LiveException("the service sends more than a document can have") : data.ToArray());
        await using var each = events.EnumerateAsync(silence.Token).GetAsyncEnumerator(silence.Token);
        while (true)
        {
            try
            {
                timer.Change(Silence, Timeout.InfiniteTimeSpan);
                if (!await each.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new LiveException($"{_client.BaseAddress} has been silent for {Silence.TotalSeconds} s");
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                throw new LiveException($"{_client.BaseAddress} has ended the connection");
            }

            if (each.Current.EventType is "state" or "tick")
            {
                yield return (each.Current.EventType == "state", Read(each.Current.Data, LiveJson.Default.LiveDocument));
            }
        }
    }

    /// <exception cref="LiveException">It is no such document.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new LiveException("what answers there is no metrics service of Footfall, or one of another version");
        }
    }

    /// <inheritdoc cref="Read{T}(ReadOnlySpan{byte}, JsonTypeInfo{T})"/>
    public static T Read<T>(string json, JsonTypeInfo<T> type) => Read(System.Text.Encoding.UTF8.GetBytes(json), type);

    private static Uri AsFolder(Uri service) => service.AbsolutePath.EndsWith('/') ? service : new UriBuilder(service) { Path = service.AbsolutePath + "/" }.Uri;

    private static string Query(string? app) => app is null ? "" : "?app=" + Uri.EscapeDataString(app);

    private async Task<string> AskAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(path, HttpCompletionOption.ResponseContentRead, cancellationToken, cancellationToken);
        return await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(string path, HttpCompletionOption completion, CancellationToken limit, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await _client.GetAsync(path, completion, limit);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new LiveException($"{_client.BaseAddress} does not answer: {(e is HttpRequestException ? e.Message : $"nothing for {Silence.TotalSeconds} s")}");
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw new LiveException(await TellAsync(answer, cancellationToken)) { IsForGood = answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest };
        }
    }

    /// <summary>As the service's problem details tell it.</summary>
    private async Task<string> TellAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.StatusCode == HttpStatusCode.Unauthorized)
        {
            return _client.DefaultRequestHeaders.Authorization?.Scheme switch
            {
                null => $"{_client.BaseAddress} asks who this is: name the file that has Expose:BasicUser and Expose:BasicPassword, or Expose:BearerToken, with --config FILE",
                "Basic" => $"{_client.BaseAddress} refuses: the user or password is wrong (Expose:BasicUser, Expose:BasicPassword)",
                _ => $"{_client.BaseAddress} refuses: the token is wrong (Expose:BearerToken)",
            };
        }

        try
        {
            var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            if (problem.TryGetProperty("reason", out _) && problem.TryGetProperty("title", out var title))
            {
                return problem.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String ? $"{title.ToString().TrimEnd('.')}: {detail}" : title.ToString();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or HttpRequestException)
        {
            // No problem details: its status says what there is to say.
        }

        return $"{_client.BaseAddress} answers {(int)answer.StatusCode}: is it a metrics service?";
    }
}

/// <summary>The service can't be asked; the message is for people.</summary>
internal sealed class LiveException(string message) : Exception(message)
{
    /// <summary>To ask again would not help.</summary>
    public bool IsForGood { get; init; }
}
