using System.ComponentModel;
using System.Text.Json.Nodes;
using Footfall.AspNetCore.Capture;
using Footfall.Capture;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Footfall.Server.Capture;

/// <summary>An interaction as it is sent; only for the API's description, since bodies are read as bytes.</summary>
/// <param name="Id">Up to 100 characters; app and id together count once. Without one the collector makes it, and a repeat counts again.</param>
/// <param name="App">The app; may be left out where there is only one.</param>
/// <param name="Type">click, view, submit, change, or the site's own.</param>
/// <param name="Target">What was acted on. May be left out for a view or leave.</param>
/// <param name="Page">A path or URL; query and fragment are dropped, identifiers become :id.</param>
/// <param name="Visitor">A random id.</param>
/// <param name="Session">A random id.</param>
/// <param name="At">ISO 8601 with an offset, or Unix milliseconds; by default, now.</param>
/// <param name="Value">From 0 to a billion, such as a price; kept to 6 decimals.</param>
/// <param name="Properties">Flat: up to 30 texts (up to 500 characters), numbers, booleans and nulls.</param>
public sealed record Interaction(
    [property: Description("Up to 100 characters; app and id together count once. Without one the collector makes it, and a repeat counts again.")] string? Id,
    [property: Description("The app; may be left out where there is only one.")] string? App,
    [property: Description("click (the default), view, submit, change, or the site's own.")] string? Type,
    [property: Description("What was acted on, such as \"Buy Now\". May be left out for a view or leave.")] string? Target,
    [property: Description("A path or URL; query and fragment are dropped, identifiers become :id.")] string? Page,
    [property: Description("A random id.")] string? Visitor,
    [property: Description("A random id.")] string? Session,
    [property: Description("ISO 8601 with an offset, or Unix milliseconds; by default, now.")] object? At,
    [property: Description("From 0 to a billion, such as a price; kept to 6 decimals.")] decimal? Value,
    [property: Description("Flat: up to 30 texts (up to 500 characters), numbers, booleans and nulls.")] Dictionary<string, object?>? Properties);

/// <summary>What <c>/openapi/v1.json</c> says of the whole.</summary>
public static class ApiDescription
{
    /// <summary>Title, version and purpose, and the closed lists of reasons.</summary>
    public static void Describe(OpenApiOptions options) => options
        .AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Footfall collector";
            document.Info.Version = ServiceHost.Version;
            document.Info.Description = "Takes what people do on a web application: clicks, views, and what else the site sends.";
            return Task.CompletedTask;
        })
        .AddOperationTransformer((operation, context, cancellationToken) =>
            context.Description.ActionDescriptor.EndpointMetadata.OfType<DescribedBody>().FirstOrDefault() switch
            {
                null => Task.CompletedTask,
                { Specification: { } specification } => DescribeBody(operation, specification),
                _ => DescribeBodyAsync(operation, context, cancellationToken),
            })
        .AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonPropertyInfo is { Name: "reason" } property && property.DeclaringType == typeof(RejectedInteraction))
            {
                schema.Enum = Names(RejectReasons.All.Select(reason => reason.Name()));
            }
            else if (context.JsonTypeInfo.Type == typeof(ProblemDetails))
            {
                schema.Properties?.Add("reason", new OpenApiSchema { Type = JsonSchemaType.String, Enum = Names(Refusals.All.Select(refusal => refusal.Name())) });
            }

            return Task.CompletedTask;
        });

    private static List<JsonNode> Names(IEnumerable<string> names) => [.. names.Select(name => JsonValue.Create(name))];

    private static Task DescribeBody(OpenApiOperation operation, string specification)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = $"As {specification} has it.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/json"] = new() { Schema = new OpenApiSchema() } },
        };
        return Task.CompletedTask;
    }

    /// <summary>The query and the body of <c>POST /v1/interactions</c> in each form that is read.</summary>
    private static async Task DescribeBodyAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var document = context.Document!;
        document.AddComponent(nameof(Interaction), await context.GetOrCreateSchemaAsync(typeof(Interaction), null, cancellationToken));
        var one = new OpenApiSchemaReference(nameof(Interaction), document);
        var any = new OpenApiSchema { AnyOf = [one, new OpenApiSchema { Type = JsonSchemaType.Array, Items = one, MaxItems = CaptureLimits.BatchCount }] };
        operation.Parameters =
        [
            new OpenApiParameter
            {
                Name = "sent",
                In = ParameterLocation.Query,
                Description = "The time of sending by the sender's clock, in Unix milliseconds: shows how wrong that is, and corrects at.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
            },
        ];
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/json"] = new() { Schema = any },
                ["text/plain"] = new() { Schema = any },
                ["application/x-ndjson"] = new() { Schema = one },
            },
        };
    }
}
