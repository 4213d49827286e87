using System.Text;

namespace Footfall.Fuzz.Tests;

/// <summary>A target with a bug put in on purpose.</summary>
internal sealed class Sabotaged(string name, Action<byte[]> check) : Target(name)
{
    public override int LongestInput => 64 * 1024;

    /// <summary>One valid body to begin with, as the corpus has them.</summary>
    public static byte[][] Corpus { get; } = [Encoding.UTF8.GetBytes("""{"id":"a","app":"shop","target":"Buy Now","at":5,"properties":{"a":"b","c":[1,2]}}""")];

    public override void Check(byte[] input) => check(input);
}
