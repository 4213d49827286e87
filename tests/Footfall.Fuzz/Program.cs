using System.Diagnostics;
using System.Text.Json;
using Footfall.Fuzz;
using Footfall.Fuzz.Targets;
using Footfall.Testing;

if (!Tool.TryRead(args, Options.Read, Options.Usage, out var options))
{
    return Tool.Misused;
}

var start = Stopwatch.GetTimestamp();
Console.WriteLine(options.Replay is null ? $"Seed {options.Seed}: {options.Seconds} s" : $"{options.Replay}, as it is");
var results = options.Replay is { } input ? Campaign.Replay(input) : await RunAsync();
if (results.Length == 0)
{
    Console.Error.WriteLine($"The targets are {string.Join(' ', TargetList.Names)}; a file to replay is in a folder of such a name.");
    return Tool.Misused;
}

Console.WriteLine($"{"target",-24}{"inputs",12}{"a second",12}{"kept",8}{"places",8}{"found",8}");
foreach (var result in results)
{
    Console.WriteLine($"{result.Name,-24}{result.Inputs,12}{result.Inputs / Math.Max(result.Spent.TotalSeconds, 0.001),12:0}{result.Kept,8}{result.Places,8}{result.Found.Length,8}");
}

foreach (var found in results.SelectMany(result => result.Found))
{
    Console.WriteLine($"\nFOUND {found}");
}

if (options.Report is { } file)
{
    Report.Write(file, results);
}

var sum = results.Sum(result => result.Found.Length);
Console.WriteLine($"{results.Sum(result => result.Inputs)} inputs in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s, {sum} found. Seed {options.Seed}.");
return sum == 0 ? 0 : 1;

async Task<TargetResult[]> RunAsync()
{
    var guided = new Campaign(options.Seed, TimeSpan.FromSeconds(options.Seconds), options.Only, IsGuided: true);
    var beside = Task.Run(() => (guided with { IsGuided = false }).Run());
    return [.. JsonSerializer.Deserialize<TargetResult[]>(Guided.Run(JsonSerializer.Serialize(guided)))!, .. await beside];
}
