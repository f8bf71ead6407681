namespace Rookery.Architecture.Tests;

public sealed class MigrationPolicyTests
{
    private const string First = """
        create schema memories;
        create table memories.memories (id bigint primary key, text text, kind text not null default 'note');
        alter table memories.memories alter column id restart with 2;
        create index memories_kind on memories.memories (kind);
        create unique index memories_id on memories.memories (id);
        """;

    [Fact]
    public void Migrations_only_add_and_stay_in_their_schemas() => MigrationPolicy.Violations(
        [.. Repository.All.SelectMany(p => p.Migrations.Select(f => new Migration(Repository.Relative(f), SchemasOf(p), File.ReadAllText(f))))]).ShouldBeEmpty();

    [Fact]
    public void The_files_are_found() => Repository.Kernel.Migrations.Count().ShouldBeGreaterThan(1);

    [Theory]
    [InlineData("alter table memories.memories add column author text;")]
    [InlineData("alter table memories.memories add column uses bigint not null default 0, add url text;")]
    [InlineData("alter table memories.memories alter column kind set default 'quote', alter text drop not null;")]
    [InlineData("create index memories_text on memories.memories (text);")]
    [InlineData("alter table memories.memories drop constraint memories_owner_fkey;")]
    [InlineData("create index memories_kind_id on memories.memories (kind, id); drop index memories.memories_kind;")]
    [InlineData("create table memories.tags (id int, tag text); alter table memories.tags add check (id > 0); create unique index t on memories.tags (tag);")]
    [InlineData("-- drop table memories.memories;\ninsert into memories.memories (id, text) values (1, 'drop table x; delete');")]
    [InlineData("create function memories.f() returns trigger language plpgsql as $$ begin delete from memories.memories; return null; end $$;")]
    [InlineData("create trigger changed after update on memories.memories for each row execute function kernel.notify_change('memories', 'id');")]
    [InlineData("create table memories.links (memory bigint references kernel.entities);")]
    public void What_adds_is_allowed(string text) => Judge(text).ShouldBeEmpty();

    [Theory]
    [InlineData("drop table memories.memories;")]
    [InlineData("drop index memories.memories_pkey;")]
    [InlineData("drop index memories.memories_id;")]
    [InlineData("drop index memories_kind;")]
    [InlineData("drop index memories.memories_kind cascade;")]
    [InlineData("alter table memories.memories drop column text;")]
    [InlineData("alter table memories.memories rename column text to body;")]
    [InlineData("alter table memories.memories rename to notes;")]
    [InlineData("alter table memories.memories alter column id type integer;")]
    [InlineData("alter table memories.memories alter text set not null;")]
    [InlineData("alter table memories.memories alter kind drop default;")]
    [InlineData("alter table memories.memories add column author text not null;")]
    [InlineData("alter table memories.memories add column code text unique;")]
    [InlineData("alter table memories.memories add constraint short check (length(text) < 10);")]
    [InlineData("alter table memories.memories add check (length(text) < 10);")]
    [InlineData("alter table memories.memories add foreign key (id) references kernel.entities;")]
    [InlineData("alter table memories.memories add column fine text, drop constraint x;")]
    [InlineData("alter table memories.memories set schema other;")]
    [InlineData("create unique index one on memories.memories (text);")]
    [InlineData("truncate memories.memories;")]
    [InlineData("delete from memories.memories;")]
    [InlineData("do $$ begin drop table memories.memories; end $$;")]
    [InlineData("create table kernel.mine (id int);")]
    [InlineData("create table mine (id int);")]
    [InlineData("update kernel.entities set owner = null;")]
    [InlineData("create index i on kernel.entities (owner);")]
    [InlineData("comment on column kernel.entities.owner is 'x';")]
    public void What_breaks_older_nodes_or_leaves_its_schema_is_refused(string text) => Judge(text).Count().ShouldBe(1);

    [Theory]
    [InlineData("001_start.sql")]
    [InlineData("20261340_080000_start.sql")]
    [InlineData("20261120_080000_Start.sql")]
    [InlineData("20261120_080000.sql")]
    public void Names_are_checked(string name) =>
        MigrationPolicy.Violations([new Migration(name, ["memories"], "")]).Single().ShouldContain("YYYYMMDD_HHMMSS");

    [Fact]
    public void Two_owners_may_not_share_a_version() => MigrationPolicy.Violations(
        [
            new Migration("a/20261120_080000_one.sql", ["a"], "create schema a;"),
            new Migration("b/20261120_080000_two.sql", ["b"], "create schema b;"),
        ]).Single().ShouldContain("a/20261120_080000_one.sql");

    private static IEnumerable<string> Judge(string text) => MigrationPolicy.Violations(
        [new Migration("20261120_080000_first.sql", ["memories"], First), new Migration("20261121_080000_second.sql", ["memories"], text)]);

    /// <summary>The tables of the platforms' collectors came with the kernel.</summary>
    private static IReadOnlyList<string> SchemasOf(Part part) => part == Repository.Kernel
        ? ["kernel", "discord", "twitch", "slack"]
        : part.Schemas;
}
