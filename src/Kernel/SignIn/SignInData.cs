using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Privacy;

namespace Rookery.Kernel.SignIn;

/// <summary>Where somebody is or was signed in.</summary>
internal sealed class SignInData : IPersonalData
{
    public string Name => "kernel.sign_ins";

    public Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct) => Person.RowsAsync(
        session,
        $"""
        select (to_jsonb(s) - 'token_hash' || to_jsonb(i) - 'sign_in_id')::text
        from kernel.sign_ins s join kernel.sign_in_identities i on i.sign_in_id = s.id
        where i.platform = {platform.Name()} and i.user_id = {userId} order by s.id
        """,
        ct);

    /// <summary>The sessions go whole: what else was signed in with them has to do so again.</summary>
    public Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct) => session.ExecuteAsync(
        $"""
        delete from kernel.sign_ins where id in (
            select sign_in_id from kernel.sign_in_identities where platform = {platform.Name()} and user_id = {userId})
        """,
        ct);
}
