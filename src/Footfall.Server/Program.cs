using System.CommandLine;
using System.Runtime;
using Footfall.Server;

// What is allocated while a collection runs beside it stays for the next, so none does, unless FullCollections says otherwise.
GCSettings.LatencyMode = GCLatencyMode.Batch;

var root = new RootCommand("Footfall tells a web team, this second, what people do on their site.")
{
    UpCommand.Create(),
    ServiceCommands.Collector(),
    ServiceCommands.Metrics(),
    TopCommand.Create(),
    HealthCommand.Create(),
    VerifyCommand.Create(),
    DoctorCommand.Create(),
    RejectedCommand.Create(),
};

return await Running.InvokeAsync(root, args);
