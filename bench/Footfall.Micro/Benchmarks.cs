using BenchmarkDotNet.Attributes;
using Footfall.Micro.Parts;

namespace Footfall.Micro;

/// <summary>One part under BenchmarkDotNet, which wants public classes.</summary>
[MemoryDiagnoser]
public abstract class PartBenchmark
{
    private readonly Part _part;

    private protected PartBenchmark(Part part) => _part = part;

    /// <summary>Ends it.</summary>
    [GlobalCleanup]
    public void End() => _part.Dispose();

    /// <summary>Once, which may be many operations.</summary>
    protected ValueTask OnceAsync() => _part.RunAsync();
}

/// <summary>See <see cref="Read"/>.</summary>
public class ReadOneBenchmark() : PartBenchmark(new ReadOne())
{
    /// <summary>An interaction.</summary>
    [Benchmark(Description = "read an interaction, one a request", OperationsPerInvoke = Read.Interactions)]
    public ValueTask RunAsync() => OnceAsync();
}

/// <summary>See <see cref="Read"/>.</summary>
public class ReadBatchBenchmark() : PartBenchmark(new ReadBatch())
{
    /// <summary>An interaction.</summary>
    [Benchmark(Description = "read an interaction, 100 a request", OperationsPerInvoke = Read.Interactions)]
    public ValueTask RunAsync() => OnceAsync();
}

/// <summary>See <see cref="Append"/>.</summary>
public class AppendBenchmark() : PartBenchmark(new Append())
{
    /// <summary>An interaction.</summary>
    [Benchmark(Description = "append an interaction to the embedded log", OperationsPerInvoke = Append.Interactions)]
    public ValueTask RunAsync() => OnceAsync();
}

/// <summary>See <see cref="Fold"/>.</summary>
public class FoldBenchmark() : PartBenchmark(new Fold())
{
    /// <summary>An interaction.</summary>
    [Benchmark(Description = "fold an interaction of a known series", OperationsPerInvoke = Fold.Records)]
    public ValueTask RunAsync() => OnceAsync();
}

/// <summary>See <see cref="Window"/>.</summary>
public class WindowBenchmark() : PartBenchmark(new Window())
{
    /// <summary>An id.</summary>
    [Benchmark(Description = "add an id to the duplicate window", OperationsPerInvoke = Window.Ids)]
    public ValueTask RunAsync() => OnceAsync();
}

/// <summary>See <see cref="ExposeMany"/>.</summary>
public class ExposeBenchmark() : PartBenchmark(new ExposeMany())
{
    /// <summary>A document.</summary>
    [Benchmark(Description = "write 10,000 series", OperationsPerInvoke = ExposeMany.Documents)]
    public ValueTask RunAsync() => OnceAsync();
}
