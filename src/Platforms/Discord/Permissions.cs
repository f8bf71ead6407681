using System.Globalization;

namespace Rookery.Platforms.Discord;

/// <summary>What roles and channels may allow, and how Discord makes of them what somebody may do.</summary>
/// <remarks>Source: Discord developer documentation, Permissions.</remarks>
internal static class Permissions
{
    // Make somebody a moderator here.
    public const ulong KickMembers = 1UL << 1;
    public const ulong BanMembers = 1UL << 2;
    public const ulong ManageMessages = 1UL << 13;
    public const ulong ModerateMembers = 1UL << 40;

    // Make somebody an admin here.
    public const ulong Administrator = 1UL << 3;
    public const ulong ManageGuild = 1UL << 5;

    /// <summary>Without it the bot hears nothing of a channel and can post nothing there.</summary>
    public const ulong ViewChannel = 1UL << 10;

    /// <summary>Live posts, and answers to what was said.</summary>
    public const ulong SendMessages = 1UL << 11;

    /// <summary>Without it a card is dropped from its message.</summary>
    public const ulong EmbedLinks = 1UL << 14;

    /// <summary>An answer refers to the message it answers, which needs this.</summary>
    public const ulong ReadMessageHistory = 1UL << 16;

    /// <summary>Lets a message ring roles that are not mentionable; and everyone, so the bot does not ask for it.</summary>
    public const ulong MentionEveryone = 1UL << 17;

    /// <summary>Roles to be mentioned are made, given and taken.</summary>
    public const ulong ManageRoles = 1UL << 28;

    /// <summary>What an administrator may, and an owner.</summary>
    public const ulong All = ulong.MaxValue;

    public static ulong Parse(string? bits) =>
        ulong.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;

    /// <summary>What somebody may do in a server, before its channels say otherwise.</summary>
    public static ulong In(GuildEvent guild, Who who)
    {
        var sum = (guild.Roles ?? [])
            .Where(r => r.Id == guild.Id || who.Has(r.Id))
            .Aggregate(0UL, (bits, r) => bits | Parse(r.Permissions));
        return guild.OwnerId == who.Id || (sum & Administrator) != 0 ? All : sum;
    }

    /// <summary>What somebody may do in a channel.</summary>
    /// <param name="inServer">What <see cref="In(GuildEvent, Who)"/> says.</param>
    public static ulong In(string guild, IReadOnlyList<Overwrite> overwrites, Who who, ulong inServer) => (inServer & Administrator) != 0
        ? All
        : Steps(guild, overwrites, who).Aggregate(inServer, (bits, step) => (bits & ~step.Deny) | step.Allow);

    /// <summary>What a channel changes for somebody, each step over the one before: for everyone, for their roles, for them.</summary>
    public static IEnumerable<Step> Steps(string guild, IReadOnlyList<Overwrite> overwrites, Who who)
    {
        yield return Sum(Whom.Everyone, overwrites.Where(o => o.Type == Overwrite.Role && o.Id == guild));
        yield return Sum(Whom.Roles, overwrites.Where(o => o.Type == Overwrite.Role && o.Id != guild && who.Has(o.Id)));
        yield return Sum(Whom.Member, overwrites.Where(o => o.Type == Overwrite.Member && o.Id == who.Id));
    }

    private static Step Sum(Whom whom, IEnumerable<Overwrite> overwrites) => overwrites.Aggregate(
        new Step(whom, 0, 0), (sum, o) => sum with { Deny = sum.Deny | Parse(o.Deny), Allow = sum.Allow | Parse(o.Allow) });
}

/// <summary>A member of a server.</summary>
internal sealed record Who(string Id, IReadOnlyList<string> Roles)
{
    public bool Has(string role) => Roles.Contains(role, StringComparer.Ordinal);
}

/// <summary>What a channel allows and denies a role, or a member.</summary>
/// <param name="Id">Of the role, which for everyone is the server's, or of the member.</param>
internal sealed record Overwrite(string Id, int Type, string? Allow, string? Deny)
{
    public const int Role = 0;
    public const int Member = 1;
}

/// <summary>Whom a channel treats in another way than the server does.</summary>
internal enum Whom
{
    Everyone,
    Roles,
    Member,
}

internal sealed record Step(Whom Whom, ulong Deny, ulong Allow);
