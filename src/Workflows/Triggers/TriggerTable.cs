using Microsoft.Extensions.Hosting;
using Rookery.Kernel.Communities;
using Rookery.Kernel.Data;
using Rookery.Workflows.Definition;
using Rookery.Workflows.Nodes;

namespace Rookery.Workflows.Triggers;

/// <summary>Every published workflow by what starts it, in memory; read anew when one changes.</summary>
internal sealed class TriggerTable : IHostedService, IDisposable
{
    private readonly Database _db;
    private readonly Definitions _definitions;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly Dictionary<Guid, Listening> _all = [];
    private Snapshot _current = new([]);

    public TriggerTable(Database db, Definitions definitions, ChangeFeed feed)
    {
        (_db, _definitions) = (db, definitions);
        feed.On("workflows", async key => await ReloadAsync(Guid.TryParse(key, out var one) ? one : null, CancellationToken.None));
    }

    public Listening? Find(Guid workflow) => _current.ById.GetValueOrDefault(workflow);

    /// <summary>The workflows that an event of this type starts, if their filters let it.</summary>
    public IReadOnlyList<Listening> Events(Entity entity, string type)
    {
        // Asked for every message: nothing is made where nobody listens.
        var events = _current.Events;
        var (here, everywhere) = (new Happening(new Place(entity.Id, false), type), new Happening(new Place(entity.CommunityId, true), type));
        if (!events.Contains(here) && !events.Contains(everywhere))
        {
            return [];
        }

        return Covering(events[here], events[everywhere], entity);
    }

    private static List<Listening> Covering(IEnumerable<Listening> here, IEnumerable<Listening> everywhere, Entity entity) =>
    [
        .. here.Where(l => l.Community == entity.CommunityId).Concat(everywhere)
            .Where(l => Listening.Covers(((EventTrigger)l.Trigger).Platforms, entity.Channel.Platform)),
    ];

    /// <summary>The workflow a word starts; of two the one that was made first, that of the channel before that of its community.</summary>
    public Listening? Command(Entity entity, ReadOnlySpan<char> name)
    {
        if (_current.Commands.Count == 0)
        {
            return null;
        }

        foreach (var listening in Commands(entity))
        {
            var trigger = (CommandTrigger)listening.Trigger;
            var comparison = trigger.CaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
            if (name.Equals(trigger.CommandPattern, comparison) || Has(trigger.Aliases, name, comparison))
            {
                return listening;
            }
        }

        return null;
    }

    /// <summary>The workflows that commands start in a channel, those of the channel first.</summary>
    public IEnumerable<Listening> Commands(Entity entity) => _current.Commands[new Place(entity.Id, false)]
        .Where(l => l.Community == entity.CommunityId)
        .Concat(_current.Commands[new Place(entity.CommunityId, true)])
        .Where(l => Listening.Covers(((CommandTrigger)l.Trigger).Platforms, entity.Channel.Platform));

    /// <param name="workflow">Null: all.</param>
    public async Task ReloadAsync(Guid? workflow, CancellationToken ct)
    {
        await _loading.WaitAsync(ct);
        try
        {
            var rows = await _db.Write.ListAsync(
                $"""
                select {Listening.Columns}
                from workflows.workflow_definitions d
                join workflows.workflow_versions v on v.workflow_id = d.workflow_id and v.version = d.version
                where d.status = 'published' and ({workflow}::uuid is null or d.workflow_id = {workflow})
                """,
                Listening.Read,
                ct);
            if (workflow is { } one)
            {
                _all.Remove(one);
                _definitions.Forget(one);
            }
            else
            {
                _all.Clear();
            }

            foreach (var listening in rows.OfType<Listening>())
            {
                _all[listening.WorkflowId] = listening;
            }

            _current = new Snapshot([.. _all.Values.OrderBy(l => l.WorkflowId)]);
        }
        finally
        {
            _loading.Release();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => ReloadAsync(null, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _loading.Dispose();

    private static bool Has(IReadOnlyList<string> names, ReadOnlySpan<char> name, StringComparison comparison)
    {
        foreach (var other in names)
        {
            if (name.Equals(other, comparison))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A channel by its entity's key, or a community by its id.</summary>
    private readonly record struct Place(long Id, bool IsCommunity);

    private readonly record struct Happening(Place At, string Type);

    private sealed class Snapshot(IReadOnlyList<Listening> all)
    {
        public Dictionary<Guid, Listening> ById { get; } = all.ToDictionary(l => l.WorkflowId);

        public ILookup<Place, Listening> Commands { get; } = all
            .Where(l => l.Trigger is CommandTrigger)
            .ToLookup(l => At(l, ((CommandTrigger)l.Trigger).IsOfCommunity));

        public ILookup<Happening, Listening> Events { get; } = all
            .Where(l => l.Trigger is EventTrigger { EventType: not null })
            .ToLookup(l => new Happening(At(l, ((EventTrigger)l.Trigger).IsOfCommunity), ((EventTrigger)l.Trigger).EventType!));

        private static Place At(Listening listening, bool ofCommunity) =>
            ofCommunity ? new(listening.Community, true) : new(listening.EntityKey, false);
    }
}
