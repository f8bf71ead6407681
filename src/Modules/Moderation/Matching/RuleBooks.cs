using Microsoft.Extensions.Logging;
using Rookery.Kernel.Data;
using Rookery.Modules.Moderation.Rules;

namespace Rookery.Modules.Moderation.Matching;

/// <summary>The compiled rules of every community that chats here, made anew when one of its rules changes.</summary>
internal sealed partial class RuleBooks
{
    /// <summary>The key of the rules that belong to no community; communities are numbered from 1.</summary>
    private const long Global = 0;

    private readonly RuleStore _store;
    private readonly ILogger<RuleBooks> _log;
    private readonly Cached<RuleBook> _books;

    public RuleBooks(RuleStore store, ChangeFeed feed, ILogger<RuleBooks> log)
    {
        _store = store;
        _log = log;
        _books = new(feed, "stringmatch", LoadAsync);
    }

    /// <summary>What holds in a channel. Completes without a wait once the community's rules are in memory.</summary>
    public ValueTask<ActiveRules> ForAsync(string entityId, long community, CancellationToken ct)
    {
        var global = _books.GetAsync(Global, ct);
        var own = _books.GetAsync(community, ct);
        return global.IsCompletedSuccessfully && own.IsCompletedSuccessfully
            ? new(new ActiveRules(global.Result, own.Result, entityId))
            : WaitAsync(global, own, entityId);
    }

    public void Forget(long? community) => _books.Forget(community ?? Global);

    private static async ValueTask<ActiveRules> WaitAsync(ValueTask<RuleBook> global, ValueTask<RuleBook> own, string entityId) =>
        new(await global, await own, entityId);

    private async Task<RuleBook> LoadAsync(long community)
    {
        var rules = await _store.ListActiveAsync(community == Global ? null : community, CancellationToken.None);
        return new RuleBook([.. rules.Select(Compile).OfType<CompiledRule>()]);
    }

    private CompiledRule? Compile(RuleView row)
    {
        try
        {
            return new CompiledRule(row.ToRule());
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or UriFormatException)
        {
            NotCompiled(e, row.Id);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Error, "Rule {Rule} came into the table past the API and cannot run; it is left out.")]
    private partial void NotCompiled(Exception exception, long rule);
}
