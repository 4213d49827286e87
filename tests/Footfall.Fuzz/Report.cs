using System.Xml.Linq;

namespace Footfall.Fuzz;

/// <summary>The JUnit file for <c>build/sum-tests.mjs</c>.</summary>
internal static class Report
{
    public static void Write(string file, IEnumerable<TargetResult> results)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var tests = results.Select(result => new XElement(
            "testcase",
            new XAttribute("classname", "fuzz"),
            new XAttribute("name", $"{result.Name} keeps its promises for any bytes"),
            result.Found.Length == 0 ? null : new XElement("failure", new XAttribute("message", Printable(result.Found[0].Split('\n')[0])), Printable(string.Join("\n\n", result.Found)))));
        new XDocument(new XElement("testsuites", new XElement("testsuite", new XAttribute("name", "fuzz"), tests))).Save(file);
    }

    /// <summary>XML has not all characters that inputs have.</summary>
    private static string Printable(string text) => new([.. text.Select(c => c == '\n' || (c >= ' ' && c < '\uD800') ? c : '\u00b7')]);
}
