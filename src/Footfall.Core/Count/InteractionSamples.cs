using System.Text;

namespace Footfall.Count;

/// <summary>
/// Some of an app's interactions since a commit, evenly spread: each of the first, then every second one, every fourth and
/// so on. Texts are made of those alone that are kept for the moment.
/// </summary>
public sealed class InteractionSamples
{
    /// <summary>A person can't read more in the fifth of a second between two commits.</summary>
    public const int Most = 20;

    private readonly List<SampledInteraction> _kept = [];
    private int _every = 1;
    private long _newest;

    /// <summary>How many were offered since the last <see cref="Take"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Takes note of one more.</summary>
    public void Offer(in LoggedInteraction interaction)
    {
        _newest = Math.Max(_newest, interaction.Received);
        if ((Count++ & (_every - 1)) == 0)
        {
            Keep(interaction);
        }
    }

    /// <summary>What there is, which is forgotten by it.</summary>
    public AppSamples Take(string app)
    {
        var taken = new AppSamples(app, _newest, Count, [.. _kept]);
        _kept.Clear();
        (_every, Count) = (1, 0);
        return taken;
    }

    private void Keep(in LoggedInteraction interaction)
    {
        if (_kept.Count == Most)
        {
            // Every second of the kept is what would have been kept from the beginning on.
            _every *= 2;
            for (var i = 0; i < Most / 2; i++)
            {
                _kept[i] = _kept[2 * i];
            }

            _kept.RemoveRange(Most / 2, Most / 2);
        }

        _kept.Add(new SampledInteraction(
            interaction.Received,
            Encoding.UTF8.GetString(interaction.Type),
            Encoding.UTF8.GetString(interaction.Target),
            Encoding.UTF8.GetString(interaction.Page),
            interaction.Value,
            interaction.Visitor.IsEmpty ? null : Encoding.UTF8.GetString(EndOf(interaction.Visitor))));
    }

    private static ReadOnlySpan<byte> EndOf(ReadOnlySpan<byte> utf8)
    {
        var start = utf8.Length;
        for (var characters = 0; characters < SampledInteraction.VisitorLength && start > 0; characters++)
        {
            Rune.DecodeLastFromUtf8(utf8[..start], out _, out var length);
            start -= length;
        }

        return utf8[start..];
    }
}
