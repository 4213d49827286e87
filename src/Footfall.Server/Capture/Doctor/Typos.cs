namespace Footfall.Server.Capture.Doctor;

/// <summary>Names that somebody may have meant.</summary>
public static class Typos
{
    /// <summary>More changes than these make another word.</summary>
    private const int MaxChanges = 2;

    /// <summary>Longer ones are no typos, and would take long to compare.</summary>
    private const int MaxLength = 40;

    /// <summary>Whether a few letters put in, taken out or changed make one of the other, and not most of it.</summary>
    public static bool AreNear(string written, string known) =>
        written.Length <= MaxLength
        && (written.StartsWith(known, StringComparison.Ordinal) || Changes(written, known) <= Math.Min(MaxChanges, (known.Length - 1) / 2));

    /// <summary>Levenshtein's distance, a row at a time.</summary>
    private static int Changes(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
