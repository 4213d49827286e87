using Spectre.Console;
using Spectre.Console.Rendering;

namespace Footfall.Server.Expose.Top;

/// <summary>
/// One line of a screen, of pieces that are there whole or not at all: a number that is cut would be another.
/// </summary>
/// <param name="cutsFirst">Whether the first piece, a name as a rule, is cut where even that has no room.</param>
internal sealed class Line(bool cutsFirst = true) : Renderable
{
    private const string Cut = "…";

    private readonly List<Segment[]> _pieces = [];

    /// <summary>Adds a piece; each of its parts has a style as in markup (<c>bold green</c>), "" for none.</summary>
    public Line Add(params (string Text, string Style)[] parts)
    {
        _pieces.Add([.. parts.Where(part => part.Text.Length > 0).Select(part => new Segment(part.Text, part.Style.Length == 0 ? Style.Plain : Style.Parse(part.Style)))]);
        return this;
    }

    /// <summary>How many columns a text takes.</summary>
    public static int Width(string text) => text.Length == 0 ? 0 : Segment.CellCount([new Segment(text)]);

    /// <summary>A name in at most so many columns.</summary>
    public static string Fit(string text, int width)
    {
        if (Width(text) <= width)
        {
            return text;
        }

        return width <= 1 ? Cut[..Math.Max(0, width)] : string.Concat(Segment.Truncate([new Segment(text)], width - 1).Select(segment => segment.Text)) + Cut;
    }

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var left = maxWidth;
        for (var i = 0; i < _pieces.Count; i++)
        {
            var width = Segment.CellCount(_pieces[i]);
            if (width <= left)
            {
                left -= width;
                foreach (var segment in _pieces[i])
                {
                    yield return segment;
                }

                continue;
            }

            if (i == 0 && cutsFirst)
            {
                foreach (var segment in Segment.Truncate(_pieces[i], Math.Max(0, left - 1)))
                {
                    left -= segment.CellCount();
                    yield return segment;
                }
            }

            if (left > 0)
            {
                yield return new Segment(Cut);
            }

            break;
        }

        yield return Segment.LineBreak;
    }
}
