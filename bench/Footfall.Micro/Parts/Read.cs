using System.Text;
using Footfall.Capture;

namespace Footfall.Micro.Parts;

/// <summary>Capture: parses, checks, cleans and writes interactions as the log keeps them, in requests of one size.</summary>
internal class Read : Part
{
    public const int Interactions = 100;

    private readonly InteractionReader _reader = new(new AppTable([new App("demo", ["https://shop.example"], [])]), TimeProvider.System);
    private readonly byte[][] _bodies;

    private protected Read(int request)
    {
        Name = $"read an interaction, {(request == 1 ? "one" : request)} a request";
        _bodies = [.. Enumerable.Range(0, Interactions / request).Select(number => Body(number, request))];
    }

    public override string Name { get; }

    public override int Operations => Interactions;

    public override ValueTask RunAsync()
    {
        foreach (var body in _bodies)
        {
            using var batch = _reader.Read(body, BodyForm.Lines, new Sender("https://shop.example"));
            if (batch.Records.IsEmpty)
            {
                throw new InvalidOperationException("The reader took nothing.");
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>As footfall.js sends them.</summary>
    private static byte[] Body(int number, int lines) => Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(number * lines, lines).Select(line =>
        $$"""{"id":"0193f1a2-7b3c-7def-8123-{{line:x12}}","app":"demo","type":"click","target":"Enroll in course {{line % 50}}","page":"/courses/{{(char)('a' + (line % 20))}}-for-beginners","visitor":"0193f1a2-7b3c-7def-9123-{{line:x12}}","view":"0193f1a2-7b3c-7def-a123-{{line:x12}}","n":{{(line % 9) + 1}},"at":1795478400000}""")));
}

/// <summary>One a request: what a request costs is in it.</summary>
internal sealed class ReadOne() : Read(1);

/// <summary>In batches.</summary>
internal sealed class ReadBatch() : Read(Interactions);
