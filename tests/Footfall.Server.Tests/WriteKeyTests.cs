using System.Net;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>How a request shows its write key, and what becomes of one that does not.</summary>
public sealed class WriteKeyTests
{
    private const string Body = """{"target":"Buy Now"}""";

    [Theory]
    [InlineData("/v1/interactions?key=shop-key-0123456789", null)]
    [InlineData("/v1/interactions", "Bearer shop-key-0123456789")]
    [InlineData("/v1/interactions", "bearer shop-key-0123456789")]
    [InlineData("/v1/interactions", "Basic c2hvcC1rZXktMDEyMzQ1Njc4OTo=")] // shop-key-0123456789:
    [InlineData("/v1/interactions?key=shop-key-0123456789", "Bearer somebody-elses-0123456789")]
    public async Task A_key_is_shown_in_the_query_as_a_token_or_as_a_user(string path, string? authorization)
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Given.WithKey);
        using var answer = await collector.PostToAsync(path, Body, authorization is null ? [] : [("Authorization", authorization)]);

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(1, await collector.SampleAsync("""footfall_accepted_total{app="shop"}"""));
    }

    [Theory]
    [InlineData("/v1/interactions?key=shop-key-012345678", null)]
    [InlineData("/v1/interactions?key=", null)]
    [InlineData("/v1/interactions?key=shop-key-0123456789&key=shop-key-0123456789", null)]
    [InlineData("/v1/interactions", "Bearer")]
    [InlineData("/v1/interactions", "Bearer other-key-0123456789")]
    [InlineData("/v1/interactions", "Basic")]
    [InlineData("/v1/interactions", "Basic c2hvcC1rZXk6")]
    [InlineData("/v1/interactions", "Basic not base64")]
    public async Task Another_key_is_401_and_told_to_no_log_and_no_metric(string path, string? authorization)
    {
        var log = new MemoryLog();
        await using var collector = await RunningService.CollectorAsync(log.OpenWriter(), Given.WithKey);
        using var answer = await collector.PostToAsync(path, """{"app":"shop","target":"Buy Now"}""", authorization is null ? [] : [("Authorization", authorization)]);

        Assert.Equal(
            """
            401
            Content-Type: application/problem+json
            WWW-Authenticate: Bearer

            {"type":"https://tools.ietf.org/html/rfc9110#section-15.5.2","title":"The write key is missing or wrong.","status":401,"reason":"invalid_key","rejected":[
            {"index":0,"reason":"invalid_key","detail":"the write key is not the app's (or is missing, and the app has one)"}]}
            """,
            await RunningService.WholeAsync(answer));
        Assert.Equal(0, log.End(0));
        Assert.Equal(1, await collector.SampleAsync("""footfall_rejected_total{app="shop",reason="invalid_key"}"""));
        Assert.Equal(1, await collector.SampleAsync("""footfall_refused_requests_total{reason="invalid_key"}"""));
        Assert.DoesNotContain("key-0", await collector.GetTextAsync("/metrics") + await collector.GetTextAsync("/metrics/runtime"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_batch_for_several_apps_each_interaction_needs_its_own_apps_key()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Given.WithKey);
        using var answer = await collector.PostAsync("""[{"app":"shop","target":"a"},{"app":"blog","target":"b"}]""");

        Assert.Equal(
            """
            202
            Content-Type: application/json

            {"accepted":1,"rejected":[
            {"index":0,"reason":"invalid_key","detail":"the write key is not the app's (or is missing, and the app has one)"}]}
            """,
            await RunningService.WholeAsync(answer));
    }

    [Fact]
    public async Task Where_no_app_has_a_key_a_proxys_own_credentials_do_no_harm()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter());
        using var answer = await collector.PostToAsync("/v1/interactions", Given.Click("1"), ("Authorization", "Basic cHJveHk6c2VjcmV0"));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }
}
