using System.Security.Cryptography;

namespace Footfall.Server.Capture.Doctor;

/// <summary>A hash that a script has to have: one of the attribute <c>integrity</c> (https://www.w3.org/TR/sri/).</summary>
/// <param name="Algorithm">sha256, sha384 or sha512.</param>
/// <param name="Value">Base64.</param>
public readonly record struct Integrity(string Algorithm, string Value)
{
    // The stronger the later: of several, only those of the strongest kind count (SRI, 3.3.4).
    private static readonly string[] Algorithms = ["sha256", "sha384", "sha512"];

    /// <summary>Those that browsers know; what they don't, they pass over.</summary>
    public static IReadOnlyList<Integrity> Parse(string? attribute)
    {
        var hashes = new List<Integrity>();
        foreach (var token in (attribute ?? "").Split([' ', '\t', '\r', '\n', '\f'], StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = token.IndexOf('-', StringComparison.Ordinal);
            if (dash > 0 && Array.IndexOf(Algorithms, token[..dash].ToLowerInvariant()) >= 0)
            {
                hashes.Add(new Integrity(token[..dash].ToLowerInvariant(), token[(dash + 1)..].Split('?')[0]));
            }
        }

        return hashes;
    }

    /// <summary>Whether a browser that wants one of these takes the bytes. Without any it takes all.</summary>
    public static bool Fits(IReadOnlyList<Integrity> wanted, ReadOnlySpan<byte> bytes)
    {
        if (wanted.Count == 0)
        {
            return true;
        }

        var strongest = wanted.Max(hash => Array.IndexOf(Algorithms, hash.Algorithm));
        var actual = Of(Algorithms[strongest], bytes);
        return wanted.Any(hash => hash.Algorithm == actual.Algorithm && Standard(hash.Value) == actual.Value);
    }

    /// <summary>The hash that bytes have.</summary>
    public static Integrity Of(string algorithm, ReadOnlySpan<byte> bytes) => new(algorithm, Convert.ToBase64String(algorithm switch
    {
        "sha256" => SHA256.HashData(bytes),
        "sha384" => SHA384.HashData(bytes),
        _ => SHA512.HashData(bytes),
    }));

    /// <summary>Both alphabets of base64 mean the same.</summary>
    public static string Standard(string base64) => base64.Replace('-', '+').Replace('_', '/');

    /// <summary>As in the attribute.</summary>
    public override string ToString() => $"{Algorithm}-{Value}";
}
