using Rookery.Kernel.Data;
using Rookery.Kernel.SignIn;

namespace Rookery.Modules.LivePosts;

/// <summary>Keeps the table <c>users</c>: who has signed in, under which name, and when last.</summary>
internal sealed class NoteUsers(TimeProvider clock) : ISignInHook
{
    public Task SignedInAsync(Session session, Identity who, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return session.ExecuteAsync(
            $"""
            insert into live.users (user_id, username, avatar, created_at, last_login)
            values ({UserIds.Of(who.Platform, who.UserId)}, {who.Username}, {Hash(who.Avatar)}, {now}, {now})
            on conflict (user_id) do update
            set username = excluded.username, avatar = excluded.avatar, last_login = excluded.last_login
            """,
            ct);
    }

    /// <summary>Discord's pictures are told by their hash, which is the name of the file; others by their address.</summary>
    private static string? Hash(string? avatar) => avatar is not null && avatar.StartsWith("https://cdn.discordapp.com/", StringComparison.Ordinal)
        ? Path.GetFileNameWithoutExtension(avatar)
        : avatar;
}
