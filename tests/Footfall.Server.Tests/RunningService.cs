using System.Globalization;
using System.Text;
using Footfall.Log;
using Footfall.Server.Capture;
using Footfall.Server.Expose;
using Microsoft.AspNetCore.Builder;

namespace Footfall.Server.Tests;

/// <summary>A collector or metrics service over real Kestrel, on a port of its own, and a client for it.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    // What only says when and how the bytes went.
    private static readonly string[] HeadersOfTransport = ["Date", "Transfer-Encoding", "Content-Length", "Connection"];

    private readonly SocketsHttpHandler _handler = new() { UseProxy = false, AllowAutoRedirect = false };

    private RunningService(WebApplication app)
    {
        App = app;
        Address = new Uri(app.Urls.Single(url => url.StartsWith("http://", StringComparison.Ordinal)));
        Client = new HttpClient(_handler, disposeHandler: false) { BaseAddress = Address };
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static Task<RunningService> CollectorAsync(
        IInteractionLog log, FootfallOptions? options = null, TimeProvider? time = null, DemoLinks? demo = null, OptionsSource? source = null) =>
        StartAsync(CollectorHost.Build(options ?? Given.TwoApps, log, time ?? TimeProvider.System, demo, source));

    public static Task<RunningService> MetricsAsync(ILogConsumer log, FootfallOptions? options = null, TimeProvider? time = null, BoardLinks? links = null) =>
        StartAsync(MetricsHost.Build(options ?? Given.TwoApps, log, time ?? TimeProvider.System, links: links));

    public async Task<HttpResponseMessage> PostAsync(
        byte[] body, string? type = "application/json", string? encoding = null, string? origin = null, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/interactions") { Content = new ByteArrayContent(body) };
        if (type is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        if (encoding is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        request.Headers.TransferEncodingChunked = chunked;
        return await Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> PostAsync(string body, string? type = "application/json", string? encoding = null, string? origin = null) =>
        PostAsync(Given.Utf8(body), type, encoding, origin);

    /// <summary>Any request; a header's name says where it belongs.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, byte[]? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : new ByteArrayContent(body) };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Any POST of a text; a query alone is for our own format.</summary>
    public Task<HttpResponseMessage> PostToAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync("POST", path.StartsWith('/') ? path : "/v1/interactions" + path, Given.Utf8(body), headers);

    public async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request);
    }

    public async Task<string> GetTextAsync(string path)
    {
        using var answer = await GetAsync(path);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>A sample of <c>/metrics</c> by its name and labels; null when it isn't there.</summary>
    public async Task<decimal?> SampleAsync(string nameAndLabels)
    {
        var line = (await GetTextAsync("/metrics")).Split('\n').SingleOrDefault(line => line.StartsWith(nameAndLabels + " ", StringComparison.Ordinal));
        return line is null ? null : decimal.Parse(line[(nameAndLabels.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>The whole answer as a golden text: status, headers but those of the transport, body.</summary>
    public static async Task<string> WholeAsync(HttpResponseMessage answer)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode}\n");
        foreach (var (name, values) in answer.Headers.Concat<KeyValuePair<string, IEnumerable<string>>>(answer.Content.Headers)
            .Where(header => !HeadersOfTransport.Contains(header.Key)).OrderBy(header => header.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}: {string.Join(", ", values)}\n");
        }

        // A line a rejection, for who reads the difference.
        return text.Append('\n')
            .Append((await answer.Content.ReadAsStringAsync()).Replace("{\"index\"", "\n{\"index\"", StringComparison.Ordinal)).ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _handler.Dispose();
        await App.DisposeAsync();
    }

    private static async Task<RunningService> StartAsync(WebApplication app)
    {
        await app.StartAsync();
        return new RunningService(app);
    }
}
