using System.Diagnostics.CodeAnalysis;

namespace Footfall.Testing;

/// <summary>How the programs begin that are run by hand, and by the parts of <c>./test</c> that are no unit tests.</summary>
public static class Tool
{
    /// <summary>The exit code of one that can't do what it is told.</summary>
    public const int Misused = 2;

    /// <summary>False where the command line can't be read, which is told.</summary>
    public static bool TryRead<TOptions>(string[] arguments, Func<string[], TOptions> read, string usage, [NotNullWhen(true)] out TOptions? options)
        where TOptions : class
    {
        try
        {
            options = read(arguments);
            return true;
        }
        catch (FormatException error)
        {
            Console.Error.WriteLine($"{error.Message}\n{usage}");
            options = null;
            return false;
        }
    }

    /// <summary>False where Footfall is not built, which is told.</summary>
    public static bool HasFootfall()
    {
        if (File.Exists(Here.Footfall))
        {
            return true;
        }

        Console.Error.WriteLine($"There is no {Here.Footfall}: dotnet build src/Footfall.Server -c Release, or name it in FOOTFALL_EXE");
        return false;
    }
}
