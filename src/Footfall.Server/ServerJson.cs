using System.Text.Json;
using System.Text.Json.Serialization;
using Footfall.Server.Capture;
using Footfall.Server.Expose;

namespace Footfall.Server;

/// <summary>How what only the server answers is written as JSON, and what its API's description is made of.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BoardLinks))]
[JsonSerializable(typeof(DemoLinks))]
[JsonSerializable(typeof(Interaction))]
internal sealed partial class ServerJson : JsonSerializerContext;
