using System.CommandLine;
using Footfall.Server.Capture.Doctor;

namespace Footfall.Server;

/// <summary><c>footfall doctor URL</c>: opens a page, and says what would keep its clicks from arriving.</summary>
public static class DoctorCommand
{
    /// <summary>Exit code 0 when nothing is wrong, 1 when something keeps clicks from arriving.</summary>
    public static Command Create()
    {
        var url = WebAddress.Argument("https://shop.example/");
        var command = new Command("doctor", "Open a page of your site, and say what would keep its clicks from arriving") { url };
        command.SetAction((result, cancellationToken) => ExamineAsync(result.GetRequiredValue(url), cancellationToken));
        return command;
    }

    private static async Task<int> ExamineAsync(Uri url, CancellationToken cancellationToken)
    {
        var bounds = new SiteBounds();
        using var client = new SiteClient(bounds, TimeProvider.System);
        var report = new DoctorReport(await new Examination(client, bounds, TimeProvider.System).RunAsync(url, cancellationToken));
        report.Write();
        return report.IsWell ? ExitCode.Done : ExitCode.Failed;
    }
}
