namespace Footfall.Server.Tests;

/// <summary>One <c>footfall up</c> a data directory.</summary>
public sealed class DataDirectoryTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("footfall-data-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void It_is_made_where_it_is_not_and_belongs_to_one_at_a_time()
    {
        var data = Path.Combine(_directory, "new", "data");
        using (DataDirectory.Take(data))
        {
            var error = Assert.Throws<StartException>(() => DataDirectory.Take(data));
            Assert.StartsWith($"another Footfall runs on the data in {data}", error.Message, StringComparison.Ordinal);
        }

        DataDirectory.Take(data).Dispose();
    }

    [Fact]
    public void What_is_no_directory_is_told()
    {
        var file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");
        var error = Assert.Throws<StartException>(() => DataDirectory.Take(file));
        Assert.StartsWith($"the data directory {file} can't be used", error.Message, StringComparison.Ordinal);
    }
}
