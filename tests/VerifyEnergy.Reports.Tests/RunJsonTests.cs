using System.Text.Json;
using Xunit;

namespace VerifyEnergy.Reports.Tests;

public class RunJsonTests
{
    [Fact]
    public void Written_and_read_back_is_the_same_document()
    {
        string text = RunJson.Write(Sample.Run());
        Assert.Equal(text, RunJson.Write(RunJson.Read(text)));
    }

    [Theory]
    [InlineData("\"schema\": \"verify-energy/1\"", "\"schema\": \"verify-energy/2\"")]
    [InlineData("\"verdict\": \"refuted\"", "\"verdct\": \"refuted\"")]
    [InlineData("\"dims\": {", "\"dims\": null, \"x\": {")]
    [InlineData("\"scope\": \"all\"", "\"scope\": \"most\"")]
    [InlineData("\"1\"\n", "1\n")]
    public void Other_documents_are_refused(string part, string other)
    {
        string text = RunJson.Write(Sample.Run());
        Assert.Contains(part, text);
        int at = text.IndexOf(part, System.StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => RunJson.Read(text[..at] + other + text[(at + part.Length)..]));
    }
}
