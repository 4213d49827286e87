using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Footfall.AspNetCore.Capture;
using Footfall.AspNetCore.Capture.Dialects;
using Microsoft.AspNetCore.Mvc;

namespace Footfall.AspNetCore;

/// <summary>How what the collector answers and keeps is written as JSON: made at the build, without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(RejectedInteraction[]))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(SegmentAnswer))]
[JsonSerializable(typeof(SegmentSettings))]
[JsonSerializable(typeof(OtlpAnswer))]
[JsonSerializable(typeof(OtlpStatus))]
internal sealed partial class CollectorJson : JsonSerializerContext
{
    /// <summary>As ASP.NET Core writes answers: what JSON need not escape is not.</summary>
    public static CollectorJson ForAnswers { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>As members are named in C#: what is kept in files, and the configuration.</summary>
[JsonSerializable(typeof(KeptRejected))]
[JsonSerializable(typeof(FootfallOptions))]
internal sealed partial class KeptJson : JsonSerializerContext;
