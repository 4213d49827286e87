using System.Xml.Linq;

namespace Footfall.Hostile;

/// <summary>The JUnit file for <c>build/sum-tests.mjs</c>.</summary>
internal static class Report
{
    public static void Write(string file, IReadOnlyList<string> violations)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var test = new XElement("testcase", new XAttribute("classname", "hostile"), new XAttribute("name", "good traffic is served beside hostile, memory is bounded, nothing is lost or made up"));
        if (violations.Count > 0)
        {
            test.Add(new XElement("failure", new XAttribute("message", violations[0]), string.Join('\n', violations)));
        }

        new XDocument(new XElement("testsuites", new XElement("testsuite", new XAttribute("name", "hostile"), test))).Save(file);
    }
}
