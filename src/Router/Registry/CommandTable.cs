using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Kernel;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;

namespace Rookery.Router.Registry;

/// <summary>Every active command by the name typed, in memory; read anew when the table changes.</summary>
internal sealed class CommandTable : ICommandList, IDisposable
{
    private readonly Database _db;
    private readonly Lazy<FrozenDictionary<string, RegisteredCommand>> _commands;
    private readonly Lazy<FrozenDictionary<string, RegisteredReaction>> _reactions;
    private readonly Lazy<IChannelCommands[]> _ofChannels;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private Snapshot _current = Snapshot.Empty;

    public CommandTable(Database db, IServiceProvider services, ChangeFeed feed)
    {
        // Handlers may themselves ask for this table (help does), so they are looked up late.
        _db = db;
        _commands = new(
            () => services.GetServices<RegisteredCommand>().ToFrozenDictionary(c => c.Spec.Name, StringComparer.Ordinal));
        _reactions = new(
            () => services.GetServices<RegisteredReaction>().ToFrozenDictionary(r => ReactionName(r), StringComparer.Ordinal));
        _ofChannels = new(() => [.. services.GetServices<IChannelCommands>()]);
        feed.On("commands", async _ => await ReloadAsync(CancellationToken.None));
    }

    public IReadOnlyList<Command> All => _current.All;

    public IReadOnlyList<ListedCommand> Typed => _current.Typed;

    public static string ReactionName(RegisteredReaction reaction) => $"{reaction.Module}.{reaction.Spec.Name}";

    public static string LocationOf(string module) => $"{Command.Internal}{module}";

    /// <summary>Finds an active command by its name or an alias; case does not matter.</summary>
    public Command? Find(char prefix, ReadOnlySpan<char> name) =>
        (prefix == '!' ? _current.Internal : _current.Community).TryGetValue(name, out var command) ? command : null;

    /// <summary>The same; where there is none of the name, one that the channel has of its own.</summary>
    public Command? Find(char prefix, ReadOnlySpan<char> name, Entity entity)
    {
        var command = Find(prefix, name);
        for (var i = 0; command is null && prefix == '!' && i < _ofChannels.Value.Length; i++)
        {
            var source = _ofChannels.Value[i];
            command = source.Find(entity, name) is { } own ? Join(source, own) : null;
        }

        return command;
    }

    /// <summary>What can be typed in a channel.</summary>
    public IEnumerable<Command> TypedIn(Entity entity) => All.Where(c => c.IsTyped)
        .Concat(_ofChannels.Value.SelectMany(
            source => source.List(entity).Where(own => Find('!', own.Name) is null).Select(own => Join(source, own)).OfType<Command>()));

    /// <summary>
    /// The commands an event of this type triggers: the ordered ones by priority, then the parallel ones.
    /// </summary>
    public IReadOnlyList<Command> For(string eventType) => _current.ByEvent.GetValueOrDefault(eventType) ?? [];

    public async Task ReloadAsync(CancellationToken ct)
    {
        await _loading.WaitAsync(ct);
        try
        {
            var rows = await _db.Write.ListAsync(
                $"select {Command.Columns} from router.commands where is_active order by priority, id",
                Command.Read,
                ct);
            _current = Snapshot.Of([.. rows.Select(Join)]);
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose() => _loading.Dispose();

    /// <summary>The row of its carrier, with which it is on record, and what the command itself is.</summary>
    private Command? Join(IChannelCommands source, ChannelCommand own) => Find('!', source.Carrier) is not { } row ? null : row with
    {
        Name = own.Name,
        Description = own.Help,
        Aliases = own.Aliases,
        MinRole = own.MinRole > row.MinRole ? own.MinRole : row.MinRole,
        Handler = own.Handler,
        Spec = null,
    };

    private Command Join(Command row)
    {
        if (row.IsRemote)
        {
            return row;
        }

        return _commands.Value.TryGetValue(row.Name, out var command)
            ? row with { Handler = command.Handler, Spec = command.Spec }
            : _reactions.Value.TryGetValue(row.Name, out var reaction) ? row with { Reaction = reaction.Handler } : row;
    }

    private sealed record Snapshot(
        IReadOnlyList<Command> All,
        IReadOnlyList<ListedCommand> Typed,
        FrozenDictionary<string, Command>.AlternateLookup<ReadOnlySpan<char>> Internal,
        FrozenDictionary<string, Command>.AlternateLookup<ReadOnlySpan<char>> Community,
        FrozenDictionary<string, IReadOnlyList<Command>> ByEvent)
    {
        public static Snapshot Empty { get; } = Of([]);

        public static Snapshot Of(IReadOnlyList<Command> all) => new(
            all,
            [.. all.Where(c => c.IsTyped).Select(c => new ListedCommand(c.Prefix, c.Name, c.Description, c.Spec?.Usage ?? []) { Aliases = c.Aliases })],
            Names(all, '!'),
            Names(all, '#'),
            all.Where(c => c.IsEventTriggered)
                .SelectMany(c => c.EventTypes, (c, type) => (type, c))
                .GroupBy(p => p.type, p => p.c, StringComparer.Ordinal)
                .ToFrozenDictionary(g => g.Key, g => (IReadOnlyList<Command>)[.. g.OrderBy(c => c.Parallel).ThenBy(c => c.Priority).ThenBy(c => c.Id)], StringComparer.Ordinal));

        /// <summary>
        /// Names win over aliases; of two equal aliases the command of the lower priority number has it.
        /// </summary>
        private static FrozenDictionary<string, Command>.AlternateLookup<ReadOnlySpan<char>> Names(
            IReadOnlyList<Command> all, char prefix)
        {
            var names = new Dictionary<string, Command>(StringComparer.OrdinalIgnoreCase);
            foreach (var command in all.Where(c => c.Prefix == prefix && c.IsTyped))
            {
                names[command.Name] = command;
            }

            foreach (var command in all.Where(c => c.Prefix == prefix && c.IsTyped))
            {
                foreach (var alias in command.Aliases)
                {
                    names.TryAdd(alias, command);
                }
            }

            return names.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        }
    }
}
