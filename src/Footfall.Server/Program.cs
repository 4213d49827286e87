using System.CommandLine;
using Footfall.Server;

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
