using System.Reflection;

namespace Footfall.AspNetCore;

/// <summary>What this is.</summary>
internal static class Product
{
    /// <summary>Footfall's version.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
