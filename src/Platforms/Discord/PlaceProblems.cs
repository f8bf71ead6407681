namespace Rookery.Platforms.Discord;

/// <summary>Why the bot cannot use a channel or a role, for people, with the cure.</summary>
internal sealed class PlaceProblems(GuildEvent guild, Who bot)
{
    private static readonly (ulong Bit, string Name)[] Needed =
    [
        (Permissions.ViewChannel, "View Channel"),
        (Permissions.SendMessages, "Send Messages"),
        (Permissions.EmbedLinks, "Embed Links"),
    ];

    private readonly ulong _inServer = Permissions.In(guild, bot);

    /// <returns>Null when the bot can post there.</returns>
    public string? Of(DiscordChannel channel)
    {
        var overwrites = channel.PermissionOverwrites ?? [];
        var may = Permissions.In(guild.Id, overwrites, bot, _inServer);
        var missing = Needed.Where(n => (may & n.Bit) == 0).ToList();
        if (missing.Count == 0)
        {
            return null;
        }

        var reasons = missing.GroupBy(n => Reason(overwrites, n.Bit), n => n.Name, StringComparer.Ordinal)
            .Select(g => $"{And(g)} there ({g.Key})").ToList();
        return $"the bot lacks {And(reasons)}; {Cure(overwrites, missing.ConvertAll(n => n.Bit))}";
    }

    /// <returns>Null when a message of the bot's rings who has the role.</returns>
    public string? Of(DiscordRole role) => role.Mentionable || (_inServer & Permissions.MentionEveryone) != 0
        ? null
        : "cannot be mentioned: switch on \"Allow anyone to @mention this role\" in the role's settings, "
            + "or give the bot's role \"Mention @everyone, @here, and All Roles\".";

    private string Reason(IReadOnlyList<Overwrite> overwrites, ulong bit) => DeniedTo(overwrites, bit) switch
    {
        Whom.Everyone => "denied to everyone in this channel",
        Whom.Roles => $"denied to {And(DenyingRoles(overwrites, bit))} in this channel",
        Whom.Member => "denied to the bot itself in this channel",
        _ => "none of its roles allows it",
    };

    /// <summary>What denies a role is undone by the bot's own role; what denies the bot itself is above all roles.</summary>
    private string Cure(IReadOnlyList<Overwrite> overwrites, IReadOnlyList<ulong> bits)
    {
        var it = bits.Count == 1 ? "it" : "them";
        return bits.Any(b => DeniedTo(overwrites, b) == Whom.Member)
            ? $"allow {it} for the bot itself, in the channel's permissions."
            : $"allow {it} for the bot's role.";
    }

    /// <returns>Who was denied last what nobody allowed after; null: it was never allowed.</returns>
    private Whom? DeniedTo(IReadOnlyList<Overwrite> overwrites, ulong bit) =>
        Permissions.Steps(guild.Id, overwrites, bot).Where(s => (s.Deny & bit) != 0).Select(s => (Whom?)s.Whom).LastOrDefault();

    private IEnumerable<string> DenyingRoles(IReadOnlyList<Overwrite> overwrites, ulong bit) => overwrites
        .Where(o => o.Type == Overwrite.Role && o.Id != guild.Id && bot.Has(o.Id) && (Permissions.Parse(o.Deny) & bit) != 0)
        .Select(o => $"its role \"{(guild.Roles ?? []).FirstOrDefault(r => r.Id == o.Id)?.Name ?? o.Id}\"");

    private static string And(IEnumerable<string> parts) => parts.ToList() switch
    {
        [] => "",
        [var only] => only,
        var all => $"{string.Join(", ", all[..^1])} and {all[^1]}",
    };
}
