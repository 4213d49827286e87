using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Footfall.Testing;

namespace Footfall.Fuzz;

/// <summary>An input that broke something, made small.</summary>
internal sealed partial record Found(string Target, byte[] Input, string Error)
{
    /// <summary>What is the same mistake: of the same exception, at the same place.</summary>
    public static string KindOf(Exception error)
    {
        var frame = new StackTrace(error).GetFrames().Select(frame => frame.GetMethod()).FirstOrDefault(method => method?.DeclaringType?.Namespace?.StartsWith("Footfall", StringComparison.Ordinal) == true);
        return error is BrokenPromise
            ? Number().Replace(Quoted().Replace(error.Message, "''"), "#")
            : $"{error.GetType().Name} {frame?.DeclaringType?.Name}.{frame?.Name}";
    }

    /// <summary>Writes the input to a file, and says what it did and how to do it again.</summary>
    public string Tell()
    {
        var folder = Path.Combine("artifacts", "fuzz", Target);
        var file = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Input))[..12]);
        Directory.CreateDirectory(Path.Combine(Here.Repository, folder));
        File.WriteAllBytes(Path.Combine(Here.Repository, file), Input);
        var shown = Encoding.UTF8.GetString(Input.AsSpan(0, Math.Min(Input.Length, 300)));
        return $"{Target}: {Error}\n{Input.Length} bytes: {new string([.. shown.Select(c => char.IsControl(c) && c != '\n' ? '\u00b7' : c)])}\nagain: ./test fuzz --replay {file}";
    }

    [GeneratedRegex("[0-9.]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();

    [GeneratedRegex("'[^']*'", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quoted();
}
