using System.Diagnostics;

namespace Footfall.Server.Tests;

/// <summary>The program itself, run to its end.</summary>
internal static class FootfallProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<(int Code, string Output, string Errors)> RunAsync(IEnumerable<string> arguments, string? directory = null)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "footfall"), arguments)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory ?? "",
        })!;
        using var patience = new CancellationTokenSource(Patience);
        await using var kill = patience.Token.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}
