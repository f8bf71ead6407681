using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Workflows.Api;

namespace Rookery.Workflows.Signing;

/// <param name="Secret">16 to 256 characters.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SecretRequest(string? Secret);

/// <summary>The secrets nodes name. They can be set and taken away, but not read.</summary>
internal static partial class SecretEndpoints
{
    public const int MinLength = 16;
    public const int MaxLength = 256;

    public static void Map(RouteGroupBuilder group)
    {
        var secrets = group.MapGroup("/secrets").WithTags("workflows");
        secrets.MapGet("", ListAsync).Needs(Scopes.WorkflowsRead).WithSummary("Lists the names of the secrets that nodes sign with.");
        secrets.MapPut("/{name}", PutAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Keeps a secret under a name, in place of the one before. It is never shown again.")
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        secrets.MapDelete("/{name}", DeleteAsync).Needs(Scopes.WorkflowsWrite)
            .WithSummary("Deletes a secret that no published workflow names.").ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Ok<Page<SecretName>>> ListAsync(long community_id, PageQuery page, WorkflowSecrets secrets, CancellationToken ct) =>
        TypedResults.Ok(Page.Of(await secrets.ListAsync(community_id, page, ct), page.Limit, s => s.Name));

    private static async Task<Results<NoContent, ProblemHttpResult>> PutAsync(
        long community_id, string name, SecretRequest request, Actor actor, Gate gate, WorkflowSecrets secrets, CancellationToken ct)
    {
        if (await gate.RefuseAdministeringAsync(community_id, actor, "secret.set", ct) is { } refusal)
        {
            return refusal;
        }

        var checks = new Checks().Text("secret", request.Secret, MaxLength, MinLength)
            .That(Name().IsMatch(name), "name", "must have 1 to 100 letters, digits, - and _, and not begin with a digit.");
        if (!checks.Ok)
        {
            return checks.Problem();
        }

        return await secrets.SetAsync(community_id, name, request.Secret!, actor, ct)
            ? TypedResults.NoContent()
            : Problems.Conflict($"The community has {WorkflowSecrets.MaxPerCommunity} secrets, which is the most; delete one.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        long community_id, string name, Actor actor, Gate gate, WorkflowSecrets secrets, CancellationToken ct)
    {
        if (await gate.RefuseAdministeringAsync(community_id, actor, "secret.deleted", ct) is { } refusal)
        {
            return refusal;
        }

        if (!Name().IsMatch(name) || await secrets.DeleteAsync(community_id, name, actor, ct) is not { } users)
        {
            return Problems.NotFound($"The community has no secret {name}.");
        }

        return users.Count == 0
            ? TypedResults.NoContent()
            : Problems.Conflict($"Published workflows sign with it: {string.Join(", ", users.Take(5))}. Change them first.");
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_-]{0,99}$", RegexOptions.NonBacktracking)]
    internal static partial Regex Name();
}
