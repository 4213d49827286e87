using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Footfall.Server.Expose;

/// <summary>What <c>/openapi/v1.json</c> of the metrics service says. Written by hand, as the answers are.</summary>
public static class BoardDescription
{
    private const JsonSchemaType Text = JsonSchemaType.String;
    private const JsonSchemaType Integer = JsonSchemaType.Integer;
    private const JsonSchemaType Number = JsonSchemaType.Number;
    private const JsonSchemaType Null = JsonSchemaType.Null;
    private const JsonSchemaType Boolean = JsonSchemaType.Boolean;

    private static readonly string[] Levels = ["ok", "warn", "bad"];

    /// <summary>Title, version and purpose, and the answers.</summary>
    public static void Describe(OpenApiOptions options)
    {
        options.ShouldInclude = answer => answer.HttpMethod != HttpMethods.Head; // the same as GET, and nothing to describe twice
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Footfall metrics service";
            document.Info.Version = ServiceHost.Version;
            document.Info.Description = "Shows what is counted: committed totals alone, which a crash takes nothing back of.";
            document.AddComponent("Board", Board());
            document.AddComponent("Series", Series());
            document.AddComponent("Problem", Problem());
            return Task.CompletedTask;
        })
        .AddOperationTransformer((operation, context, _) =>
        {
            var (type, schema, says) = operation.OperationId switch
            {
                "live" => ("text/event-stream", new OpenApiSchema { Type = Text }, "Events state and tick; the data of each is a Board, with seq, instance, seconds and stream besides."),
                "totals" => ("application/json", (IOpenApiSchema)new OpenApiSchemaReference("Board", context.Document), "The app's board."),
                "series" => ("application/json", new OpenApiSchemaReference("Series", context.Document), "Interactions by time."),
                _ => ("", null, ""),
            };
            if (schema is not null)
            {
                operation.Responses = new OpenApiResponses { ["200"] = Response(says, type, schema) };
                foreach (var status in QueryRefusals.All.Where(refusal => IsOf(refusal, operation.OperationId!)).Select(refusal => refusal.Status()).Distinct())
                {
                    operation.Responses[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] =
                        Response("Why not.", "application/problem+json", new OpenApiSchemaReference("Problem", context.Document));
                }
            }

            return Task.CompletedTask;
        });
    }

    private static bool IsOf(QueryRefusal refusal, string operation) => refusal switch
    {
        QueryRefusal.UnknownApp => true,
        QueryRefusal.TooManyViewers => operation == "live",
        _ => operation == "series",
    };

    private static OpenApiResponse Response(string says, string type, IOpenApiSchema schema) => new()
    {
        Description = says,
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { [type] = new() { Schema = schema } },
    };

    private static OpenApiSchema Board() => Object(
        ("at", Of(Integer, "The service's clock, Unix milliseconds.")),
        ("app", Of(Text, "Whose.")),
        ("apps", Array(Of(Text))),
        ("upTo", Of(Integer | Null, "When the newest interaction that is counted was taken by a collector, Unix milliseconds.")),
        ("total", Of(Integer, "Interactions of the app, for all time.")),
        ("value", Of(Number | Null, "The sum of their values.")),
        ("now", Object(
            ("second", Of(Integer, "Interactions of the last full second.")),
            ("minute", Of(Integer, "Of the last 60 s.")),
            ("visitors", Object(("1m", Of(Integer)), ("5m", Of(Integer)), ("30m", Of(Integer)))),
            ("delivery", Object(("p50", Of(Number | Null, "Seconds.")), ("p99", Of(Number | Null, "Seconds.")))))),
        ("targets", Array(Object(
            ("k", Of(Integer, "The row's number, while the process runs.")),
            ("type", Of(Text)),
            ("target", Of(Text)),
            ("pinned", Of(Boolean)),
            ("total", Of(Integer)),
            ("value", Of(Number | Null)),
            ("minute", Of(Integer))))),
        ("moreTargets", Of(Integer, "Rows beyond 500, which are not listed.")),
        ("pages", Array(Object(("k", Of(Integer)), ("page", Of(Text)), ("total", Of(Integer)), ("minute", Of(Integer))))),
        ("morePages", Of(Integer)),
        ("funnels", Array(Object(("name", Of(Text)), ("window", Of(Integer)), ("steps", Array(Object(("name", Of(Text)), ("visitors", Of(Integer)))))))),
        ("health", Object(
            ("level", new OpenApiSchema { Type = Text, Enum = [.. Levels.Select(level => (JsonNode)JsonValue.Create(level))] }),
            ("message", Of(Text | Null)),
            ("advice", Of(Text | Null)),
            ("notReady", Of(Text | Null)),
            ("lag", Of(Integer)),
            ("written", Of(Integer)),
            ("counted", Of(Integer)),
            ("duplicates", Of(Integer)),
            ("unreadable", Of(Integer)),
            ("missed", Of(Integer)),
            ("late", Of(Integer)),
            ("unseen", Of(Integer)),
            ("overflowed", Of(Integer)),
            ("rejected", Of(Integer | Null)),
            ("accepted", Of(Integer | Null)),
            ("spool", Object(JsonSchemaType.Object | Null, ("records", Of(Integer)), ("awaySeconds", Of(Integer)))),
            ("log", Of(Text)),
            ("partitions", Array(Object(("partition", Of(Integer)), ("lag", Of(Integer))))),
            ("totalsShown", Of(Boolean)),
            ("version", Of(Text)))));

    private static OpenApiSchema Series() => Object(
        ("app", Of(Text)),
        ("from", Of(Integer, "Unix seconds, a multiple of step, at or before the beginning of the range.")),
        ("to", Of(Integer, "Unix seconds, a multiple of step; the second that runs is before it.")),
        ("step", Of(Integer, "Seconds of each number.")),
        ("since", Of(Integer | Null, "What was counted before is not in it; null: it reaches further back.")),
        ("seq", Of(Integer | Null, "The tick of the live board that it goes on from.")),
        ("series", Array(Object(
            ("k", Of(Integer | Null, "The row's number; null: all other rows, where these have anything.")),
            ("type", Of(Text)),
            ("target", Of(Text)),
            ("page", Of(Text)),
            ("counts", Array(Of(Integer)))))),
        ("total", Array(Of(Integer))));

    private static OpenApiSchema Problem() => Object(
        ("type", Of(Text)),
        ("title", Of(Text)),
        ("status", Of(Integer)),
        ("detail", Of(Text)),
        ("reason", new OpenApiSchema { Type = Text, Enum = [.. QueryRefusals.All.Select(refusal => (JsonNode)JsonValue.Create(refusal.Name()))] }));

    private static OpenApiSchema Object(params (string Name, IOpenApiSchema Schema)[] members) => Object(JsonSchemaType.Object, members);

    private static OpenApiSchema Object(JsonSchemaType type, params (string Name, IOpenApiSchema Schema)[] members) => new()
    {
        Type = type,
        Properties = members.ToDictionary(member => member.Name, member => member.Schema, StringComparer.Ordinal),
    };

    private static OpenApiSchema Array(IOpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };

    private static OpenApiSchema Of(JsonSchemaType type, string? says = null) => new() { Type = type, Description = says };
}
