using Microsoft.Data.Sqlite;

namespace Footfall.Faults.Tests;

/// <summary>That a tail is torn where it may be: what was committed before is there afterwards, and what is said to be lost is.</summary>
public sealed class WalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("footfall-wal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("half", 3)]
    [InlineData("scribble", 3)]
    [InlineData("cut", 3)]
    [InlineData("last", 2)]
    public void A_torn_tail_costs_what_it_is_meant_to(string how, int left)
    {
        var file = Crashed(transactions: 3);
        var wal = Wal.Read(File.ReadAllBytes(file + "-wal"))!;
        using (var stream = new FileStream(file + "-wal", FileMode.Open))
        {
            switch (how)
            {
                case "half": wal.AppendHalfAFrame(stream, new Random(1)); break;
                case "scribble": wal.Scribble(stream, new Random(1), wal.Committed); break;
                case "cut": wal.Cut(stream, new Random(1)); break;
                default: wal.Scribble(stream, new Random(1), wal.Before + 40); break;
            }
        }

        using var connection = Open(file);
        Assert.Equal((long)left, Scalar(connection, "select count(*) from t"));
        Assert.Equal("ok", Scalar(connection, "pragma integrity_check"));
    }

    [Fact]
    public void An_empty_WAL_has_no_transaction() => Assert.Null(Wal.Read([]));

    /// <summary>A copy of the files as they are while the database is open, which is what a crash leaves.</summary>
    private string Crashed(int transactions)
    {
        var file = Path.Combine(_folder, "crashed.db");
        var open = Path.Combine(_folder, "open.db");
        using var connection = Open(open);
        Scalar(connection, "pragma journal_mode = wal");
        Scalar(connection, "create table t(x)");
        for (var i = 0; i < transactions; i++)
        {
            Scalar(connection, "insert into t values(randomblob(100))");
        }

        File.Copy(open, file);
        File.Copy(open + "-wal", file + "-wal");
        return file;
    }

    private static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
