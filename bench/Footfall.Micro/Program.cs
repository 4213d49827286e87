using System.Runtime;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Footfall.Micro;
using Footfall.Testing;

GCSettings.LatencyMode = GCLatencyMode.Batch; // as src/Footfall.Server has it
if (args is ["budgets", ..])
{
    return await Budgets.CheckAsync(args is [_, "--report", var report] ? report : null);
}

// In this process: BenchmarkDotNet's own projects know neither our artifacts folder nor our law.
var config = ManualConfig.Create(DefaultConfig.Instance)
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(10))
    .WithArtifactsPath(Path.Combine(Here.Repository, "artifacts", "micro"))
    .WithOptions(ConfigOptions.JoinSummary);
BenchmarkSwitcher.FromAssembly(typeof(PartBenchmark).Assembly).Run(args is [] ? ["--filter", "*"] : args, config);
return 0;
