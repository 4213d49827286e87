using Footfall.Bench;
using Footfall.Testing;

Options options;
try
{
    options = Options.Read(args);
}
catch (FormatException error)
{
    Console.Error.WriteLine($"{error.Message}\n{Options.Usage}");
    return 2;
}

Machine.Describe(Console.Out);
if (options.Only is not "kafka")
{
    await using var log = EmbeddedLog.Open();
    await new Rebuild(log, options.Count, TimeProvider.System).RunAsync(Console.Out);
}

if (options.Only is not "sqlite")
{
    if (Here.KafkaHome is not { } home)
    {
        Console.WriteLine("kafka: skipped, KAFKA_HOME is not set");
    }
    else
    {
        await using var log = await KafkaLog.StartAsync(home);
        await new Rebuild(log, options.Count, TimeProvider.System).RunAsync(Console.Out);
    }
}

return 0;
