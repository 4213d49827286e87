using System.Runtime;
using Footfall.Bench;
using Footfall.Testing;

// As src/Footfall.Server has it.
GCSettings.LatencyMode = GCLatencyMode.Batch;

if (args is not ["rebuild" or "viewers", ..])
{
    return await Suite.RunAsync(args);
}

if (!Tool.TryRead(args, Options.Read, Options.Usage, out var options))
{
    return Tool.Misused;
}

Machine.Describe(Console.Out);
if (options.Viewers)
{
    await using var log = EmbeddedLog.Open();
    await new Viewers(log, options.Count, TimeProvider.System).RunAsync(Console.Out);
    return 0;
}

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
