using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;

namespace Rookery.Kernel.Privacy;

/// <param name="Data">Rows by table.</param>
public sealed record PersonalDataExport(Platform Platform, string UserId, DateTimeOffset ExportedAt, JsonObject Data);

/// <param name="Rows">Rows deleted or made anonymous, by table.</param>
public sealed record PersonalDataErased(IReadOnlyDictionary<string, int> Rows);

/// <summary>A person's data is of every community they were in, so only keys that are bound to none may ask.</summary>
internal static class PersonalDataEndpoints
{
    public static void Map(RouteGroupBuilder group)
    {
        var person = group.MapGroup("/personal-data/{platform}/{user_id}")
            .Needs(Scopes.PersonalData)
            .WithTags("personal data");
        person.MapPost("/export", ExportAsync)
            .WithSummary("Answers everything that is held about a person.").ProducesProblem(400).ProducesProblem(403);
        person.MapPost("/erase", EraseAsync)
            .WithSummary("Deletes a person's data, or makes anonymous what others need. It cannot be undone.")
            .ProducesProblem(400).ProducesProblem(403);
    }

    private static async Task<Results<Ok<PersonalDataExport>, ProblemHttpResult>> ExportAsync(
        string platform, string user_id, Caller caller, PersonalDataRegistry registry, TimeProvider clock,
        HttpContext http, CancellationToken ct)
    {
        if (Refuse(platform, user_id, caller, out var p, out var user) is { } refused)
        {
            return refused;
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(
            new PersonalDataExport(p, user, clock.GetUtcNow(), await registry.ExportAsync(p, user, caller.Actor, ct)));
    }

    private static async Task<Results<Ok<PersonalDataErased>, ProblemHttpResult>> EraseAsync(
        string platform, string user_id, Caller caller, PersonalDataRegistry registry, CancellationToken ct) =>
        Refuse(platform, user_id, caller, out var p, out var user) is { } refused
            ? refused
            : TypedResults.Ok(new PersonalDataErased(await registry.EraseAsync(p, user, caller.Actor, ct)));

    private static ProblemHttpResult? Refuse(
        string platform, string user_id, Caller caller, out Platform p, out string user)
    {
        user = RouteText.Decode(user_id);
        if (!Platforms.TryParse(platform, out p))
        {
            return Problems.Invalid("platform", $"must be one of {string.Join(", ", Platforms.All)}.");
        }

        return caller.Community is null
            ? null
            : Problems.Forbidden("Personal data lies in every community; this needs a key that is bound to none.");
    }
}
