namespace Footfall.AspNetCore;

/// <summary>How what is only read is asked for. To be given to <c>MapMethods</c>, which sees its handler where it is built.</summary>
internal static class Reading
{
    /// <summary>GET, and HEAD, which is answered in the same way without a body (RFC 9110, 9.3.2).</summary>
    public static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];
}
