using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Footfall.Capture;
using Footfall.Log;
using Footfall.Server.Expose;
using Footfall.Testing;
using Microsoft.Extensions.Configuration;

namespace Footfall.Server.Tests;

/// <summary>docs/reference lists exactly what there is.</summary>
public sealed partial class ReferenceDocsTests
{
    [Fact]
    public async Task Every_metric_that_is_shown_is_listed_and_no_other()
    {
        var log = new MemoryLog();
        var spool = new MemoryLog();
        await using var spooled = new SpooledLog(
            log.OpenWriter(), new Spool(spool.OpenWriter(), spool.OpenConsumer(), StoredRecord.Restore, () => 0), _ => Task.CompletedTask,
            new SpoolOptions(), TimeProvider.System, new SilentSpool());
        await using var collector = await RunningService.CollectorAsync(spooled);
        await using var metrics = await RunningService.MetricsAsync(log.OpenConsumer());
        // With every label.
        (await collector.PostAsync("""{"app":"shop","target":"x","page":"/a","visitor":"ann","value":1}""")).Dispose();
        await Eventually.HoldsAsync("it is counted and its visitor is shown", async () =>
            await metrics.SampleAsync("""footfall_log_counted_total{partition="0"}""") == 1
            && await metrics.SampleAsync("""footfall_active_visitors{app="shop",window="1m"}""") == 1);

        Assert.Equal(FamiliesOf(await metrics.GetTextAsync("/metrics")), FamiliesOf(Table("metrics.md", "Metrics service")));
        Assert.Equal(FamiliesOf(await collector.GetTextAsync("/metrics")), FamiliesOf(Table("metrics.md", "Collector")));
    }

    [Fact]
    public void Every_key_of_the_configuration_is_listed_with_its_default_and_no_other()
    {
        var keys = KeysOf(new FootfallOptions(), "").OrderBy(key => key, StringComparer.Ordinal);
        var listed = Table("configuration.md", "Configuration").Where(row => row.Length == 3).Select(row => $"{row[0]} = {row[1]}");

        Assert.Equal(keys, listed.OrderBy(key => key, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_reason_is_listed_with_its_status_and_no_other()
    {
        Assert.Equal(
            RejectReasons.All.Select(reason => reason.Name()),
            Table("http-api.md", "Reasons for one interaction").Select(row => row[0]));
        Assert.Equal(
            Refusals.All.Select(refusal => $"{refusal.Status().ToString(CultureInfo.InvariantCulture)} {refusal.Name()}").Order(StringComparer.Ordinal),
            Table("http-api.md", "Reasons for a whole request").Select(row => $"{row[0]} {row[1]}").Order(StringComparer.Ordinal));
        Assert.Equal(
            QueryRefusals.All.Select(refusal => $"{refusal.Status().ToString(CultureInfo.InvariantCulture)} {refusal.Name()}"),
            Table("http-api.md", "Reasons for a question that is not answered").Select(row => $"{row[0]} {row[1]}"));
    }

    /// <summary>The rows of the tables under a heading, without code quotes in all cells but the last.</summary>
    private static string[][] Table(string file, string heading)
    {
        var text = File.ReadAllText(Repository.PathOf(Path.Combine("docs/reference", file)));
        var section = Heading().Split(text).SkipWhile(part => part != heading).ElementAt(1);
        var rows = section.Split('\n').Where(line => line.StartsWith('|')).Select(line =>
            line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray()).ToArray();
        // The first is the table's head, the second its rule.
        return [.. rows.Skip(2)];
    }

    private static IEnumerable<string> FamiliesOf(string[][] rows) =>
        rows.Select(row => $"{row[0]} {row[1]} {row[2].Replace("`", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal)}").Order(StringComparer.Ordinal);

    /// <summary>Name, type and labels of each family; the bucket's bound is a histogram's own matter.</summary>
    private static IEnumerable<string> FamiliesOf(string document)
    {
        var samples = document.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => Sample().Match(line)).ToArray();
        return document.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')).Select(family =>
        {
            var (name, type) = (family[2], family[3]);
            var labels = samples
                .Where(sample => sample.Groups["name"].Value == name
                    || (type == "histogram" && sample.Groups["name"].Value.StartsWith(name + "_", StringComparison.Ordinal)))
                .SelectMany(sample => sample.Groups["label"].Captures.Select(capture => capture.Value))
                .Where(label => label != "le").Distinct(StringComparer.Ordinal).ToArray();
            return $"{name} {type} {(labels.Length == 0 ? "none" : string.Join(',', labels))}";
        }).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> KeysOf(object section, string prefix)
    {
        foreach (var property in section.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null))
        {
            var key = prefix + property.Name;
            var value = property.GetValue(section);
            if (value is Dictionary<string, AppSection>)
            {
                foreach (var inner in KeysOf(new AppSection(), key + ":NAME:"))
                {
                    yield return inner;
                }
            }
            else if (value is Dictionary<string, FunnelSection>)
            {
                foreach (var inner in KeysOf(new FunnelSection(), key + ":FUNNEL:"))
                {
                    yield return inner;
                }
            }
            else if (property.PropertyType.Name.EndsWith("Section", StringComparison.Ordinal) && property.PropertyType != typeof(IConfigurationSection))
            {
                foreach (var inner in KeysOf(value!, key + ":"))
                {
                    yield return inner;
                }
            }
            else
            {
                yield return $"{key} = {Default(value)}";
            }
        }
    }

    private static readonly JsonSerializerOptions Reflection = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private static string Default(object? value) => value switch
    {
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        Enum name => $"\"{name}\"",
        _ => JsonSerializer.Serialize(value, Reflection),
    };

    [GeneratedRegex("^#+ (?<heading>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Heading();

    [GeneratedRegex("""^(?<name>\w+)(\{((?<label>\w+)="([^"\\]|\\.)*",?)*\})? """, RegexOptions.ExplicitCapture)]
    private static partial Regex Sample();
}
