using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;
using Rookery.Platforms.Discord;
using Rookery.Platforms.Discord.Gateway;

namespace Rookery.Platforms.Tests.Discord;

/// <summary>What a shard was told of its servers, kept for who resumes it.</summary>
public sealed class GuildPictureTests(DiscordHost bot) : IClassFixture<DiscordHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private Session Db => bot.Host.Get<Database>().Write;

    [Fact]
    public async Task A_shard_whose_claim_was_taken_over_writes_no_server_any_more()
    {
        var (guilds, pictures) = (bot.Host.Get<Guilds>(), bot.Host.Get<GuildPictures>());
        Claim? claim = null;
        await TestHost.EventuallyAsync(
            () => Task.FromResult((claim = bot.Host.Get<Claims>().Of(Platform.Discord).SingleOrDefault()) is not null), "the shard is claimed");
        guilds.Note(EventTypes.GuildCreate, """{"id": "4194304777", "owner_id": "1", "roles": []}"""u8);
        await pictures.SaveAsync(claim!, 0, 1, Ct);
        (await OwnerAsync()).ShouldBe("1");

        await Db.ExecuteAsync($"update kernel.coordination set fencing_token = nextval('kernel.fencing_tokens') where platform = 'discord'", Ct);
        guilds.Note(EventTypes.GuildCreate, """{"id": "4194304777", "owner_id": "2", "roles": []}"""u8);
        await pictures.SaveAsync(claim!, 0, 1, Ct);
        (await OwnerAsync()).ShouldBe("1");
        guilds.Note(EventTypes.GuildDelete, """{"id": "4194304777"}"""u8);
        await pictures.SaveAsync(claim!, 0, 1, Ct);

        (await OwnerAsync()).ShouldBe("1");
    }

    private Task<string> OwnerAsync() =>
        Db.ValueAsync<string>($"select owner_id from discord.guild_pictures where guild_id = '4194304777'", Ct);
}
