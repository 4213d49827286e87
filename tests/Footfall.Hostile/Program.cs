using Footfall.Hostile;
using Footfall.Testing;

if (!Tool.TryRead(args, Options.Read, Options.Usage, out var options) || !Tool.HasFootfall())
{
    return Tool.Misused;
}

Console.WriteLine($"Seed {options.Seed}: {options.Requests} hostile requests beside good ones");
await using var siege = await Siege.StartAsync(options.Seed);
var violations = await siege.RunAsync(options.Requests);
siege.Tell(Console.Out);
foreach (var violation in violations)
{
    Console.WriteLine($"VIOLATION {violation}");
}

if (options.Report is { } file)
{
    Report.Write(file, violations);
}

Console.WriteLine(violations.Count == 0 ? $"The good ones were served, and the books balance. Seed {options.Seed}." : $"{violations.Count} violations. Seed {options.Seed}.");
return violations.Count == 0 ? 0 : 1;
