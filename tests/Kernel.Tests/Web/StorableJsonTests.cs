using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Tests.Web;

public sealed class StorableJsonTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    [Theory]
    [InlineData("""{"a":"x\u0000y"}""", """{"a":"x\uFFFDy"}""")]
    [InlineData("""{"a\u0000":1}""", """{"a\uFFFD":1}""")]
    [InlineData("""["\ud83d"]""", """["\uFFFD"]""")]
    [InlineData("""["\ude00\ud83d"]""", """["\uFFFD\uFFFD"]""")]
    [InlineData("""["\ud83d\u0041"]""", """["\uFFFD\u0041"]""")]
    [InlineData("""["\\ud83d",1e999999,-1E-999999,3]""", """["\\ud83d",null,null,3]""")]
    public async Task What_the_database_would_refuse_is_found_and_can_be_cleaned(string json, string clean)
    {
        var element = JsonElement.Parse(json);

        StorableJson.Is(element).ShouldBeFalse();
        StorableJson.Clean(element).GetRawText().ShouldBe(clean);
        (await StoreAsync(StorableJson.Clean(element))).ShouldBeTrue();
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_found_and_can_be_cleaned()
    {
        using var document = JsonDocument.Parse(new byte[] { (byte)'"', (byte)'a', 0xff, (byte)'"' });

        StorableJson.Is(document.RootElement).ShouldBeFalse();
        (await StoreAsync(StorableJson.Clean(document.RootElement))).ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"a":["\ud83d\ude00","\"\\","\n\/",true,null,-1.5e10,0,0.0,1e308],"b":{}}""")]
    [InlineData("\"\uFFFD \uD83D\uDE00\"")]
    public async Task What_can_be_stored_is_left_alone(string json)
    {
        var element = JsonElement.Parse(json);

        StorableJson.Is(element).ShouldBeTrue();
        StorableJson.Clean(element).GetRawText().ShouldBe(json);
        (await StoreAsync(element)).ShouldBeTrue();
    }

    [Fact]
    public void Any_cleaned_text_can_be_stored()
    {
        var units = Gen.Elements("a", "\\u0000", "\\ud83d", "\\ude00", "\\\\", "\\\"", "\\u0041", "\\\\u0000", " ");
        var texts = units.ArrayOf().Select(u => $"\"{string.Concat(u)}\"");
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            var clean = StorableJson.Clean(JsonElement.Parse(text));
            return StorableJson.Is(clean)
                && Checks.Storable(clean.GetString())
                && (!StorableJson.Is(JsonElement.Parse(text)) || clean.GetRawText() == text);
        }).QuickCheckThrowOnFailure();
    }

    private Task<bool> StoreAsync(JsonElement json) => database.Db.Write.ValueAsync<bool>(
        $"select {json.GetRawText()}::jsonb is not null", TestContext.Current.CancellationToken);
}
