using System.Diagnostics.CodeAnalysis;
using System.Globalization;

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

    /// <summary>Takes the arguments one by one; what takes one may ask for the next as its value.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static TOptions Take<TOptions>(string[] arguments, TOptions options, Func<TOptions, string, Func<string>, TOptions> take)
    {
        var left = new Queue<string>(arguments);
        while (left.TryDequeue(out var argument))
        {
            options = take(options, argument, () => left.TryDequeue(out var value) ? value : throw new FormatException($"{argument} wants a value"));
        }

        return options;
    }

    /// <summary>A number above 0.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
        ? number
        : throw new FormatException($"'{text}' is not a number above 0");

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
