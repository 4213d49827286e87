using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Footfall.Micro.Parts;
using Footfall.Testing;

namespace Footfall.Micro;

/// <summary>
/// What an operation of each part may allocate, in bytes: <c>bench/budgets.json</c>. Times are no budget, since they are the
/// machine's; bytes are the code's.
/// </summary>
internal static class Budgets
{
    private const int Repeats = 3;         // the least counts: what is compiled or grown once is in the first
    private const int LeastOperations = 2_000;

    /// <returns>The exit code.</returns>
    /// <param name="report">Where a JUnit file is written; null: nowhere.</param>
    public static async Task<int> CheckAsync(string? report)
    {
        var file = Path.Combine(Here.Repository, "bench", "budgets.json");
        var budgets = JsonSerializer.Deserialize<Dictionary<string, double>>(await File.ReadAllTextAsync(file))!;
        var tests = new List<XElement>();
        tests.Add(await TestAsync(new Wasteful(), 0, isOver: true)); // that the others could fail
        foreach (var make in (Func<Part>[])[() => new ReadOne(), () => new ReadBatch(), () => new Append(), () => new Fold(), () => new Window(), () => new ExposeMany()])
        {
            using var part = make();
            if (!budgets.Remove(part.Name, out var budget))
            {
                throw new InvalidOperationException($"{file} has no budget for '{part.Name}'.");
            }

            tests.Add(await TestAsync(part, budget, isOver: false));
        }

        if (budgets.Count > 0)
        {
            throw new InvalidOperationException($"{file} has a budget for what is not measured: {string.Join(", ", budgets.Keys)}");
        }

        if (report is not null)
        {
            new XDocument(new XElement("testsuites", new XElement("testsuite", new XAttribute("name", "budgets"), tests))).Save(report);
        }

        return tests.Exists(test => test.HasElements) ? 1 : 0;
    }

    private static async Task<XElement> TestAsync(Part part, double budget, bool isOver)
    {
        var bytes = Math.Round(await MeasureAsync(part), 1);
        var test = new XElement("testcase", new XAttribute("classname", "budgets"), new XAttribute("name", part.Name));
        var text = string.Create(CultureInfo.InvariantCulture, $"{part.Name}: {bytes:0.#} bytes allocated, of {budget:0.#}");
        var isRight = bytes > budget == isOver;
        Console.WriteLine($"{(isRight ? "  " : "OVER ")}{text}");
        if (!isRight)
        {
            test.Add(new XElement("failure", new XAttribute("message", $"over its budget in bench/budgets.json: {text}")));
        }

        return test;
    }

    /// <summary>For one operation, by all threads: the log has one of its own.</summary>
    private static async Task<double> MeasureAsync(Part part)
    {
        var runs = (LeastOperations + part.Operations - 1) / part.Operations;
        runs = part.Operations == 1 ? 10 : runs; // a document is many operations
        var least = double.MaxValue;
        for (var repeat = 0; repeat <= Repeats; repeat++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var run = 0; run < runs; run++)
            {
                await part.RunAsync();
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)(runs * part.Operations));
        }

        return least;
    }

    private sealed class Wasteful : Part
    {
        private object _kept = new();

        public override string Name => "what allocates is seen";

        public override int Operations => 1_000;

        public override ValueTask RunAsync()
        {
            for (var i = 0; i < Operations; i++)
            {
                _kept = new object[1] { _kept is string ? _kept : "" };
            }

            return ValueTask.CompletedTask;
        }
    }
}
