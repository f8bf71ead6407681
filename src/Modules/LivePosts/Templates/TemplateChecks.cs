using System.Text;
using System.Text.Json;
using NodaTime;
using Rookery.Kernel.Web;

namespace Rookery.Modules.LivePosts.Templates;

/// <summary>Whether a template can be used, tried with a sample.</summary>
internal static class TemplateChecks
{
    private const string Field = "message_template";

    public static Checks Check(string json, string zone, TimeProvider clock)
    {
        var checks = new Checks();
        if (Encoding.UTF8.GetByteCount(json) > PostTemplate.MaxBytes)
        {
            return checks.Fail(Field, $"has more than {PostTemplate.MaxBytes} bytes.");
        }

        try
        {
            checks.That(Checks.Storable(JsonElement.Parse(json)), Field, "holds U+0000 or half of a surrogate pair; remove it.");
            if (checks.Ok)
            {
                new PostWriter(clock).Check(
                    checks, Field, PostTemplate.Parse(json), DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc);
            }
        }
        catch (JsonException e)
        {
            checks.Fail(e.Path is { Length: > 1 } path ? Field + path[1..] : Field, "is no template: look at the field's name and kind.");
        }

        return checks;
    }
}
