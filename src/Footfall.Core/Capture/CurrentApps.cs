namespace Footfall.Capture;

/// <summary>The apps as they are configured now. They change as a whole: a request is read by one table from its start to its end.</summary>
public sealed class CurrentApps(AppTable first)
{
    private AppTable _table = first;

    /// <summary>What is in force for who asks now.</summary>
    public AppTable Table => Volatile.Read(ref _table);

    /// <summary>Puts others in force.</summary>
    public void Replace(AppTable table, TimeProvider time)
    {
        foreach (var app in table.All)
        {
            if (Table.Find(app.Utf8Name.Span) is { } earlier)
            {
                app.Limit.ContinueFrom(earlier.Limit, time);
            }
        }

        Volatile.Write(ref _table, table);
    }
}
