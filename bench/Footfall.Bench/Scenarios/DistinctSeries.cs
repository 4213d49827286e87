using System.Globalization;
using System.Text;
using Footfall.Capture;

namespace Footfall.Bench.Scenarios;

/// <summary>Interactions each of which has a series of its own.</summary>
internal static class DistinctSeries
{
    private const int Request = 1_000;

    /// <summary>The app that they are of.</summary>
    public const string App = "demo";

    public static IEnumerable<CapturedBatch> Batches(int count, TimeProvider time)
    {
        var reader = new InteractionReader(new AppTable([new App(App, [], [])]), time);
        for (var first = 0; first < count; first += Request)
        {
            var body = new StringBuilder();
            for (var number = first; number < Math.Min(first + Request, count); number++)
            {
                body.Append(CultureInfo.InvariantCulture, $$"""{"id":"{{Guid.CreateVersion7(time.GetUtcNow())}}","target":"Enroll in course {{number / 20}}","page":"/courses/{{(char)('a' + (number % 20))}}-for-beginners","visitor":"{{number}}"}{{'\n'}}""");
            }

            yield return reader.Read(Encoding.UTF8.GetBytes(body.ToString()), BodyForm.Lines, default);
        }
    }
}
