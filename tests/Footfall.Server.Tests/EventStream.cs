using System.Text;
using System.Text.Json.Nodes;

namespace Footfall.Server.Tests;

/// <summary>A stream of server-sent events, read one by one.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _reader;

    private EventStream(HttpResponseMessage answer, Stream body)
    {
        _answer = answer;
        _reader = new StreamReader(body, Encoding.UTF8);
    }

    public HttpResponseMessage Answer => _answer;

    public static async Task<EventStream> OpenAsync(RunningService service, string query = "")
    {
        var answer = await service.Client.GetAsync(new Uri("/api/v1/live" + query, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        return new EventStream(answer, await answer.Content.ReadAsStreamAsync());
    }

    /// <summary>The lines of the next one; empty: the stream has ended.</summary>
    public async Task<string[]> NextLinesAsync()
    {
        var lines = new List<string>();
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line.Length == 0)
            {
                break;
            }

            lines.Add(line);
        }

        return [.. lines];
    }

    /// <summary>The next event with data.</summary>
    public async Task<(string Name, JsonObject Data)> NextAsync()
    {
        while (true)
        {
            var lines = await NextLinesAsync();
            Assert.NotEmpty(lines);
            if (lines.Length == 3)
            {
                Assert.Equal("id: " + JsonNode.Parse(lines[2][6..])!["seq"], lines[0]);
                return (lines[1]["event: ".Length..], JsonNode.Parse(lines[2]["data: ".Length..])!.AsObject());
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _answer.Dispose();
        return ValueTask.CompletedTask;
    }
}
