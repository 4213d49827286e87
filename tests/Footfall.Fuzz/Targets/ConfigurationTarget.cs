using Footfall.AspNetCore.Log;
using Footfall.Server;

namespace Footfall.Fuzz.Targets;

/// <summary>A configuration file: it can be used, or every error in it is told.</summary>
internal sealed class ConfigurationTarget() : Target("configuration"), IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    /// <summary>It is the operator's own file.</summary>
    public override int LongestInput => 64 * 1024;

    public override void Check(byte[] input)
    {
        File.WriteAllBytes(_file, input);
        try
        {
            var options = OptionsReader.Read(_file, [], []);
            options.CompileApps();
            if (options.Log.Kafka.BootstrapServers is not null)
            {
                OpenLog.KafkaOptions(options);
            }
        }
        catch (OptionsException error)
        {
            BrokenPromise.Unless(error.Message.Length > 0, "nothing is said of what is wrong");
        }
    }

    public void Dispose() => File.Delete(_file);
}
