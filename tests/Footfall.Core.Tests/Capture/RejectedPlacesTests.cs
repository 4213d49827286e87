using System.Text;

namespace Footfall.Capture;

/// <summary>Of what is rejected, the very bytes that were sent can be looked at.</summary>
public sealed class RejectedPlacesTests
{
    [Theory]
    [InlineData(BodyForm.Json, """{"id":""}""", """{"id":""}""")]
    [InlineData(BodyForm.Json, "\uFEFF {\"id\":\"\"} ", """{"id":""}""")]
    [InlineData(BodyForm.Json, """[ 5 , {"target":"t"},  {"id":"", "ä":[1]},["x"] ]""", """5|{"id":"", "ä":[1]}|["x"]""")]
    [InlineData(BodyForm.Json, "{\"target\":\"t\"}\n {\"id\":\"\"} \r\n{broken\n\n{\"target\":\"\"}", "{\"id\":\"\"}|{broken|{\"target\":\"\"}")]
    [InlineData(BodyForm.Lines, "{\"id\":\"\"}\n\t[1]\n{\"target\":\"t\"}\n7", "{\"id\":\"\"}|[1]|7")]
    [InlineData(BodyForm.Lines, "\uFEFF{\"id\":\"\"}\r\nx\r\n", "{\"id\":\"\"}|x")]
    public void The_place_of_each_is_known(BodyForm form, string body, string rejected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        using var batch = Reading.Reader().Read(bytes, form, default);

        Assert.Equal(rejected, string.Join('|', batch.RejectedPlaces.Select(place => Encoding.UTF8.GetString(bytes[place]))));
        Assert.Equal(batch.Rejections.Count, batch.RejectedPlaces.Count);
    }
}
