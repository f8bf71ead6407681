using Microsoft.AspNetCore.Http.HttpResults;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Streamers;

namespace Rookery.Modules.LivePosts.Api;

/// <summary>Finds what a request is about, and only what its caller may see.</summary>
internal sealed class Access(GuildStore guilds, StreamerStore streamers)
{
    public Task<Guild?> GuildAsync(string guildId, Caller caller, CancellationToken ct) => Checks.Storable(guildId)
        ? guilds.FindAsync(guildId, caller.Community, ct)
        : Task.FromResult<Guild?>(null);

    public async Task<(Guild? Guild, Streamer? Streamer)> StreamerAsync(string guildId, Guid streamerId, Caller caller, CancellationToken ct) =>
        await GuildAsync(guildId, caller, ct) is { } guild
            ? (guild, await streamers.FindAsync(guild.GuildId, streamerId, ct))
            : (null, null);

    public static ProblemHttpResult NoGuild(string guildId) => Problems.NotFound($"No guild with id {PlainId(guildId)}.");

    public static ProblemHttpResult NoStreamer(Guid id) => Problems.NotFound($"The guild follows no streamer with id {id}.");

    public static Actor By(Caller caller) => caller.Person is { } person ? Actor.Of(person) : new Actor(caller.Actor);

    private static string PlainId(string id) => id.Length > 50 ? id[..50] : id;
}
