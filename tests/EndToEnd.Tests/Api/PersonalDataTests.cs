using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Security;

namespace Rookery.EndToEnd.Tests.Api;

[Collection(SharedApi.Name)]
public sealed class PersonalDataTests(TestHost host)
{
    [Fact]
    public async Task An_export_holds_what_is_known_and_an_erasure_leaves_nothing_of_it()
    {
        var user = $"u{Guid.NewGuid():N}";
        var (community, channel) = await KnownAsync(user);
        var path = $"/api/v1/personal-data/sandbox/{user}";

        var export = await host.Http.CallAsync("POST", $"{path}/export");
        var data = export["data"]!.AsObject();
        data["router.command_executions"]!.AsArray().Count.ShouldBe(2);
        data["router.command_executions"]![0]!.Text("message_content").ShouldBe("!ping my secret");
        foreach (var table in new[] { "kernel.member_roles", "kernel.ownership", "kernel.outbox", "kernel.administration", "kernel.settings", "router.command_permissions", "router.rate_limits" })
        {
            data[table]!.AsArray().ShouldNotBeEmpty(table);
        }

        var erased = await host.Http.CallAsync("POST", $"{path}/erase");
        erased["rows"]!.AsObject().Sum(r => r.Value!.GetValue<int>()).ShouldBeGreaterThan(5);

        (await host.Http.CallAsync("POST", $"{path}/export"))["data"]!.AsObject().ShouldAllBe(
            t => t.Value!.AsArray().Count == 0);
        (await TablesNamingAsync(user)).ShouldBeEmpty();
        var runs = (await host.Http.CallAsync("GET", $"/api/v1/executions?community_id={community}")).Items();
        runs.Count.ShouldBe(2);
        runs.ShouldAllBe(
            r => r.Text("user_id") == "erased" && r["message_content"] == null && r.Text("entity_id") == $"sandbox:{channel}");
        (await host.Http.CallAsync("GET", "/api/v1/audit?action=personal_data")).ToJsonString().ShouldNotContain(user);
        (await host.Http.CallAsync("GET", "/api/v1/audit?action=personal_data.erased")).Items().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Who_has_the_same_id_on_another_platform_keeps_everything()
    {
        var user = $"u{Guid.NewGuid():N}";
        await KnownAsync(user);

        (await host.Http.CallAsync("POST", $"/api/v1/personal-data/discord/{user}/export"))["data"]!.AsObject().ShouldAllBe(t => t.Value!.AsArray().Count == 0);
        (await host.Http.CallAsync("POST", $"/api/v1/personal-data/discord/{user}/erase"))["rows"]!.AsObject().ShouldAllBe(r => r.Value!.GetValue<int>() == 0);
    }

    [Fact]
    public async Task It_needs_its_scope_a_platform_and_a_key_of_no_community()
    {
        using var bound = await host.ClientAsync(await host.CommunityAsync(), Scopes.PersonalData);
        await bound.CallAsync("POST", "/api/v1/personal-data/sandbox/ada/erase", expect: 403);
        await host.Http.CallAsync("POST", "/api/v1/personal-data/irc/ada/erase", expect: 400);
    }

    /// <summary>Makes somebody known in every table that can know them.</summary>
    private async Task<(long Community, string Channel)> KnownAsync(string user)
    {
        var community = await host.CommunityAsync();
        var channel = await host.ChannelAsync(community);
        var ping = $"/api/v1/entities/sandbox:{channel}/permissions/{await host.CommandIdAsync("ping")}";
        await host.SayAsync("!ping my secret", user: user, channel: channel);
        await host.Http.CallAsync(
            "PATCH",
            ping,
            new JsonObject { ["permissions"] = new JsonObject { ["deny_users"] = new JsonArray(user), ["allow_users"] = new JsonArray(user, "bea") } });
        await host.SayAsync("!ping", user: user, channel: channel);
        await host.Http.CallAsync(
            "PUT",
            $"/api/v1/communities/{community}/members/sandbox/{user}",
            new JsonObject { ["role"] = "vip", ["user_name"] = user });
        await host.Http.CallAsync(
            "PATCH", $"/api/v1/communities/{community}", new JsonObject { ["owner"] = $"sandbox:{user}" });
        foreach (var list in new[] { $"sandbox:{user}x, sandbox:{user};discord:7", $"sandbox:{user}" })
        {
            await host.Http.CallAsync(
                "PUT",
                $"/api/v1/settings/memories/contributors?community_id={community}",
                new JsonObject { ["value"] = list.Replace($"{user}x", "bea", StringComparison.Ordinal) });
        }

        var (db, ct) = (host.Get<Database>(), TestContext.Current.CancellationToken);
        var message = new SendMessage(
            new ChannelId(Platform.Sandbox, null, channel),
            new ModuleResponse("test", true, "chat", ChatMessage: $"Hello {user}"),
            user,
            user);
        var body = new JsonObject
        {
            ["user"] = new JsonObject { ["id"] = user, ["name"] = "Ada" },
            ["context"] = new JsonObject { ["platform"] = "sandbox" },
        };
        var about = new CallWebhook(
            new Uri("https://example.org"),
            body.ToJsonString(),
            new Dictionary<string, string>(StringComparer.Ordinal));
        await host.Get<Outbox>().AddAsync(db.Write, $"{Guid.NewGuid()}", "nobody", community, null, message, ct);
        await host.Get<Outbox>().AddAsync(db.Write, $"{Guid.NewGuid()}", "nobody", community, null, about, ct);
        await db.Write.ExecuteAsync(
            $"""
            insert into router.rate_limits (command_id, entity_id, user_id, window_start, request_count)
            select 1, id, {user}, now(), 3 from kernel.entities where entity_id = {$"sandbox:{channel}"}
            """,
            ct);
        await db.Write.ExecuteAsync(
            $"insert into kernel.audit_log (guild_id, user_id, action) values ('1', {$"sandbox:{user}"}, 'test.acted')", ct);
        return (community, channel);
    }

    /// <summary>Every table of ours with a row that holds the text anywhere.</summary>
    private async Task<IReadOnlyList<string>> TablesNamingAsync(string text)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var source = NpgsqlDataSource.Create(host.Database);
        var tables = new List<string>();
        await using (var list = source.CreateCommand(
            """
            select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog',
                'information_schema')
            """))
        await using (var reader = await list.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                tables.Add(reader.GetString(0));
            }
        }

        var naming = new List<string>();
        foreach (var table in tables)
        {
            await using var find = source.CreateCommand(
                $"select exists (select from {table} t where strpos(t::text, $1) > 0)");
            find.Parameters.AddWithValue(text);
            if (await find.ExecuteScalarAsync(ct) is true)
            {
                naming.Add(table);
            }
        }

        return naming;
    }
}
