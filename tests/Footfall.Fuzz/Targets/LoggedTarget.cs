using System.Text.Unicode;
using Footfall.Capture;
using Footfall.Count;

namespace Footfall.Fuzz.Targets;

/// <summary>A record of the log, which others may have written.</summary>
internal sealed class LoggedTarget() : Target("logged")
{
    /// <summary>Nothing is allocated but where an exception says that it is no interaction, at most once and once more for half a surrogate pair in each text.</summary>
    private static readonly Bounds Bounds = new(
        BytesAByte: 96, BytesAnEvent: 0, BytesAlways: 64 * 1024,
        AByte: TimeSpan.FromMicroseconds(1), AnEvent: TimeSpan.Zero, Always: TimeSpan.FromMilliseconds(20));

    public override void Check(byte[] input)
    {
        Span<byte> scratch = stackalloc byte[LoggedInteraction.ScratchBytes];
        if (LoggedInteraction.TryRead(input, scratch, out var interaction))
        {
            CheckText(interaction.Id, isNeeded: true);
            CheckText(interaction.App, isNeeded: true);
            CheckText(interaction.Type, isNeeded: true);
            CheckText(interaction.Target, isNeeded: false);
            CheckText(interaction.Page, isNeeded: false);
            CheckText(interaction.Visitor, isNeeded: false);
            CheckText(interaction.View, isNeeded: false);
            BrokenPromise.Unless(interaction.Received is >= 0 and <= uint.MaxValue * 1000L && interaction.Number >= 0, "a number out of its bounds");
            BrokenPromise.Unless(interaction.Value is null or (>= 0 and <= CaptureLimits.Value), "a value out of its bounds");
            var restored = StoredRecord.Restore(input);
            BrokenPromise.Unless(restored.Id.Span.SequenceEqual(interaction.Id) && restored.Time == interaction.Received, "it is another one when it comes out of the spool");
        }
        else
        {
            BrokenPromise.Unless(StoredRecord.Restore(input).Value.Span.SequenceEqual(input), "what can't be read is lost in the spool");
        }

        Bounds.Check(
            () =>
            {
                Span<byte> again = stackalloc byte[LoggedInteraction.ScratchBytes];
                LoggedInteraction.TryRead(input, again, out _);
            },
            input.Length,
            events: 0);
    }

    private static void CheckText(ReadOnlySpan<byte> text, bool isNeeded) => BrokenPromise.Unless(
        (!isNeeded || !text.IsEmpty) && text.Length <= LoggedInteraction.MaxFieldBytes && Utf8.IsValid(text) && !text.Contains((byte)0), "a text that can't be a label");
}
