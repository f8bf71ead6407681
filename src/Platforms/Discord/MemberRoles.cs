using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord;

/// <summary>Gives members roles and takes them away. What is so already is done.</summary>
/// <remarks>Source: Discord developer documentation, Add Guild Member Role, Remove Guild Member Role.</remarks>
internal sealed class MemberRoles(DiscordRest rest)
{
    public async Task<Sent> SetAsync(SetMemberRole set, CancellationToken ct)
    {
        // An id that is none would make another address, with other effects.
        if (!Snowflake.IsOne(set.Server) || !Snowflake.IsOne(set.UserId) || !Snowflake.IsOne(set.RoleId))
        {
            return Sent.Failed("Server, member and role of Discord are ids of digits.");
        }

        var call = new Call(
            set.Has ? HttpMethod.Put : HttpMethod.Delete,
            "guilds/{guild}/members/{user}/roles/{role}",
            set.Server,
            $"guilds/{set.Server}/members/{set.UserId}/roles/{set.RoleId}")
        {
            Reason = set.Reason,
        };
        return Tell(set, await rest.CallAsync(call, ct));
    }

    private static Sent Tell(SetMemberRole set, GuardedResponse answer) => RoleErrors.Of(answer) switch
    {
        RoleError.NoMember or RoleError.NoRole when !set.Has => new Sent(set.UserId),
        RoleError.NoMember => Sent.Failed($"Member {set.UserId} is not in the server."),
        RoleError.NoRole => Sent.Failed("The role is gone."),
        RoleError.NoServer => Sent.Failed(RoleErrors.NotThere),
        RoleError.Forbidden => Sent.Failed(
            "The bot may not give or take the role. Give the bot's role \"Manage Roles\", "
            + "and drag it above this role in the server's settings."),
        _ => RestAnswer.Tell(answer, set.UserId),
    };
}
