namespace Footfall.Bench.Measure;

/// <summary>A folder that goes with what was measured in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("footfall-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
