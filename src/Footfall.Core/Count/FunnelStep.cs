using System.Text;
using Footfall.Capture;

namespace Footfall.Count;

/// <summary>
/// One step of a funnel, by its text: <c>page:/courses/*</c> is a view of such a page, <c>type:signup</c> anything of that
/// type, <c>target:view</c> anything with that target. Without one of these words before it, <c>view</c>, <c>click</c>,
/// <c>submit</c> and <c>change</c> are types, and whatever else is a target, such as <c>Enroll Now</c>.
/// </summary>
public sealed class FunnelStep
{
    private const string PagePrefix = "page:";
    private const string TypePrefix = "type:";
    private const string TargetPrefix = "target:";

    private readonly byte[]? _type;
    private readonly byte[]? _target;
    private readonly byte[]? _page;
    private readonly bool _isPageOpen; // what begins so is the page too

    /// <param name="text">As it is configured.</param>
    /// <exception cref="FormatException">It is no step; the message says why.</exception>
    public FunnelStep(string text)
    {
        Name = text;
        if (Rest(text, PagePrefix) is { } page)
        {
            _type = "view"u8.ToArray();
            _isPageOpen = page.EndsWith('*');
            var path = _isPageOpen ? page[..^1] : page;
            _page = Encoding.UTF8.GetBytes(path);
            Check(
                path.StartsWith('/') && IsText(path, CaptureLimits.PageLength),
                $"a page begins with '/' and has at most {CaptureLimits.PageLength} characters, such as page:/courses/:course or page:/courses/*");
        }
        else if (Rest(text, TypePrefix) is { } type)
        {
            _type = Encoding.UTF8.GetBytes(type);
            Check(IsText(type, CaptureLimits.TypeLength), $"a type has 1 to {CaptureLimits.TypeLength} characters");
        }
        else if (text is "view" or "click" or "submit" or "change")
        {
            _type = Encoding.UTF8.GetBytes(text);
        }
        else
        {
            var target = Rest(text, TargetPrefix) ?? text;
            _target = Encoding.UTF8.GetBytes(target);
            Check(
                IsText(target, CaptureLimits.TargetLength) && Labels.IsLabel(target, CaptureLimits.TargetLength),
                $"a target has 1 to {CaptureLimits.TargetLength} characters, single blanks, none at the ends, and no control characters");
        }
    }

    /// <summary>The label <c>step</c>: the text as it is configured.</summary>
    public string Name { get; }

    /// <summary>Whether the interaction is this step.</summary>
    public bool Matches(in LoggedInteraction interaction)
    {
        if (_target is not null)
        {
            return interaction.Target.SequenceEqual(_target);
        }

        return interaction.Type.SequenceEqual(_type)
            && (_page is null || (_isPageOpen ? interaction.Page.StartsWith(_page) : interaction.Page.SequenceEqual(_page)));
    }

    private static string? Rest(string text, string prefix) => text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : null;

    private static bool IsText(string text, int most) => text.Length > 0 && text.EnumerateRunes().Count() <= most && !text.Any(char.IsControl);

    private void Check(bool isRight, string rule)
    {
        if (!isRight)
        {
            throw new FormatException($"step '{Name}' can't be one that is counted: {rule}");
        }
    }
}
