using System.CommandLine;
using System.Globalization;

namespace Footfall.Server;

/// <summary>Options that several commands have, and how they become configuration.</summary>
public sealed class CommonOptions
{
    private readonly Option<string?> _config = new("--config") { Description = $"The configuration file ({OptionsReader.DefaultFile} in this folder, where there is one)", HelpName = "FILE" };
    private readonly Option<string?> _data = new("--data") { Description = "Where the embedded log and everything else is kept (./data)", HelpName = "DIR" };
    private readonly Option<int?> _collectorPort = Port("--collector-port", "The collector's port (8081)");
    private readonly Option<int?> _metricsPort = Port("--metrics-port", "The metrics service's port (8082)");

    /// <summary>Kafka instead of the embedded log.</summary>
    public Option<string?> Kafka { get; } = new("--kafka") { Description = "Kafka instead of the embedded log", HelpName = "HOST:PORT,..." };

    /// <summary>Adds those that a command has.</summary>
    public Command AddTo(Command command, bool collector, bool metrics, bool log = true)
    {
        command.Add(_config);
        if (log)
        {
            command.Add(_data);
            command.Add(Kafka);
        }

        if (collector)
        {
            command.Add(_collectorPort);
        }

        if (metrics)
        {
            command.Add(_metricsPort);
        }

        return command;
    }

    /// <summary>Whether the command line names a configuration file.</summary>
    public bool NamesFile(ParseResult result) => result.GetValue(_config) is not null;

    /// <summary>The configuration, with the command line's options over all else.</summary>
    public FootfallOptions Read(ParseResult result) => Source(result).Read();

    /// <summary>Where it comes from, to read it again.</summary>
    /// <param name="result">Of the command line.</param>
    /// <param name="bootstrapServers">Where the command itself starts a broker.</param>
    public OptionsSource Source(ParseResult result, string? bootstrapServers = null) => new(
        result.GetValue(_config),
        OptionsReader.ThisEnvironment(),
        [
            new("Data", result.GetValue(_data)),
            new("Capture:Listen", Address(result.GetValue(_collectorPort))),
            new("Expose:Listen", Address(result.GetValue(_metricsPort))),
            new("Log:Kafka:BootstrapServers", bootstrapServers ?? result.GetValue(Kafka)),
        ]);

    /// <summary>A port, or none given.</summary>
    public static Option<int?> Port(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "PORT" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535))
            {
                result.AddError($"{name} is '{result.Tokens[0].Value}': must be a port from 1 to 65535");
            }
        });
        return option;
    }

    private static string? Address(int? port) => port is { } number ? string.Create(CultureInfo.InvariantCulture, $"http://localhost:{number}") : null;
}
