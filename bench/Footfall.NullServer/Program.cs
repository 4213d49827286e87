// footfall-null ADDRESS: reads what is posted, answers 202 and does nothing; or gives back bytes that were put there.
using System.Runtime;

GCSettings.LatencyMode = GCLatencyMode.Batch; // as src/Footfall.Server has it
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls(args[0]);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
await using var app = builder.Build();
var page = Array.Empty<byte>();

app.MapGet("/health/ready", () => "ready\n");
app.MapPost("/v1/interactions", async (HttpRequest request) =>
{
    while (true)
    {
        var read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
        request.BodyReader.AdvanceTo(read.Buffer.End);
        if (read.IsCompleted)
        {
            return TypedResults.StatusCode(StatusCodes.Status202Accepted);
        }
    }
});
app.MapPut("/page", async (HttpRequest request) =>
{
    using var bytes = new MemoryStream();
    await request.Body.CopyToAsync(bytes, request.HttpContext.RequestAborted);
    page = bytes.ToArray();
});
app.MapGet("/page", async (HttpResponse response) =>
{
    response.ContentLength = page.Length;
    await response.Body.WriteAsync(page, response.HttpContext.RequestAborted);
});
await app.RunAsync();
