using System.Text;
using Footfall.Count;
using Footfall.Log;

namespace Footfall.Capture;

/// <summary>Makes of a record's value the whole record again, as <see cref="InteractionReader"/> made it.</summary>
public static class StoredRecord
{
    /// <summary>
    /// The record that had this value, which it goes on using. A value that can't be read becomes a record without key
    /// and id, for Count to find unreadable: nothing is lost on the way.
    /// </summary>
    public static LogRecord Restore(ReadOnlyMemory<byte> value)
    {
        Span<byte> scratch = stackalloc byte[LoggedInteraction.ScratchBytes];
        if (!LoggedInteraction.TryRead(value.Span, scratch, out var interaction))
        {
            return new LogRecord(default, value, 0, default, CloudEvents.SourcePrefix, CloudEvents.TypePrefix);
        }

        var id = interaction.Id.ToArray();
        var key = interaction.Visitor.IsEmpty ? interaction.View : interaction.Visitor;
        return new LogRecord(
            key.IsEmpty ? id : key.ToArray(),
            value,
            interaction.Received,
            id,
            CloudEvents.SourcePrefix + Encoding.UTF8.GetString(interaction.App),
            CloudEvents.TypePrefix + Encoding.UTF8.GetString(interaction.Type));
    }
}
