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
/// <param name="View">A UUIDv7 made when the page view began.</param>
/// <param name="N">Which of its view it is, from 1.</param>
/// <param name="At">ISO 8601 with an offset, or Unix milliseconds; by default, now.</param>
/// <param name="Value">From 0 to a billion, such as a price; kept to 6 decimals.</param>
/// <param name="Properties">Flat: up to 30 texts (up to 500 characters), numbers, booleans and nulls.</param>
public sealed record Interaction(
    [property: Description("Up to 100 characters; app and id together count once. Without one the collector makes it, and a repeat counts again.")] string? Id = null,
    [property: Description("The app; may be left out where there is only one.")] string? App = null,
    [property: Description("click (the default), view, submit, change, or the site's own.")] string? Type = null,
    [property: Description("What was acted on, such as \"Buy Now\". May be left out for a view or leave.")] string? Target = null,
    [property: Description("A path or URL; query and fragment are dropped, identifiers become :id.")] string? Page = null,
    [property: Description("A random id.")] string? Visitor = null,
    [property: Description("A random id.")] string? Session = null,
    [property: Description("A UUIDv7 made when the page view began: with n it shows what of the view never came.")] string? View = null,
    [property: Description("Which of its view it is, from 1.")] int? N = null,
    [property: Description("ISO 8601 with an offset, or Unix milliseconds; by default, now.")] string? At = null,
    [property: Description("From 0 to a billion, such as a price; kept to 6 decimals.")] decimal? Value = null,
    [property: Description("Flat: up to 30 texts (up to 500 characters), numbers, booleans and nulls.")] Dictionary<string, object?>? Properties = null);

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
            else if (context.JsonPropertyInfo is { Name: "at" or "n" or "value" } field && field.DeclaringType == typeof(Interaction))
            {
                // The serializer's, which reads numbers in texts too, is not what reads them.
                schema.Pattern = null;
                schema.Type = JsonSchemaType.Null | field.Name switch
                {
                    "at" => JsonSchemaType.String | JsonSchemaType.Integer,
                    "n" => JsonSchemaType.Integer,
                    _ => JsonSchemaType.Number,
                };
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
            new OpenApiParameter
            {
                Name = "key",
                In = ParameterLocation.Query,
                Description = "The app's write key, where it has one and it does not stand in Authorization.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
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
