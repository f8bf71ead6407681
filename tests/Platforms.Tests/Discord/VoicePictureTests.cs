using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Data;
using Rookery.Platforms.Discord;
using Rookery.Platforms.Discord.Gateway;

namespace Rookery.Platforms.Tests.Discord;

/// <summary>Who is in voice, kept for who resumes the session.</summary>
public sealed class VoicePictureTests(DiscordHost bot) : IClassFixture<DiscordHost>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_resumes_a_session_knows_who_is_in_voice_so_a_mute_is_no_join_and_a_leave_is_one()
    {
        Claim? claim = null;
        await TestHost.EventuallyAsync(
            () => Task.FromResult((claim = bot.Host.Get<Claims>().Of(Platform.Discord).SingleOrDefault()) is not null), "the shard is claimed");
        var before = bot.Host.Get<Guilds>();
        before.Note(EventTypes.GuildCreate, """{"id": "4194304778", "owner_id": "1", "roles": [], "voice_states": []}"""u8);
        before.Note(EventTypes.VoiceState, Voice("7", "v"));
        before.Note(EventTypes.VoiceState, Voice("8", "v"));
        await bot.Host.Get<GuildPictures>().SaveAsync(claim!, 0, 1, Ct);

        // The shard notes its servers by itself, too, and may have taken this one.
        await TestHost.EventuallyAsync(
            () => bot.Host.Get<Database>().Write.ValueAsync<bool>(
                $"select exists (select from discord.guild_pictures where guild_id = '4194304778' and jsonb_array_length(voice) = 2)", Ct),
            "the picture is kept");
        var after = new Guilds(TimeProvider.System);
        await new GuildPictures(bot.Host.Get<Database>(), after, TimeProvider.System).RestoreAsync(0, 1, Ct);

        after.InVoice().Single(g => g.Guild == "4194304778").People.Select(p => p.UserId).ShouldBe(["7", "8"], ignoreOrder: true);
        after.Note(EventTypes.VoiceState, Voice("7", "v")).ShouldBeFalse();
        after.Note(EventTypes.VoiceState, Voice("7", null)).ShouldBeTrue();
    }

    private static byte[] Voice(string user, string? channel) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
        new { guild_id = "4194304778", user_id = user, channel_id = channel });
}
