using System.Net;
using System.Text;
using Footfall.Expose;
using Footfall.Server.Expose;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>Who may look at the metrics service.</summary>
public sealed class ExposeAccessTests
{
    private const string Token = "a-token-0123456789";

    private static readonly ExposeSection Both = Given.TwoApps.Expose with { BearerToken = Token, BasicUser = "ann", BasicPassword = "pass:wörd" };

    [Theory]
    [InlineData("/")]
    [InlineData("/api/v1/totals")]
    [InlineData("/api/v1/series")]
    [InlineData("/api/v1/live")]
    [InlineData("/metrics")]
    [InlineData("/metrics/runtime")]
    [InlineData("/docs")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/healthy")]
    [InlineData("/none")]
    public async Task Nothing_is_shown_to_who_does_not_say_who_they_are(string path)
    {
        await using var metrics = await StartAsync(Both);
        using var answer = await metrics.GetAsync(path);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(["Basic realm=\"Footfall\", charset=\"UTF-8\"", "Bearer"], answer.Headers.GetValues("WWW-Authenticate"));
    }

    [Theory]
    [InlineData("Bearer a-token-0123456789", 200)]
    [InlineData("bearer a-token-0123456789", 200)]
    [InlineData("Bearer a-token-0123456780", 401)]
    [InlineData("Bearer", 401)]
    [InlineData("Bearer ", 401)]
    [InlineData("a-token-0123456789", 401)]
    [InlineData("Basic ann:pass:wörd", 200)]
    [InlineData("BASIC ann:pass:wörd", 200)]
    [InlineData("Basic ann:pass", 401)]
    [InlineData("Basic :pass:wörd", 401)]
    [InlineData("Basic a-token-0123456789:", 401)]
    public async Task Who_says_it_sees_all(string said, int status)
    {
        await using var metrics = await StartAsync(Both);
        if (said.StartsWith("basic ", StringComparison.OrdinalIgnoreCase))
        {
            said = said[..6] + Convert.ToBase64String(Encoding.UTF8.GetBytes(said[6..]));
        }

        foreach (var path in new[] { "/api/v1/totals", "/metrics" })
        {
            using var answer = await metrics.GetAsync(path, ("Authorization", said));
            Assert.Equal(status, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task What_is_no_base64_is_nobody()
    {
        await using var metrics = await StartAsync(Both);
        using var answer = await metrics.GetAsync("/metrics", ("Authorization", "Basic %%%"));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Health_is_told_to_all_and_only_what_is_configured_is_asked_for()
    {
        await using var metrics = await StartAsync(Given.TwoApps.Expose with { BearerToken = Token });
        using var live = await metrics.GetAsync("/health/live");
        Assert.NotEqual(HttpStatusCode.Unauthorized, live.StatusCode);
        using var refused = await metrics.GetAsync("/metrics", ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("ann:"))));
        Assert.Equal(["Bearer"], refused.Headers.GetValues("WWW-Authenticate"));

        await using var open = await RunningService.MetricsAsync(new MemoryLog().OpenConsumer());
        Assert.Equal(HttpStatusCode.OK, (await open.GetAsync("/metrics")).StatusCode);
    }

    [Theory]
    [InlineData("short", null, null, "Expose:BearerToken must have 16 to 200 characters, of letters, digits and -._~+/=")]
    [InlineData("0123456789 0123456789", null, null, "Expose:BearerToken must have 16 to 200 characters, of letters, digits and -._~+/=")]
    [InlineData(null, "ann", null, "Expose:BasicUser and Expose:BasicPassword must both be there, or neither")]
    [InlineData(null, null, "secret-123", "Expose:BasicUser and Expose:BasicPassword must both be there, or neither")]
    [InlineData(null, "a:b", "secret-123", "Expose:BasicUser must have 1 to 100 characters, no colon and no control characters")]
    [InlineData(null, "ann", "secret", "Expose:BasicPassword must have 8 to 200 characters, no control characters")]
    public void What_is_no_secret_is_told_without_it(string? token, string? user, string? password, string error)
    {
        var options = Given.TwoApps with { Expose = Given.TwoApps.Expose with { BearerToken = token, BasicUser = user, BasicPassword = password } };
        Assert.Equal([error], OptionsReader.Check(options));
        Assert.DoesNotContain("secret", options.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Token, null, "    authorization:\n      credentials_file: \"")]
    [InlineData(null, "ann", "    basic_auth:\n      username: \"ann\"\n      password_file: \"")]
    public async Task Prometheus_beside_it_is_given_the_secret_in_a_file_of_its_own(string? token, string? user, string expected)
    {
        var folder = Directory.CreateTempSubdirectory("footfall-test-").FullName;
        try
        {
            var yml = Path.Combine(folder, "prometheus.yml");
            await File.WriteAllBytesAsync(yml, EmbeddedFile.Read(typeof(PrometheusServer).Assembly, "deploy/prometheus/prometheus.yml"));
            var access = new ExposeSection { BearerToken = token, BasicUser = user, BasicPassword = user is null ? null : "secret-123" };
            await PrometheusServer.AllowAsync(folder, access, CancellationToken.None);

            var text = await File.ReadAllTextAsync(yml);
            Assert.Equal(2, text.Split("job_name: footfall-metrics\n" + expected).Length);
            Assert.Equal(2, text.Split("job_name: footfall-runtime\n" + expected).Length);
            Assert.DoesNotContain("secret-123", text, StringComparison.Ordinal);
            var secret = Path.Combine(folder, "metrics.secret");
            Assert.Equal(token ?? "secret-123", await File.ReadAllTextAsync(secret));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<RunningService> StartAsync(ExposeSection expose) =>
        RunningService.MetricsAsync(new MemoryLog().OpenConsumer(), Given.TwoApps with { Expose = expose });
}
