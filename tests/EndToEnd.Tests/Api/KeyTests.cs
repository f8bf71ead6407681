using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Rookery.Kernel.Security;

namespace Rookery.EndToEnd.Tests.Api;

[Collection(SharedApi.Name)]
public sealed class KeyTests(TestHost host)
{
    [Fact]
    public async Task A_key_is_shown_once_and_stored_as_its_hash()
    {
        var made = await host.Http.CallAsync("POST", "/api/v1/keys", Key(Scopes.CommandsRead), 201);
        var (secret, id) = (made.Text("secret"), made["key"]!.Text("id"));

        secret.ShouldStartWith("rk_");
        (await host.Http.CallAsync("GET", "/api/v1/keys?limit=200")).ToJsonString().ShouldNotContain(secret);
        (await host.Http.CallAsync("GET", "/api/v1/audit?action=api_key")).ToJsonString().ShouldNotContain(secret);
        (await StoredAsync(id)).ShouldBe(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

        using var client = host.Client(secret);
        await client.CallAsync("GET", "/api/v1/commands");
        await client.CallAsync("GET", "/api/v1/keys", expect: 403);
    }

    [Fact]
    public async Task A_bearer_header_does_as_well()
    {
        using var client = host.Client(null);
        client.DefaultRequestHeaders.Add("Authorization", $"Bearer {host.AdminKey}");

        await client.CallAsync("GET", "/api/v1/commands");
    }

    [Fact]
    public async Task A_revoked_key_stops_at_once()
    {
        var made = await host.Http.CallAsync("POST", "/api/v1/keys", Key(Scopes.CommandsRead), 201);
        using var client = host.Client(made.Text("secret"));
        await client.CallAsync("GET", "/api/v1/commands");

        await host.Http.CallAsync("DELETE", $"/api/v1/keys/{made["key"]!.Text("id")}", expect: 204);

        await client.CallAsync("GET", "/api/v1/commands", expect: 401);
        await host.Http.CallAsync("DELETE", $"/api/v1/keys/{made["key"]!.Text("id")}", expect: 404);
    }

    [Fact]
    public async Task A_key_over_its_rate_is_told_how_long_to_wait()
    {
        var body = Key(Scopes.CommandsRead);
        body["rate_per_minute"] = 3;
        using var client = host.Client((await host.Http.CallAsync("POST", "/api/v1/keys", body, 201)).Text("secret"));
        for (var i = 0; i < 3; i++)
        {
            await client.CallAsync("GET", "/api/v1/commands");
        }

        using var fourth = await client.AskAsync("GET", "/api/v1/commands");

        fourth.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        fourth.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));

        // Another key's change refills nobody.
        await host.Http.CallAsync("POST", "/api/v1/keys", Key(Scopes.CommandsRead), 201);
        await client.CallAsync("GET", "/api/v1/commands", expect: 429);
    }

    [Fact]
    public async Task A_key_ends_when_its_time_is_over()
    {
        var clock = new ManualClock(
            DateTimeOffset.Parse("2026-11-20T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        await using var own = new TestHost { Clock = clock };
        await own.InitializeAsync();
        var body = Key(Scopes.Admin);
        body["expires_at"] = "2026-11-20T13:00:00Z";
        using var client = own.Client((await own.Http.CallAsync("POST", "/api/v1/keys", body, 201)).Text("secret"));

        await client.CallAsync("GET", "/api/v1/commands");

        // What it makes ends with it at the latest.
        (await client.CallAsync("POST", "/api/v1/keys", Key(Scopes.Admin), 201))["key"]!.Text("expires_at").ShouldStartWith("2026-11-20T13:00:00");
        body["expires_at"] = "2026-11-20T14:00:00Z";
        (await client.CallAsync("POST", "/api/v1/keys", body, 400)).Fields().ShouldBe(["expires_at"]);

        clock.Advance(TimeSpan.FromHours(1));
        await client.CallAsync("GET", "/api/v1/commands", expect: 401);
        (await own.Http.CallAsync("POST", "/api/v1/keys", body, 201)).ShouldNotBeNull();
        body["expires_at"] = "2026-11-20T13:00:00Z";
        (await own.Http.CallAsync("POST", "/api/v1/keys", body, 400)).Fields().ShouldBe(["expires_at"]);
    }

    [Fact]
    public async Task A_key_makes_none_that_may_more_than_itself()
    {
        var (own, other) = (await host.CommunityAsync(), await host.CommunityAsync());
        using var bound = await host.ClientAsync(own, Scopes.Admin);
        using var reader = await host.ClientAsync(null, Scopes.CommandsRead, Scopes.CommandsWrite);

        await reader.CallAsync("POST", "/api/v1/keys", Key(Scopes.CommandsRead), 403);
        (await bound.CallAsync("POST", "/api/v1/keys", Key(Scopes.Admin), 201))["key"]!.Number("community_id").ShouldBe(own);
        var body = Key(Scopes.Admin);
        body["community_id"] = other;
        (await bound.CallAsync("POST", "/api/v1/keys", body, 400)).Fields().ShouldBe(["community_id"]);

        (await bound.CallAsync("GET", "/api/v1/keys")).Items().ShouldAllBe(k => k.Number("community_id") == own);
        var theirs = await host.Http.CallAsync("POST", "/api/v1/keys", body, 201);
        await bound.CallAsync("DELETE", $"/api/v1/keys/{theirs["key"]!.Text("id")}", expect: 404);
    }

    [Fact]
    public async Task A_key_that_is_wrong_is_refused_for_every_reason()
    {
        var body =
            new JsonObject { ["name"] = "", ["scopes"] = new JsonArray("everything"), ["rate_per_minute"] = -1, ["community_id"] = 999_999, ["expires_at"] = "2020-01-01T00:00:00Z" };

        (await host.Http.CallAsync("POST", "/api/v1/keys", body, 400)).Fields()
            .ShouldBe(["name", "scopes", "rate_per_minute", "expires_at", "community_id"], ignoreOrder: true);
        (await host.Http.CallAsync("POST", "/api/v1/keys", new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray() }, 400))
            .Fields()
            .ShouldBe(["scopes"]);
        (await host.Http.CallAsync("POST", "/api/v1/keys", new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray((JsonNode?)null) }, 400))
            .Fields()
            .ShouldBe(["scopes"]);
    }

    [Theory]
    [InlineData("rk_0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("x")]
    public async Task An_unknown_key_is_refused(string secret)
    {
        using var client = host.Client(secret);
        await client.CallAsync("GET", "/api/v1/commands", expect: 401);
    }

    private async Task<byte[]> StoredAsync(string id)
    {
        await using var source = NpgsqlDataSource.Create(host.Database);
        await using var command = source.CreateCommand("select key_hash from kernel.api_keys where id = $1");
        command.Parameters.AddWithValue(Guid.Parse(id));
        return (byte[])(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static JsonObject Key(string scope) => new() { ["name"] = "test", ["scopes"] = new JsonArray(scope) };
}
