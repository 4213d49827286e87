using System.Globalization;
using Footfall.Faults;
using Footfall.Testing;

if (!Tool.TryRead(args, Options.Read, Options.Usage, out var options) || !Tool.HasFootfall())
{
    return Tool.Misused;
}

// A quarter of the faults for the embedded log, which has fewer kinds and heals sooner.
var embedded = options.Only switch { "embedded" => options.Count, "kafka" => 0, _ => Math.Max(1, options.Count / 4) };
var kafka = options.Count - embedded;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {options.Seed}: {options.Count} faults, {kafka} with Kafka, {embedded} with the embedded log, {options.Rate} interactions a second"));

var parts = new List<Report.Part>();
var kafkaPlan = Plan.Kafka(options.Seed, kafka, first: 1, options.Kind);
var embeddedPlan = Plan.Embedded(options.Seed, embedded, first: kafka + 1, options.Kind);
if (kafka > 0)
{
    parts.Add(Here.KafkaHome is { } home
        ? await InflictAsync("kafka", kafkaPlan, async () => await KafkaWorld.StartAsync(home))
        : new("kafka", null, [], [.. kafkaPlan.SelectMany(step => step)], "KAFKA_HOME is not set"));
}

if (embedded > 0)
{
    parts.Add(await InflictAsync("embedded", embeddedPlan, async () => await EmbeddedWorld.StartAsync()));
}

Report.Table(parts);
if (options.Report is { } file)
{
    Report.JUnit(file, parts);
}

var count = parts.Sum(part => part.Violations.Count);
Console.WriteLine(parts.TrueForAll(part => part.Run is null) ? "Nothing was done." : count == 0
    ? $"Nothing lost, nothing double, nothing taken back. Seed {options.Seed}."
    : $"{count} violations. Seed {options.Seed}.");
return count == 0 ? 0 : 1;

async Task<Report.Part> InflictAsync(string name, List<PlannedFault[]> plan, Func<Task<World>> start)
{
    Console.WriteLine($"Starting {name} ...");
    Run? run = null;
    var violations = new List<string>();
    string? folder = null;
    try
    {
        await using var world = await start();
        folder = world.Folder;
        await using var running = run = new Run(world, options.Rate, Console.WriteLine);
        try
        {
            await run.RunAsync(plan);
        }
        finally
        {
            violations.AddRange(run.Violations);
        }
    }
    catch (Exception error)
    {
        violations.Add($"{name} broke off: {error}");
    }

    foreach (var violation in violations)
    {
        Console.WriteLine($"VIOLATION {violation}");
    }

    if (folder is not null && violations.Count == 0)
    {
        Directory.Delete(folder, recursive: true);
    }
    else if (folder is not null)
    {
        Console.WriteLine($"Logs and data: {folder}");
    }

    return new(name, run, violations, [], null);
}
