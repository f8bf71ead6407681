using System.Globalization;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Reputation;

/// <summary><c>!reputation</c>: where somebody stands, and what for.</summary>
internal sealed class ReputationCommand(ScoreStore store) : ICommand
{
    private const int MaxName = 255;
    private const int Shown = 5;

    public static CommandSpec Spec { get; } = new("reputation", "Shows how many points somebody has here, and what for.")
    {
        Aliases = ["rep"],
        Usage = ["", "@user", "history", "history @user"],
        RateLimit = 30,
    };

    public async ValueTask<Reply> RunAsync(CommandCall call, CancellationToken ct)
    {
        var history = call.Arguments is [var first, ..] && first.Equals("history", StringComparison.OrdinalIgnoreCase);
        var who = string.Join(' ', call.Arguments.Skip(history ? 1 : 0));
        if (who.Length == 0)
        {
            return await store.FindAsync(call.Community, call.Member.Platform, call.Member.UserId, ct) is { } own
                ? await TellAsync(call, own, history, ct)
                : Reply.Text($"{call.Member.Name} has no points here yet.");
        }

        if (who.Length > MaxName || !Checks.Storable(who))
        {
            return Reply.Refuse("That is no name; write !reputation @user.");
        }

        return await FindAsync(call, who, ct) switch
        {
            [] => Reply.Refuse($"{who} has no points here."),
            [var only] => await TellAsync(call, only, history, ct),
            _ => Reply.Refuse($"Several members are called {who}; mention the one you mean, or write platform:id."),
        };
    }

    /// <summary>A mention and <c>platform:id</c> name one account; a name is looked up, and may be that of several.</summary>
    private async Task<IReadOnlyList<Standing>> FindAsync(CommandCall call, string who, CancellationToken ct)
    {
        var (platform, id) = Account(call.Member.Platform, who);
        return id is null
            ? await store.NamedAsync(call.Community, platform, who.TrimStart('@'), ct)
            : await store.FindAsync(call.Community, platform, id, ct) is { } found ? [found] : [];
    }

    private static (Platform Platform, string? Id) Account(Platform here, string who)
    {
        if (who is ['<', '@', .. var mention, '>'])
        {
            return (here, mention.TrimStart('!'));
        }

        return who.Split(':', 2) is [var name, { Length: > 0 } id] && Platforms.TryParse(name, out var platform)
            ? (platform, id)
            : (here, null);
    }

    private async Task<Reply> TellAsync(CommandCall call, Standing s, bool history, CancellationToken ct)
    {
        var rank = s.Rank.ToString(CultureInfo.InvariantCulture);
        var line = $"{s.UserName} has {ReputationText.Points(s.Score)} here (rank {rank}).";
        if (!history)
        {
            return Reply.Text(line);
        }

        var events = await store.EventsAsync(call.Community, s.Platform, s.UserId, null, new PageQuery(Shown, null), ct);
        return Reply.Text(string.Join('\n', events.Take(Shown).Select(ReputationText.Line).Prepend(line)));
    }
}
