using System.CommandLine;

namespace Footfall.Server;

/// <summary><c>footfall health URL</c>: for a container's health check, where there is no curl.</summary>
public static class HealthCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4); // under the 5 s that container engines give by our files

    /// <summary>Exit code 0 when the address answers with success, else 1.</summary>
    public static Command Create()
    {
        var url = WebAddress.Argument("http://localhost:8081/health/ready");
        var command = new Command("health", "Ask a service how it is: exit code 0 when it is well") { url };
        command.SetAction((result, cancellationToken) => AskAsync(result.GetRequiredValue(url), cancellationToken));
        return command;
    }

    private static async Task<int> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout };
        try
        {
            using var answer = await client.GetAsync(url, cancellationToken);
            Console.Write(await answer.Content.ReadAsStringAsync(cancellationToken));
            return answer.IsSuccessStatusCode ? ExitCode.Done : ExitCode.Failed;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            Console.Error.WriteLine($"{url} does not answer: {e.Message}");
            return ExitCode.Failed;
        }
    }
}
