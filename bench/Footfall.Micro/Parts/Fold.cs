using Footfall.Bench;
using Footfall.Count;
using Footfall.Log;

namespace Footfall.Micro.Parts;

/// <summary>Count: applies records of series that are known already, none of them a repeat within the window.</summary>
internal sealed class Fold : Part
{
    public const int Records = 100_000;

    private const int ReadAtOnce = 1_000;
    private const int Window = Records / 2; // each record has left it before it comes again

    private readonly PartitionCount _partition = new(0, Checkpoint.None, new CountOptions { DuplicateWindowIds = Window }, new SipHash(1, 2));
    private readonly byte[][] _records;
    private readonly LoggedRecord[] _read = new LoggedRecord[ReadAtOnce];
    private long _position;

    public Fold()
    {
        var interactions = new Interactions();
        _records = new byte[Records][];
        for (var made = 0; made < Records;)
        {
            using var next = interactions.Next(Interactions.Request, DateTimeOffset.UnixEpoch.AddYears(50));
            foreach (var record in next.Records.Span)
            {
                _records[made++] = record.Value.ToArray();
            }
        }
    }

    public override string Name => "fold an interaction of a known series";

    public override int Operations => Records;

    public override ValueTask RunAsync()
    {
        for (var start = 0; start < Records; start += ReadAtOnce)
        {
            for (var i = 0; i < ReadAtOnce; i++)
            {
                _read[i] = new LoggedRecord(_position++, _records[start + i]);
            }

            _partition.Apply(_read);
        }

        _partition.Received.Clear();
        return ValueTask.CompletedTask;
    }
}
