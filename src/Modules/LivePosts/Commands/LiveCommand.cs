using System.Globalization;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Web;
using Rookery.Modules.LivePosts.Guilds;
using Rookery.Modules.LivePosts.Posting;
using Rookery.Modules.LivePosts.Preferences;
using Rookery.Modules.LivePosts.Streamers;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Commands;

/// <summary><c>!live</c> and <c>/live</c>. Looking is for everybody, changing for those who administer the place.</summary>
internal sealed class LiveCommand(
    Database db, GuildStore guilds, StreamerStore streamers, StreamerLinks links, FollowAnswers follows, Wishes wishes, Samples samples,
    PlaceChecks places, TimeProvider clock) : ICommand
{
    private const int Listed = 50;

    public static CommandSpec Spec { get; } = new("live", "Tells this place when streamers go live.")
    {
        Usage =
        [
            "add <login>",
            "remove <login>",
            "list",
            "test [login]",
            "notify <login> [dm]",
            "mute <login>",
            "status",
            "on <login>",
            "off <login>",
            "resume",
            "role <login> on|off",
            "invite",
            "template [reset | {json}]",
        ],
        RateLimit = 20,
    };

    private static readonly string Help = string.Join('\n', Spec.Usage.Select(u => $"!live {u}"));

    public async ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct)
    {
        if (GuildIds.Of(call.Entity.Channel) is not { } id)
        {
            return Reply.Refuse("Live posts go to Discord servers, Slack workspaces and the sandbox; there is nothing to set up here.");
        }

        var name = call.Arguments.Count == 0 ? "help" : call.Arguments[0].ToLowerInvariant();
        if (name is not ("list" or "status" or "help" or "notify" or "mute") && call.Member.Role < Role.Admin)
        {
            return Reply.Refuse($"!live {PostLimits.Cut(name, 20)} is for those who administer this place.");
        }

        var guild = await guilds.SeenAsync(db.Write, call.Entity.Channel.Platform, id, call.Community, null, null, ct);
        return name switch
        {
            "add" => await follows.AddAsync(call, guild, ct),
            "remove" or "on" or "off" or "role" => await follows.ChangeAsync(call, guild, name, ct),
            "resume" => await ResumeAsync(call, guild, ct),
            "invite" => await follows.InviteAsync(call, guild, ct),
            "notify" or "mute" => await WishAsync(call, guild, name, ct),
            "list" => await ListAsync(guild, ct),
            "test" => await TestAsync(call, guild, ct),
            "status" => await StatusAsync(guild, ct),
            "template" => await TemplateAsync(call, guild, ct),
            "help" => Reply.Text(Help),
            _ => Reply.Refuse($"There is no !live {PostLimits.Cut(name, 20)}.\n{Help}"),
        };
    }

    private async Task<Reply> WishAsync(CommandCall call, Guild guild, string name, CancellationToken ct)
    {
        if (FollowAnswers.Login(call) is not { } login || await streamers.FindAsync(guild.GuildId, login, ct) is not { } streamer)
        {
            return Reply.Refuse($"Say which of the streamers in !live list: !live {name} <login>");
        }

        var via = call.Arguments.Count > 2 && call.Arguments[2] is "dm" or "role" ? call.Arguments[2] : null;
        var (ok, text) = await wishes.SetAsync(guild, streamer, Actor.Of(call.Member), name == "notify", via, ct);
        return ok ? Reply.Aside(text) : Reply.Refuse(text);
    }

    private async Task<Reply> ListAsync(Guild guild, CancellationToken ct)
    {
        var all = await streamers.PageAsync(guild.GuildId, new PageQuery(Listed, null), ct);
        return Reply.Text(all.Count == 0
            ? "Nobody is followed here; !live add <login> begins."
            : string.Join('\n', all.Select(s => $"{s.Name} – https://twitch.tv/{s.TwitchLogin}{(s.Enabled ? "" : " (off)")}")));
    }

    private async Task<Reply> TestAsync(CommandCall call, Guild guild, CancellationToken ct)
    {
        var login = FollowAnswers.Login(call);
        var streamer = login is null ? null : await streamers.FindAsync(guild.GuildId, login, ct);
        if (login is not null && streamer is null)
        {
            return Reply.Refuse("Say which of the streamers in !live list, or nobody: !live test");
        }

        var config = await guilds.ConfigAsync(guild, ct);
        if (await ClosedAsync(guild, streamer?.ChannelId ?? config.ChannelId, ct) is { } closed)
        {
            return Reply.Refuse(closed);
        }

        var paused = config.PausedReason is null ? "" : " Posts are still paused; !live resume lets them go on.";
        return await samples.SendAsync(guild, streamer, ct) switch
        {
            null => Reply.Refuse("No channel is chosen yet; !live add <login> chooses this one."),
            { Status: "sent", ChannelId: var channel } => Reply.Text($"A sample stands in {channel}.{paused}"),
            { Status: "failed" } failed => Reply.Refuse($"The sample could not be posted in {failed.ChannelId}: {failed.Reason}"),
            var waiting => Reply.Text(
                $"A sample is on its way to {waiting.ChannelId}{(waiting.Reason is { } why ? $"; the first try failed: {why}" : ".")}{paused}"),
        };
    }

    /// <returns>Why nothing can be posted in a channel, as far as the platform tells.</returns>
    private async Task<string?> ClosedAsync(Guild guild, string channel, CancellationToken ct) =>
        channel.Length > 0 && await places.ProblemAsync(guild, channel, ct) is { } problem ? $"Nothing can be posted in {channel}: {problem}" : null;

    private async Task<Reply> ResumeAsync(CommandCall call, Guild guild, CancellationToken ct)
    {
        var config = await guilds.ConfigAsync(db.Write, guild, ct);
        if (config.PausedReason is not null && await ClosedAsync(guild, config.ChannelId, ct) is { } closed)
        {
            return Reply.Refuse($"{closed} Posts stay paused until that is mended.");
        }

        var missed = await db.TransactionAsync(
            async t =>
            {
                var missed = await guilds.ResumeAsync(t, guild, ct);
                if (missed is not null)
                {
                    await links.AuditAsync(t, guild, Actor.Of(call.Member), "live.resume", null, ct);
                }

                return missed;
            },
            ct);
        return missed switch
        {
            null => Reply.Refuse("Posts are not paused here."),
            [] => Reply.Text("Posts go on; !live test shows whether they arrive."),
            _ => Reply.Text($"Posts go on; !live test shows whether they arrive. Not posted meanwhile: {string.Join(", ", missed)}."),
        };
    }

    private async Task<Reply> StatusAsync(Guild guild, CancellationToken ct)
    {
        var config = await guilds.ConfigAsync(guild, ct);
        var all = await streamers.PageAsync(guild.GuildId, new PageQuery(Listed, null), ct);
        var lines = new List<string>
        {
            config.ChannelId.Length == 0
                ? "No channel is chosen."
                : $"Posts go to {config.ChannelId}{(config.Enabled ? "" : ", but are switched off")}.",
        };
        var closed = await ClosedAsync(guild, config.ChannelId, ct);
        if (config.PausedReason is { } paused)
        {
            lines.Add($"Paused: {closed ?? paused} Mend that, then: !live resume");
        }
        else if (closed is not null)
        {
            lines.Add(closed);
        }

        if (links.OffBecause is { } off)
        {
            lines.Add(off);
        }

        lines.AddRange(all.Where(s => s.Subscription != "enabled").Select(s =>
            $"{s.Name}: Twitch does not tell yet ({s.Subscription ?? "not asked"}{(s.SubscriptionReason is { } why ? $": {why}" : "")})."));
        lines.AddRange(all.Where(s => s.RoleProblem is not null).Select(s => $"{s.Name}'s role could not be given: {s.RoleProblem}"));
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"Followed: {all.Count}, of them off: {all.Count(s => !s.Enabled)}."));
        return Reply.Text(string.Join('\n', lines));
    }

    private async Task<Reply> TemplateAsync(CommandCall call, Guild guild, CancellationToken ct)
    {
        var config = await guilds.ConfigAsync(db.Write, guild, ct);
        var text = call.ArgumentText.Trim()["template".Length..].Trim();
        if (text.Length == 0)
        {
            return Reply.Text(config.MessageTemplate.GetRawText());
        }

        var json = text == "reset" ? PostTemplate.DefaultJson : text;
        var checks = TemplateChecks.Check(json, config.TimeZone, clock);
        if (checks.Errors is [var first, ..])
        {
            return Reply.Refuse($"{first.Field} {first.Message}");
        }

        var wanted = config with { MessageTemplate = JsonElement.Parse(json) };
        var saved = await db.TransactionAsync(
            async t =>
            {
                var done = await guilds.SaveAsync(t, wanted, call.Member.Key, ct);
                if (done is not null)
                {
                    await links.AuditAsync(t, guild, Actor.Of(call.Member), "live.update_config", null, ct);
                }

                return done;
            },
            ct);
        return saved is null
            ? Reply.Refuse("Somebody else changed the settings just now; try again.")
            : Reply.Text("The template is saved; !live test shows it.");
    }
}
