using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Footfall.Server.Capture.Doctor;

/// <summary>Asks a site as a browser would; every answer comes back as a <see cref="Visit"/>, trouble too.</summary>
public sealed class SiteClient : IDisposable
{
    // Many a site answers programs that don't say Mozilla with a page of its firewall.
    private static readonly string UserAgent = $"Mozilla/5.0 (compatible; footfall-doctor/{ServiceHost.Version})";

    private readonly SiteBounds _bounds;
    private readonly TimeProvider _time;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _client;

    /// <summary>With the proxy of the environment, but none to this machine itself.</summary>
    public SiteClient(SiteBounds bounds, TimeProvider time)
    {
        _bounds = bounds;
        _time = time;
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // each address on the way is judged
            AutomaticDecompression = DecompressionMethods.All,
            Proxy = new ProxyForOthers(HttpClient.DefaultProxy),
        };
        _client = new HttpClient(_handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>A page, as typed into the address bar.</summary>
    public Task<Visit> GetPageAsync(Uri url, CancellationToken cancellationToken) =>
        VisitAsync(url, _bounds.PageBytes, _bounds.Redirects, at => Request(HttpMethod.Get, at, "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"), cancellationToken);

    /// <summary>A script of a page.</summary>
    /// <param name="url">Its address.</param>
    /// <param name="origin">The page's, where the tag asks for CORS; else null.</param>
    /// <param name="cancellationToken">To give up.</param>
    public Task<Visit> GetScriptAsync(Uri url, string? origin, CancellationToken cancellationToken) =>
        VisitAsync(url, _bounds.ScriptBytes, _bounds.Redirects, at => Request(HttpMethod.Get, at, "*/*", origin), cancellationToken);

    /// <summary>The collector's own metrics, where they are to be seen. A redirect is not followed.</summary>
    public Task<Visit> GetMetricsAsync(Uri url, CancellationToken cancellationToken) =>
        VisitAsync(url, _bounds.ScriptBytes, redirects: 0, at => Request(HttpMethod.Get, at, "text/plain"), cancellationToken);

    /// <summary>A text to the collector, as a page of the origin sends it. A redirect is not followed.</summary>
    public Task<Visit> PostAsync(Uri url, string body, string origin, CancellationToken cancellationToken) => VisitAsync(
        url,
        _bounds.AnswerBytes,
        redirects: 0,
        at =>
        {
            var request = Request(HttpMethod.Post, at, "*/*", origin);
            request.Content = new StringContent(body, Encoding.UTF8, "text/plain");
            return request;
        },
        cancellationToken);

    /// <summary>Ends its connections.</summary>
    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }

    private static HttpRequestMessage Request(HttpMethod method, Uri url, string accept, string? origin = null)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("Origin", origin);
        }

        return request;
    }

    private async Task<Visit> VisitAsync(Uri url, int maxBytes, int redirects, Func<Uri, HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        var asked = new List<Uri> { url };
        using var timeout = new CancellationTokenSource(_bounds.Time, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            while (true)
            {
                var before = _time.GetUtcNow();
                using var request = make(asked[^1]);
                using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
                if (redirects > 0 && Next(answer, asked[^1]) is { } next)
                {
                    if (next.Scheme is not ("http" or "https"))
                    {
                        return new Visit { Asked = asked, Trouble = $"it sends on to {Shown.Address(next)}, which is not on the web" };
                    }

                    if (asked.Count > redirects)
                    {
                        return new Visit { Asked = asked, Trouble = $"it sends on and on: {Shown.Count(redirects, "redirect")}, and no end (some sites do so without cookies)" };
                    }

                    asked.Add(next);
                    continue;
                }

                var ahead = ClockAhead(answer, before, _time.GetUtcNow());
                var (body, isCut) = await ReadAsync(answer, maxBytes, either.Token);
                return new Visit { Asked = asked, Status = answer.StatusCode, Headers = Lines(answer), Body = body, IsCut = isCut, ClockAhead = ahead };
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new Visit { Asked = asked, Trouble = NetworkTrouble.Late(_bounds.Time) };
        }
        catch (HttpRequestException error)
        {
            return new Visit { Asked = asked, Trouble = NetworkTrouble.Of(error, asked[^1]) };
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            return new Visit { Asked = asked, Trouble = $"its answer breaks off: {Shown.Clean(error.Message).TrimEnd('.')}" };
        }
    }

    private static Uri? Next(HttpResponseMessage answer, Uri from)
    {
        var isRedirect = (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308;
        return isRedirect && answer.Headers.NonValidated.TryGetValues("Location", out var location)
            && Uri.TryCreate(from, location.ToString(), out var next) ? next : null;
    }

    private static List<KeyValuePair<string, string>> Lines(HttpResponseMessage answer)
    {
        var lines = new List<KeyValuePair<string, string>>();
        foreach (var headers in (HttpHeadersNonValidated[])[answer.Headers.NonValidated, answer.Content.Headers.NonValidated])
        {
            foreach (var (name, values) in headers)
            {
                lines.AddRange(values.Select(value => KeyValuePair.Create(name, value)));
            }
        }

        return lines;
    }

    /// <summary>Against the middle of the request. A date has whole seconds; what a cache gives is as old as it says.</summary>
    private static TimeSpan? ClockAhead(HttpResponseMessage answer, DateTimeOffset before, DateTimeOffset after)
    {
        if (!answer.Headers.NonValidated.TryGetValues("Date", out var text)
            || !DateTimeOffset.TryParseExact(text.ToString(), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
        {
            return null;
        }

        var age = answer.Headers.NonValidated.TryGetValues("Age", out var seconds)
            && int.TryParse(seconds.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var told) ? told : 0;
        return date.AddSeconds(age + 0.5) - (before + ((after - before) / 2));
    }

    private static async Task<(byte[] Body, bool IsCut)> ReadAsync(HttpResponseMessage answer, int maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (body.Length <= maxBytes)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                return (body.ToArray(), false);
            }

            body.Write(buffer, 0, read);
        }

        return (body.ToArray()[..maxBytes], true);
    }

    private sealed class ProxyForOthers(IWebProxy proxy) : IWebProxy
    {
        public ICredentials? Credentials { get => proxy.Credentials; set => proxy.Credentials = value; }

        public Uri? GetProxy(Uri destination) => proxy.GetProxy(destination);

        public bool IsBypassed(Uri host) => WebOrigin.IsLoopback(host) || proxy.IsBypassed(host);
    }
}
