using Rookery.Host;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Tests.Data;

public sealed class SchemaDriftTests(FreshDatabase database) : IClassFixture<FreshDatabase>
{
    /// <summary>Changes by hand, and the line each leads to.</summary>
    private static readonly (string Change, string Line)[] Changes =
    [
        ("alter table kernel.nodes add column extra int", "+ column kernel.nodes.extra integer"),
        ("alter table kernel.api_keys drop column hint", "- column kernel.api_keys.hint text not null"),
        (
            "alter table kernel.nodes alter host type varchar(10)",
            "+ column kernel.nodes.host character varying(10) not null"),
        ("alter table kernel.servers alter platform drop not null", "+ column kernel.servers.platform text"),
        (
            "alter table kernel.inbox alter event_key set default 'x'",
            "+ column kernel.inbox.event_key text not null default 'x'::text"),
        (
            "alter table kernel.nodes drop constraint nodes_pkey",
            "- constraint kernel.nodes nodes_pkey PRIMARY KEY (node_id)"),
        (
            "alter table kernel.outbox add constraint named check (sender <> '')",
            "+ constraint kernel.outbox named CHECK ((sender <> ''::text))"),
        (
            "drop index kernel.outbox_lanes",
            "- index kernel.outbox CREATE INDEX outbox_lanes ON kernel.outbox USING btree (sender, priority, next_try_at, id) WHERE (status = 'pending'::text)"),
        (
            "create unique index new on kernel.nodes (host)",
            "+ index kernel.nodes CREATE UNIQUE INDEX new ON kernel.nodes USING btree (host)"),
        ("alter table kernel.outbox disable trigger work", "(disabled)"),
        ("drop trigger work on kernel.timers", "- trigger kernel.timers CREATE TRIGGER work"),
        ("drop table kernel.secrets", "- table kernel.secrets"),
        ("create table kernel.more (id int)", "+ table kernel.more"),
        ("create view kernel.look as select 1 as one", "+ view kernel.look"),
        (
            "create or replace function kernel.notify_work() returns trigger language plpgsql as 'begin return null; end'",
            "+ function kernel.notify_work()"),
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_committed_structure_is_that_of_a_freshly_migrated_database()
    {
        var fresh = await new SchemaDrift(database.Db).DescribeAsync(null, Ct);
        CommittedSchema.Read()
            .DifferencesTo(fresh)
            .ShouldBeEmpty("A migration was added or changed: ./run schema verify --write src/Host/schema.txt");
    }

    [Fact]
    public async Task Day_partitions_are_no_drift()
    {
        await new Partitions(database.Db, Server.DailyTables(), new ManualClock(DateTimeOffset.UnixEpoch)).EnsureAsync(Ct);
        (await DifferencesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Schemas_of_others_are_no_drift()
    {
        await database.Db.Write.ExecuteAsync($"create schema elsewhere", Ct);
        await database.Db.Write.ExecuteAsync($"create table elsewhere.thing (id int)", Ct);
        await database.Db.Write.ExecuteAsync($"create table public.thing (id int)", Ct);
        (await DifferencesAsync()).ShouldBeEmpty();
        await database.Db.Write.ExecuteAsync($"drop schema elsewhere cascade", Ct);
    }

    [Fact]
    public async Task Changes_by_hand_are_named()
    {
        await using var changed = new FreshDatabase();
        await changed.InitializeAsync();
        foreach (var (change, _) in Changes)
        {
            await using var command = changed.Source.CreateCommand(change);
            await command.ExecuteNonQueryAsync(Ct);
        }

        var differences = await CommittedSchema.DifferencesAsync(changed.Db, Ct);
        Changes.Where(c => !differences.Any(d => d.Contains(c.Line, StringComparison.Ordinal))).ShouldBeEmpty(
            string.Join('\n', differences));
    }

    [Fact]
    public void A_committed_text_that_was_edited_by_hand_is_refused()
    {
        var text = CommittedSchema.Read().ToString();
        SchemaText.Parse(text).ToString().ShouldBe(text);
        Should.Throw<InvalidOperationException>(
            () => SchemaText.Parse(text.Replace("kernel.nodes.host text", "kernel.nodes.host int", StringComparison.Ordinal)));
    }

    private Task<IReadOnlyList<string>> DifferencesAsync() => CommittedSchema.DifferencesAsync(database.Db, Ct);
}
