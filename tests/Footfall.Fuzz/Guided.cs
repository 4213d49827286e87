using System.Reflection;
using System.Runtime.Loader;

namespace Footfall.Fuzz;

/// <summary>
/// This program once more, beside itself, over a Footfall.Core that tells which branches it takes. What the two say to each
/// other is text: a type of the one is none of the other.
/// </summary>
internal sealed class Guided : AssemblyLoadContext
{
    private const string Core = "Footfall.Core";

    private readonly byte[] _core = Instrument(typeof(Capture.InteractionReader).Assembly.Location);

    private Guided()
        : base("guided")
    {
    }

    /// <summary>What <see cref="Campaign.Run"/> says there.</summary>
    public static string Run(string campaign)
    {
        var method = new Guided().LoadFromAssemblyPath(typeof(Guided).Assembly.Location).GetType(typeof(Campaign).FullName!)!
            .GetMethod(nameof(Campaign.RunText), BindingFlags.Static | BindingFlags.Public)!;
        return (string)method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [campaign], null)!;
    }

    protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name switch
    {
        Core => LoadFromStream(new MemoryStream(_core)),
        // Whose map there is one of.
        "SharpFuzz.Common" => LoadFromAssemblyPath(typeof(SharpFuzz.Common.Trace).Assembly.Location),
        _ => null,
    };

    private static byte[] Instrument(string assembly)
    {
        var folder = Directory.CreateTempSubdirectory("footfall-fuzz-");
        try
        {
            var copy = Path.Combine(folder.FullName, Path.GetFileName(assembly));
            File.Copy(assembly, copy);
            SharpFuzz.Fuzzer.Instrument(copy, type => type.StartsWith("Footfall.", StringComparison.Ordinal), SharpFuzz.Options.Value);
            return File.ReadAllBytes(copy);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
