using FsCheck;
using FsCheck.Fluent;
using Rookery.Platforms.Discord;

namespace Rookery.Platforms.Tests.Discord;

public sealed class PermissionTests
{
    private const string Server = "1";
    private const string Bot = "9";
    private const ulong Post = Permissions.ViewChannel | Permissions.SendMessages | Permissions.EmbedLinks;

    private static readonly string[] Roles = ["2", "3", "4", "5"];

    /// <summary>Who is allowed (+) and denied (-) what: v view, s send, e embed. The bot has the roles rookery and quiet.</summary>
    [Theory]
    [InlineData("", null)]
    [InlineData("everyone -ve", "the bot lacks View Channel and Embed Links there (denied to everyone in this channel); allow them for the bot's role.")]
    [InlineData("everyone -v, rookery +v", null)]
    [InlineData("everyone -v, bot +v", null)]
    [InlineData("everyone -v, others +v", "the bot lacks View Channel there (denied to everyone in this channel); allow it for the bot's role.")]
    [InlineData("quiet -s", "the bot lacks Send Messages there (denied to its role \"quiet\" in this channel); allow it for the bot's role.")]
    [InlineData("quiet -s, rookery +s", null)]
    [InlineData("rookery +s, quiet -s", null)]
    [InlineData("others -vse, someone -vse", null)]
    [InlineData(
        "rookery -e, quiet -e",
        "the bot lacks Embed Links there (denied to its role \"rookery\" and its role \"quiet\" in this channel); allow it for the bot's role.")]
    [InlineData(
        "bot -s, rookery +s",
        "the bot lacks Send Messages there (denied to the bot itself in this channel); allow it for the bot itself, in the channel's permissions.")]
    [InlineData(
        "everyone -v, quiet -s, rookery -s",
        "the bot lacks View Channel there (denied to everyone in this channel) and Send Messages there (denied to its role \"quiet\" and its "
            + "role \"rookery\" in this channel); allow them for the bot's role.")]
    [InlineData(
        "everyone -vse",
        "the bot lacks View Channel, Send Messages and Embed Links there (denied to everyone in this channel); allow them for the bot's role.")]
    public void A_channel_the_bot_cannot_post_in_says_what_is_missing_and_where_it_comes_from(string overwrites, string? problem) =>
        new PlaceProblems(Guild("0", $"{Post}"), new Who(Bot, ["2", "3"])).Of(Channel(overwrites)).ShouldBe(problem);

    [Theory]
    [InlineData("0", "0", "", "the bot lacks View Channel, Send Messages and Embed Links there (none of its roles allows it); allow them for the bot's role.")]
    [InlineData("1024", "2048", "", "the bot lacks Embed Links there (none of its roles allows it); allow it for the bot's role.")]
    [InlineData("1024", "2048", "rookery +e", null)]
    [InlineData("19456", "0", "", null)]
    [InlineData("0", "8", "everyone -vse, bot -vse", null)]
    [InlineData("8", "0", "everyone -vse, bot -vse", null)]
    public void What_no_role_allows_is_missing_and_an_administrator_lacks_nothing(
        string everyone, string own, string overwrites, string? problem) =>
        new PlaceProblems(Guild(everyone, own), new Who(Bot, ["2", "3"])).Of(Channel(overwrites)).ShouldBe(problem);

    [Fact]
    public void The_owner_of_the_server_lacks_nothing() =>
        new PlaceProblems(Guild("0", "0") with { OwnerId = Bot }, new Who(Bot, [])).Of(Channel("everyone -vse")).ShouldBeNull();

    [Theory]
    [InlineData("0", false, true)]
    [InlineData("0", true, false)]
    [InlineData("131072", false, false)]
    [InlineData("8", false, false)]
    public void A_role_that_cannot_be_mentioned_says_so(string permissions, bool mentionable, bool isProblem)
    {
        var problem = new PlaceProblems(Guild("0", permissions), new Who(Bot, ["2"])).Of(new DiscordRole("5", "Fans", "0", mentionable));
        (problem is not null).ShouldBe(isProblem);
        (problem ?? "cannot be mentioned: ").ShouldStartWith("cannot be mentioned: ");
    }

