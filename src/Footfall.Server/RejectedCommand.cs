using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Footfall.AspNetCore.Capture;
using Footfall.Server.Capture;

namespace Footfall.Server;

/// <summary><c>footfall rejected</c>: what the collector of a data directory has rejected and kept.</summary>
internal static class RejectedCommand
{
    /// <summary>Lists them, the oldest first.</summary>
    public static Command Create()
    {
        var common = new CommonOptions();
        var json = new Option<bool>("--json") { Description = "A JSON object a line, with all bytes that are kept (base64)" };
        var command = new Command("rejected", "List interactions that the collector rejected and kept (Capture:KeepRejected)") { json };
        command.SetAction((result, _) =>
        {
            var options = common.Read(result);
            Write(Console.Out, RejectedFile.Read(options.Data), result.GetValue(json));
            if (options.Capture.KeepRejected == 0)
            {
                Console.Error.WriteLine("None are kept by this configuration: Capture:KeepRejected is 0.");
            }

            return Task.FromResult(ExitCode.Done);
        });
        return common.AddTo(command, collector: false, metrics: false);
    }

    /// <summary>A line an interaction.</summary>
    public static void Write(TextWriter output, IEnumerable<KeptRejected> rejected, bool json)
    {
        foreach (var one in rejected)
        {
            output.WriteLine(json ? JsonSerializer.Serialize(one, KeptJson.Default.KeptRejected) : Line(one));
        }
    }

    private static string Line(KeptRejected one)
    {
        var rest = one.Length - one.Sent.Length;
        var more = rest > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({rest} more bytes)") : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"{one.When:yyyy-MM-dd HH:mm:ss.fff}Z {TerminalText.Safe(one.App)} {TerminalText.Safe(one.Reason)} {TerminalText.Safe(one.Sent)}{more}");
    }
}
