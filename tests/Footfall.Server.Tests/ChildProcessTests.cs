using System.Globalization;

namespace Footfall.Server.Tests;

/// <summary>Programs that run beside Footfall: they get what they should, and never outlive it.</summary>
public sealed class ChildProcessTests : IDisposable
{
    private readonly FakeProgram _fake = new();

    private string Log => _fake.PathOf("logs/child.log");

    public void Dispose() => _fake.Dispose();

    [Fact]
    public async Task A_program_is_given_its_arguments_and_environment_and_its_output_goes_to_the_file()
    {
        var program = _fake.Write("program", """
            for argument in "$@"; do echo "[$argument]"; done
            echo "[$FAKE]"
            echo "and errors" >&2
            exec sleep 600
            """);
        string[] arguments = ["--plain", "with blanks", "$HOME `id` \"quoted\" 'x'", "", "*"];

        await using var child = ChildProcess.Start(
            "child", program, arguments, Log, new Dictionary<string, string>(StringComparer.Ordinal) { ["FAKE"] = "a value; of mine" });

        var lines = await FakeProgram.LinesAsync(Log, 7);
        Assert.Equal([.. arguments.Select(argument => $"[{argument}]"), "[a value; of mine]"], lines.Where(line => line != "and errors"));
        Assert.Contains("and errors", lines);
        Assert.False(child.HasEnded);
    }

    [Fact]
    public async Task It_ends_when_it_is_disposed_of()
    {
        var child = ChildProcess.Start("child", _fake.Write("program", "echo $$; exec sleep 600"), [], Log);
        var process = int.Parse((await FakeProgram.LinesAsync(Log, 1))[0], CultureInfo.InvariantCulture);
        Assert.True(FakeProgram.Runs(process));

        await child.DisposeAsync();

        Assert.False(FakeProgram.Runs(process));
    }

    [Fact]
    public async Task It_is_asked_to_end_and_may_say_a_last_word()
    {
        var program = _fake.Write("program", "trap 'echo saved; exit 0' TERM; echo started; while :; do sleep 0.05; done");
        var child = ChildProcess.Start("child", program, [], Log);
        await FakeProgram.LinesAsync(Log, 1);

        await child.DisposeAsync();

        Assert.Equal(["started", "saved"], await FakeProgram.LinesAsync(Log, 2));
    }

    [Fact]
    public async Task What_it_started_itself_and_left_behind_holds_up_nobody()
    {
        // It is ended while its own child runs on, which has its output open.
        var child = ChildProcess.Start("child", _fake.Write("program", "echo $$; sleep 45; echo done"), [], Log);
        await FakeProgram.LinesAsync(Log, 1);

        await child.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

        Assert.DoesNotContain("done", await FakeProgram.LinesAsync(Log, 1));
    }

    [Fact]
    public async Task It_ends_when_Footfall_dies()
    {
        var program = _fake.Write("program", "echo $$; exec sleep 600");
        using var parent = FakeProgram.StartParent(program, Log);
        var process = int.Parse((await FakeProgram.LinesAsync(Log, 1))[0], CultureInfo.InvariantCulture);
        Assert.True(FakeProgram.Runs(process));

        parent.Kill(); // SIGKILL: it can do nothing more
        await parent.WaitForExitAsync();

        await FakeProgram.EndsAsync(process);
    }

    [Theory]
    [InlineData("echo 'no such flag' >&2; exit 3")]
    [InlineData("exit 0")]
    public async Task A_program_that_ends_at_once_is_told_with_its_log(string script)
    {
        await using var child = ChildProcess.Start("Prometheus", _fake.Write("program", script), [], Log);
        await child.EndAsync(CancellationToken.None);
        Assert.True(child.HasEnded);

        var error = await Assert.ThrowsAsync<StartException>(() =>
            child.WaitForLineAsync("up", TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None));
        Assert.Equal($"Prometheus ended at once; see {Log}", error.Message);
    }

    [Fact]
    public async Task A_program_that_does_not_come_up_is_told_with_its_log_and_ended()
    {
        var time = new FakeTime();
        await using var child = ChildProcess.Start("Grafana", _fake.Write("program", "exec sleep 600"), [], Log);
        var wait = child.WaitForLineAsync("up", TimeSpan.FromSeconds(10), time, CancellationToken.None);

        await Eventually.HoldsAsync("it gives up", () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return wait.IsCompleted;
        });

        var error = await Assert.ThrowsAsync<StartException>(() => wait);
        Assert.Equal($"Grafana is not up after 10 s; see {Log}", error.Message);
    }

    [Fact]
    public async Task A_program_that_is_not_there_ends_and_its_log_says_so()
    {
        await using var child = ChildProcess.Start("child", _fake.PathOf("missing"), [], Log);
        await child.EndAsync(CancellationToken.None);

        Assert.Contains(_fake.PathOf("missing"), (await FakeProgram.LinesAsync(Log, 1))[0], StringComparison.Ordinal);
    }
}