    [Fact]
    public void What_somebody_may_do_is_what_Discord_documents() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var guild = new GuildEvent(
            Server, OwnerId: random.Next(20) == 0 ? Bot : "7",
            Roles: [.. Roles.Prepend(Server).Select(id => new DiscordRole(id, id, $"{Bits(random, random.Next(8) == 0)}"))]);
        var who = new Who(Bot, [.. Roles.Where(_ => random.Next(2) == 0)]);
        var overwrites = Roles.Append(Server).Select(id => (id, Overwrite.Role))
            .Concat([(Bot, Overwrite.Member), ("8", Overwrite.Member), (Server, Overwrite.Member), (Bot, Overwrite.Role)])
            .Where(_ => random.Next(2) == 0)
            .Select(o => new Overwrite(o.Item1, o.Item2, $"{Bits(random, false)}", $"{Bits(random, false)}"))
            .OrderBy(_ => random.Next())
            .ToList();

        var inServer = Permissions.In(guild, who);
        inServer.ShouldBe(InServer(guild, who));
        Permissions.In(Server, overwrites, who, inServer).ShouldBe(InChannel(InServer(guild, who), overwrites, who));

        var problem = new PlaceProblems(guild, who).Of(new DiscordChannel("c", "c", 0, overwrites));
        (problem is null).ShouldBe((InChannel(InServer(guild, who), overwrites, who) & Post) == Post);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    /// <summary>As it stands in Discord's documentation.</summary>
    private static ulong InServer(GuildEvent guild, Who who)
    {
        if (guild.OwnerId == who.Id)
        {
            return ulong.MaxValue;
        }

        var permissions = ulong.Parse(guild.Roles!.Single(r => r.Id == guild.Id).Permissions, null);
        foreach (var role in who.Roles)
        {
            permissions |= ulong.Parse(guild.Roles!.Single(r => r.Id == role).Permissions, null);
        }

        return (permissions & 8) == 8 ? ulong.MaxValue : permissions;
    }

    private static ulong InChannel(ulong permissions, List<Overwrite> overwrites, Who who)
    {
        if ((permissions & 8) == 8)
        {
            return ulong.MaxValue;
        }

        if (overwrites.Find(o => o is { Id: Server, Type: 0 }) is { } everyone)
        {
            permissions &= ~ulong.Parse(everyone.Deny!, null);
            permissions |= ulong.Parse(everyone.Allow!, null);
        }

        ulong allow = 0, deny = 0;
        foreach (var role in who.Roles)
        {
            if (overwrites.Find(o => o.Id == role && o.Type == 0) is { } own)
            {
                allow |= ulong.Parse(own.Allow!, null);
                deny |= ulong.Parse(own.Deny!, null);
            }
        }

        permissions &= ~deny;
        permissions |= allow;
        if (overwrites.Find(o => o.Id == who.Id && o.Type == 1) is { } member)
        {
            permissions &= ~ulong.Parse(member.Deny!, null);
            permissions |= ulong.Parse(member.Allow!, null);
        }

        return permissions;
    }

    private static ulong Bits(Random random, bool isAdministrator) =>
        ((ulong)random.NextInt64() & (Post | Permissions.MentionEveryone) & (ulong)random.NextInt64()) | (isAdministrator ? 8UL : 0);

    private static GuildEvent Guild(string everyone, string own) => new(Server, OwnerId: "7", Roles:
    [
        new DiscordRole(Server, "@everyone", everyone), new DiscordRole("2", "rookery", own), new DiscordRole("3", "quiet", "0"),
        new DiscordRole("4", "others", "8"),
    ]);

    private static DiscordChannel Channel(string overwrites) => new(
        "c", "c", 0, [.. overwrites.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(o => Overwritten(o.Split(' ')))]);

    private static Overwrite Overwritten(string[] words)
    {
        var bits = words[1][1..].Aggregate(0UL, (sum, c) => sum | c switch
        {
            'v' => Permissions.ViewChannel,
            's' => Permissions.SendMessages,
            _ => Permissions.EmbedLinks,
        });
        var (id, type) = words[0] switch
        {
            "everyone" => (Server, Overwrite.Role),
            "rookery" => ("2", Overwrite.Role),
            "quiet" => ("3", Overwrite.Role),
            "others" => ("4", Overwrite.Role),
            "bot" => (Bot, Overwrite.Member),
            _ => ("8", Overwrite.Member),
        };
        return words[1][0] == '+' ? new Overwrite(id, type, $"{bits}", "0") : new Overwrite(id, type, "0", $"{bits}");
    }
}
