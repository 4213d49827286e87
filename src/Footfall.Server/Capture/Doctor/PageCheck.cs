namespace Footfall.Server.Capture.Doctor;

/// <summary>Whether there is a page, and where the address led.</summary>
public static class PageCheck
{
    private const string Subject = "page";

    /// <summary>Whether there is HTML to be read.</summary>
    public static bool IsHtml(Visit page) => page.Trouble is null && page.MediaType is "" or "text/html" or "application/xhtml+xml";

    /// <summary>Its HTML took too long to be read.</summary>
    public static Finding Unread(Visit page, TimeSpan bound) => Finding.Wrong(
        Subject, $"{Shown.Address(page.Url)} can't be read within {Shown.Time(bound)}: it is nested too deeply", "Give a simpler page of the site");

    /// <summary>What is to be said of it.</summary>
    public static IEnumerable<Finding> Of(Visit page)
    {
        var where = page.Redirects == 0
            ? Shown.Address(page.Url)
            : $"{Shown.Address(page.Url)}, where {Shown.Address(page.Asked[0])} leads by {Shown.Count(page.Redirects, "redirect")},";
        if (page.Trouble is { } trouble)
        {
            yield return Finding.Wrong(Subject, $"{where} can't be opened: {trouble}");
            yield break;
        }

        if (!IsHtml(page))
        {
            yield return Finding.Wrong(Subject, $"{where} is {Shown.Clean(page.MediaType)}, no page", "Give the address of a page");
            yield break;
        }

        var answers = $"{where} answers {Shown.Number((int)page.Status)}";
        yield return page.IsSuccess
            ? Finding.Ok(Subject, answers)
            : Finding.Warning(Subject, $"{answers}: what follows is of that page, which may not be the one that visitors see", "Give an address that anybody can open");
        if (page.IsCut)
        {
            yield return Finding.Warning(Subject, "The page is so long that only its beginning was read");
        }
    }
}
