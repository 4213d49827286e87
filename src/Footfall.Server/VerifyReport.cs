using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Footfall.Log.Sqlite;
using Footfall.Server.Count;
using Spectre.Console;

namespace Footfall.Server;

/// <summary>What <c>footfall verify</c> found, for people or as JSON.</summary>
public sealed partial class VerifyReport(IReadOnlyList<RecountedPartition> partitions, TimeSpan took)
{
    /// <summary>As many rows as a person reads; the largest differences come first.</summary>
    private const int MostRows = 50;

    private readonly IReadOnlyList<Difference> _differences =
        [.. partitions.SelectMany(Verification.Of).OrderByDescending(difference => Math.Abs(difference.Surplus))];

    /// <summary>Whether every total is what the log says.</summary>
    public bool IsEqual => _differences.Count == 0;

    private int NotCompared => partitions.Sum(NotComparedOf);

    private bool IsPartitioned => partitions.Count > 1;

    /// <summary>Writes it to the standard output.</summary>
    public void Write(bool isJson)
    {
        if (isJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new Told(IsEqual, took.TotalSeconds, _differences, [.. partitions.Select(ToldPartition.Of)]), ReportJson.ForPeople.Told));
            return;
        }

        // First, since it is often why totals differ.
        foreach (var partition in partitions)
        {
            WriteLost(partition);
        }

        if (AnsiConsole.Profile.Out.IsTerminal)
        {
            WriteTable();
        }
        else
        {
            foreach (var difference in _differences.Take(MostRows))
            {
                Console.WriteLine($"{Name(difference)}: {Number(difference.Committed)} committed, {Number(difference.Recounted)} recounted, difference {Signed(difference.Surplus)}");
            }
        }

        if (_differences.Count > MostRows)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"and {_differences.Count - MostRows:N0} more"));
        }

        Console.WriteLine(Summary());
        if (NotCompared > 0)
        {
            Console.WriteLine(NotCompared == 1 ? "1 total of a funnel is not recounted" : $"{Number(NotCompared)} totals of funnels are not recounted");
        }
    }

    private void WriteTable()
    {
        if (IsEqual)
        {
            return;
        }

        var table = new Table().RoundedBorder().AddColumn("Total");
        foreach (var column in (string[])["Committed", "Recounted", "Difference"])
        {
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
        }

        foreach (var difference in _differences.Take(MostRows))
        {
            table.AddRow(
                Markup.Escape(Name(difference)), Number(difference.Committed), Number(difference.Recounted), $"[bold]{Signed(difference.Surplus)}[/]");
        }

        AnsiConsole.Write(table);
    }

    private void WriteLost(RecountedPartition partition)
    {
        var of = Of(partition.Partition);
        if (partition.Gone > 0)
        {
            Console.WriteLine($"{of}{Positions(new(0, partition.Gone - 1))} gone: {(partition.Gone == 1 ? "its" : "their")} share can't be recounted");
        }

        foreach (var range in partition.Missing.Take(MostRows))
        {
            Console.WriteLine($"{of}{Positions(range)} missing");
        }

        var listed = partition.Missing.Take(MostRows).Sum(range => range.Count);
        if (partition.MissingCount > listed)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{of}and {partition.MissingCount - listed:N0} more positions are missing"));
        }
    }

    private string Summary()
    {
        var records = partitions.Sum(partition => partition.Records);
        var series = partitions.SelectMany(partition => partition.Totals).Where(total => total.Committed != 0).Select(total => total.Series).Distinct().Count();
        var first = IsEqual ? "All equal" : _differences.Count == 1 ? "1 difference" : string.Create(CultureInfo.InvariantCulture, $"{_differences.Count:N0} differences");
        var ranges = partitions.Where(partition => partition.Position > partition.First)
            .Select(partition => string.Create(CultureInfo.InvariantCulture, $"{Of(partition.Partition)}{partition.First:N0} to {partition.Position - 1:N0}")).ToArray();
        var positions = ranges.Length == 0 ? "nothing has been counted yet" : $"positions {string.Join(", ", ranges)}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{first}: {records:N0} records, {series:N0} totals, {partitions.Count} partition{(IsPartitioned ? "s" : "")}, {positions}, {took.TotalSeconds:0.0} s");
    }

    private static int NotComparedOf(RecountedPartition partition) =>
        partition.Totals.Count(total => total.Series.Kind == Verification.Funnel && total.Committed != 0);

    private string Name(Difference difference)
    {
        var series = difference.Series;
        var of = IsPartitioned ? string.Create(CultureInfo.InvariantCulture, $" (partition {difference.Partition})") : "";
        return series.Kind == Verification.Written
            ? $"all that was made of the records{of}"
            : series + of;
    }

    private string Of(int partition) => IsPartitioned ? string.Create(CultureInfo.InvariantCulture, $"partition {partition}: ") : "";

    private static string Positions(PositionRange range) => range.Count == 1
        ? string.Create(CultureInfo.InvariantCulture, $"position {range.First:N0} is")
        : string.Create(CultureInfo.InvariantCulture, $"positions {range.First:N0} to {range.Last:N0} are");

    private static string Number(decimal value) => value.ToString("#,0.######", CultureInfo.InvariantCulture);

    private static string Signed(decimal value) => value.ToString("+#,0.######;-#,0.######;0", CultureInfo.InvariantCulture);

    internal sealed record Told(bool Equal, double Seconds, IReadOnlyList<Difference> Differences, IReadOnlyList<ToldPartition> Partitions);

    internal sealed record ToldPartition(
        int Partition, long First, long Position, long Records, long Gone, IReadOnlyList<PositionRange> Missing, long MissingCount, int Totals, int NotRecounted)
    {
        public static ToldPartition Of(RecountedPartition partition) => new(
            partition.Partition,
            partition.First,
            partition.Position,
            partition.Records,
            partition.Gone,
            partition.Missing,
            partition.MissingCount,
            partition.Totals.Count(total => total.Committed != 0),
            NotComparedOf(partition));
    }

    [JsonSerializable(typeof(Told))]
    internal sealed partial class ReportJson : JsonSerializerContext
    {
        /// <summary>Series are read by people: what JSON need not escape is not.</summary>
        public static ReportJson ForPeople { get; } = new(new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            WriteIndented = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });
    }
}
