using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Modules.LivePosts.Guilds;

/// <summary>Whether channels and roles are a guild's own, as its platform says now.</summary>
internal sealed class PlaceChecks(IEnumerable<IServerPlaces> places)
{
    private readonly Dictionary<Platform, IServerPlaces> _places = places.ToDictionary(p => p.Platform);

    /// <returns>Null when the platform does not tell.</returns>
    public Task<ServerPlaces?> FindAsync(Guild guild, CancellationToken ct)
    {
        if (guild.Platform == Platform.Sandbox)
        {
            var channel = GuildIds.SandboxChannel(guild.GuildId);
            return Task.FromResult<ServerPlaces?>(new ServerPlaces(guild.Name, null, [new Place(channel, channel)], []));
        }

        return _places.TryGetValue(guild.Platform, out var known)
            ? known.FindAsync(guild.GuildId, ct)
            : Task.FromResult<ServerPlaces?>(null);
    }

    /// <returns>Why nothing can be posted in a channel; null: it can, or the platform does not tell.</returns>
    public async Task<string?> ProblemAsync(Guild guild, string channel, CancellationToken ct) =>
        await FindAsync(guild, ct) is not { } own ? null
        : own.Channels.FirstOrDefault(c => c.Id == channel) is { } place ? place.Problem
        : "it is no text channel of this server; choose one.";

    /// <param name="channel">Null or empty: none is chosen, which is good.</param>
    public async Task CheckAsync(Checks checks, Guild guild, string? channel, string? role, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(channel) && role is null)
        {
            return;
        }

        if (await FindAsync(guild, ct) is not { } own)
        {
            checks.Fail(
                string.IsNullOrEmpty(channel) ? "mention_role_id" : "channel_id",
                $"could not be checked: {guild.Platform.Name()} does not tell what there is in this server; is the bot in it?");
            return;
        }

        if (!string.IsNullOrEmpty(channel))
        {
            var place = own.Channels.FirstOrDefault(c => c.Id == channel);
            checks.That(place is not null, "channel_id", "must be a text channel of this server.")
                .That(place?.Problem is null, "channel_id", $"cannot be used: {place?.Problem}");
        }

        if (role is not null)
        {
            var known = own.Roles.FirstOrDefault(r => r.Id == role);
            checks.That(known is not null, "mention_role_id", "must be a role of this server, and not everyone's.")
                .That(known?.Problem is null, "mention_role_id", $"cannot be used: {known?.Problem}");
        }
    }
}
