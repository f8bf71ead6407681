using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Rookery.Router.Tests.Remote;

public sealed class RemoteCallTests(RemoteHost host) : IClassFixture<RemoteHost>, IAsyncLifetime
{
    private LoopbackServer _module = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _module = await LoopbackServer.StartAsync();
        _module.Json("""{"chat_message":"sunny"}""");
    }

    public ValueTask DisposeAsync() => _module.DisposeAsync();

    [Theory]
    [InlineData("container")]
    [InlineData("webhook")]
    public async Task A_module_is_told_who_asked_what_and_where(string type)
    {
        var (_, name) = await host.AddCommandAsync(new Uri(_module.Address, "/run?v=1").ToString(), type);

        var answer = await host.SayAsync($"""!{name} "New York" now""", user: "ada", channel: "weather-talk", role: "vip", messageId: $"m-{name}");

        answer["outcome"]!.GetValue<string>().ShouldBe("replied");
        TestHost.Lines(answer).ShouldBe(["sunny"]);
        var seen = _module.Requests.ShouldHaveSingleItem();
        (seen.Method, seen.Path, seen.Query).ShouldBe(("POST", "/run", "?v=1"));
        var body = JsonNode.Parse(seen.Body)!.AsObject();
        var row = await host.RowAsync(answer);
        body["command"]!.GetValue<string>().ShouldBe(name);
        body["parameters"]!.ToJsonString().ShouldBe("""["New York","now"]""");
        body["args"]!.ToJsonString().ShouldBe("""["New York","now"]""");
        body["user"]!.ToJsonString().ShouldBe("""{"id":"ada","name":"ada","role":"vip"}""");
        body["context"]!["platform"]!.GetValue<string>().ShouldBe("sandbox");
        body["context"]!["channel_id"]!.GetValue<string>().ShouldBe("weather-talk");
        body["context"]!["message_id"]!.GetValue<string>().ShouldBe($"m-{name}");
        body["context"]!["timestamp"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        body["entity_id"]!.GetValue<string>().ShouldBe("sandbox:weather-talk");
        body["community_id"]!.GetValue<long>().ShouldBe(row["community_id"]!.GetValue<long>());
        body["session_id"]!.GetValue<string>().ShouldBe(answer["session_id"]!.GetValue<string>());
        body["execution_id"]!.GetValue<string>().ShouldBe(answer["execution_id"]!.GetValue<string>());
        body["raw_message"]!.GetValue<string>().ShouldBe($"""!{name} "New York" now""");
        body["trigger_type"]!.GetValue<string>().ShouldBe("command");
        body["config"]!.ToJsonString().ShouldBe("{}");
        JsonNode.DeepEquals(row["request_payload"], body).ShouldBeTrue();
        (row["status"]!.GetValue<string>(), row["response_status"]!.GetValue<int>(), row["retry_count"]!.GetValue<int>()).ShouldBe(("success", 200, 0));
        seen.Headers["X-Rookery-Source"].ShouldBe("router");
        seen.Headers["X-Rookery-Type"].ShouldBe(type);
        seen.Headers["X-Rookery-Execution-Id"].ShouldBe(answer["execution_id"]!.GetValue<string>());
        seen.Headers["Idempotency-Key"].ShouldBe(answer["execution_id"]!.GetValue<string>());
        seen.Headers.ContainsKey("X-Rookery-Signature").ShouldBeFalse();
    }

    [Fact]
    public async Task A_signature_can_be_checked_by_who_knows_the_secret_and_the_secret_is_stored_nowhere_else()
    {
        var (id, name) = await host.AddCommandAsync(_module.Address.ToString());
        await host.SetSecretAsync(id, "s3cret-ü");

        var answer = await host.SayAsync($"!{name} x");

        var seen = _module.Last;
        seen.Headers["X-Rookery-Signature"].ShouldBe(
            Signature("s3cret-ü", seen.Headers["X-Rookery-Timestamp"], seen.Body));
        (await host.RowAsync(answer)).ToJsonString().ShouldNotContain("s3cret");
        seen.Body.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task A_changed_secret_is_used_from_the_next_call_on()
    {
        var (id, name) = await host.AddCommandAsync(_module.Address.ToString());
        await host.SayAsync($"!{name}");
        _module.Last.Headers.ContainsKey("X-Rookery-Signature").ShouldBeFalse();

        foreach (var secret in new[] { "first", "second" })
        {
            await host.SetSecretAsync(id, secret);
            await TestHost.EventuallyAsync(
                async () =>
                {
                    await host.SayAsync($"!{name}");
                    var seen = _module.Last;
                    return seen.Headers.GetValueOrDefault("X-Rookery-Signature") == Signature(
                        secret, seen.Headers["X-Rookery-Timestamp"], seen.Body);
                },
                $"calls are signed with {secret}");
        }
    }

    [Fact]
    public async Task A_get_carries_the_call_in_its_query_and_signs_that()
    {
        var (id, name) = await host.AddCommandAsync(new Uri(_module.Address, "/w?key=1").ToString(), method: "GET");
        await host.SetSecretAsync(id, "s3cret");

        var answer = await host.SayAsync($"""!{name} "a&b=c" zwei""");

        TestHost.Lines(answer).ShouldBe(["sunny"]);
        var seen = _module.Last;
        (seen.Method, seen.Body).ShouldBe(("GET", ""));
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(seen.Query);
        string.Join('|', query["args"].ToArray()).ShouldBe("a&b=c|zwei");
        (query["key"].ToString(), query["command"].ToString(), query["user_id"].ToString()).ShouldBe(("1", name, "ada"));
        seen.Headers["X-Rookery-Signature"].ShouldBe(
            Signature("s3cret", seen.Headers["X-Rookery-Timestamp"], seen.Query[1..]));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Every_other_method_carries_the_call_in_its_body(string method)
    {
        var (_, name) = await host.AddCommandAsync(_module.Address.ToString(), method: method);

        TestHost.Lines(await host.SayAsync($"!{name}")).ShouldBe(["sunny"]);
        _module.Last.Method.ShouldBe(method);
        JsonNode.Parse(_module.Last.Body)!["command"]!.GetValue<string>().ShouldBe(name);
    }

    [Fact]
    public async Task A_commands_headers_go_along_but_cannot_forge_what_proves_the_sender()
    {
        var (id, name) = await host.AddCommandAsync(
            _module.Address.ToString(),
            headers: """{"X-Team":"blue","accept":"text/plain","X-Rookery-Signature":"sha256=forged","idempotency-key":"mine","Authorization":"Bearer t"}""");

        await host.SayAsync($"!{name}");
        var seen = _module.Last;
        (seen.Headers["X-Team"], seen.Headers["Accept"], seen.Headers["Authorization"]).ShouldBe(
            ("blue", "text/plain", "Bearer t"));
        seen.Headers.ContainsKey("X-Rookery-Signature").ShouldBeFalse();
        seen.Headers["Idempotency-Key"].ShouldBe(seen.Headers["X-Rookery-Execution-Id"]);

        await host.SetSecretAsync(id, "s3cret");
        await TestHost.EventuallyAsync(
            async () =>
            {
                await host.SayAsync($"!{name}");
                return _module.Last.Headers.GetValueOrDefault("X-Rookery-Signature") is { } s && s != "sha256=forged";
            },
            "the call is signed");
    }

    [Theory]
    [InlineData("""{"X-Evil":"a\r\nX-Injected: 1"}""")]
    [InlineData("""{"X-Evil\r\nX-Injected":"1"}""")]
    [InlineData("""{"Host":"elsewhere"}""")]
    [InlineData("""{"Content-Length":"3"}""")]
    [InlineData("""{"Transfer-Encoding":"chunked"}""")]
    [InlineData("""{"X-Null":null}""")]
    public async Task A_header_that_would_break_out_is_not_sent(string headers)
    {
        var (_, name) = await host.AddCommandAsync(_module.Address.ToString(), headers: headers);

        var answer = await host.SayAsync($"!{name}");

        answer["outcome"]!.GetValue<string>().ShouldBe("failed");
        answer["error"]!.GetValue<string>().ShouldContain("header");
        _module.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_command_that_needs_a_secret_is_not_called_without_one()
    {
        var (id, name) = await host.AddCommandAsync(_module.Address.ToString(), authRequired: true);

        var refused = await host.SayAsync($"!{name}");
        refused["outcome"]!.GetValue<string>().ShouldBe("failed");
        var row = await host.RowAsync(refused);
        (row["status"]!.GetValue<string>(), row["response_status"]!.GetValue<int>()).ShouldBe(("failed", 401));
        row["error_message"]!.GetValue<string>().ShouldStartWith("This command needs a secret");
        _module.Requests.ShouldBeEmpty();

        await host.SetSecretAsync(id, "s3cret");
        await TestHost.EventuallyAsync(
            async () => (await host.SayAsync($"!{name}"))["outcome"]!.GetValue<string>() == "replied", "the secret is known");
        _module.Last.Headers.ContainsKey("X-Rookery-Signature").ShouldBeTrue();
    }

    [Fact]
    public async Task A_remote_command_is_off_until_the_channel_turns_it_on_and_its_settings_reach_the_module()
    {
        var (id, name) = await host.AddCommandAsync(_module.Address.ToString(), moduleType: "action");

        var off = await host.SayAsync($"!{name}", channel: "strict");
        (off["outcome"]!.GetValue<string>(), TestHost.Lines(off).Count).ShouldBe(("refused", 0));
        (await host.RowAsync(off))["response_status"]!.GetValue<int>().ShouldBe(403);
        _module.Requests.ShouldBeEmpty();

        await host.Db.Write.ExecuteAsync(
            $"""
            insert into router.command_permissions (command_id, entity_id, config)
            select {id}, id, {"""{"units":"metric"}"""}::jsonb from kernel.entities where entity_id = 'sandbox:strict'
            on conflict (entity_id, command_id) do update set is_enabled = true, config = excluded.config
            """,
            Ct);
        await TestHost.EventuallyAsync(
            async () => (await host.SayAsync($"!{name}", channel: "strict"))["outcome"]!.GetValue<string>() == "replied", "the command is on");
        JsonNode.Parse(_module.Last.Body)!["config"]!.ToJsonString().ShouldBe("""{"units":"metric"}""");
        (await host.SayAsync($"!{name}", channel: "other"))["outcome"]!.GetValue<string>().ShouldBe("refused");
    }

    [Fact]
    public async Task An_event_calls_the_module_too_and_leaves_a_row()
    {
        var (_, name) = await host.AddCommandAsync(_module.Address.ToString(), triggerType: "event", eventTypes: """["raid"]""");

        var answer = await RaidAsync("raids", """{"viewers":120,"note":"x\u0000y","big":1e999999}""");

        answer["outcome"]!.GetValue<string>().ShouldBe("replied");
        TestHost.Lines(answer).ShouldBe(["sunny"]);
        var body = JsonNode.Parse(_module.Last.Body)!;
        (body["command"]!.GetValue<string>(), body["trigger_type"]!.GetValue<string>(), body["event_type"]!.GetValue<string>()).ShouldBe((name, "event", "raid"));
        (body["event_data"]!["viewers"]!.GetValue<int>(), body["event_data"]!["note"]!.GetValue<string>()).ShouldBe((120, "x\uFFFDy"));
        var row = await host.RowAsync(answer);
        (row["status"]!.GetValue<string>(), row["trigger"]!.GetValue<string>()).ShouldBe(("success", "event"));

        _module.Text("down", 500);
        var failed = await RaidAsync("raids", "{}");
        failed["outcome"]!.GetValue<string>().ShouldBe("failed");
        TestHost.Lines(failed).ShouldBeEmpty();
        (await host.RowAsync(failed))["response_status"]!.GetValue<int>().ShouldBe(500);
    }

    [Fact]
    public async Task OpenWhisk_is_invoked_blocking_with_the_namespaces_key()
    {
        var (id, name) = await host.AddCommandAsync(
            new Uri(_module.Address, "/api/v1/namespaces/_/actions/weather").ToString(), "openwhisk", method: "GET");
        await host.SetSecretAsync(id, "user-id:pass:word");

        TestHost.Lines(await host.SayAsync($"!{name} now")).ShouldBe(["sunny"]);

        var seen = _module.Last;
        (seen.Method, seen.Path, seen.Query).ShouldBe(
            ("POST", "/api/v1/namespaces/_/actions/weather", "?blocking=true&result=true"));
        seen.Headers["Authorization"].ShouldBe($"Basic {Convert.ToBase64String("user-id:pass:word"u8)}");
        JsonNode.Parse(seen.Body)!["args"]!.ToJsonString().ShouldBe("""["now"]""");
    }

    [Fact]
    public async Task A_lambda_function_is_invoked_signed_and_its_own_failure_is_a_failure()
    {
        var (_, name) = await host.AddCommandAsync(
            new Uri(_module.Address, "/2015-03-31/functions/weather/invocations").ToString(), "lambda");

        TestHost.Lines(await host.SayAsync($"!{name}")).ShouldBe(["sunny"]);
        var seen = _module.Last;
        seen.Headers["Authorization"].ShouldStartWith("AWS4-HMAC-SHA256 Credential=AKIDHOST/");
        seen.Headers["Authorization"].ShouldContain(
            "/eu-central-1/lambda/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-invocation-type, Signature=");

        _module.Answer = http =>
        {
            http.Response.Headers["X-Amz-Function-Error"] = "Unhandled";
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync("""{"errorMessage":"division by zero in secret.py","message":"no"}""");
        };
        var failed = await host.SayAsync($"!{name}");
        failed.ToJsonString().ShouldNotContain("secret.py");
        var row = await host.RowAsync(failed);
        (
            row["status"]!.GetValue<string>(),
            row["response_status"]!.GetValue<int>(),
            row["error_message"]!.GetValue<string>())
            .ShouldBe(("failed", 502, "The function failed (Unhandled)."));
    }

    [Fact]
    public async Task A_call_is_finished_although_whoever_handed_the_event_in_has_hung_up()
    {
        var (id, name) = await host.AddCommandAsync(_module.Address.ToString());
        using var patience = new CancellationTokenSource();
        var release = new TaskCompletionSource();
        _module.Answer = async http =>
        {
            await patience.CancelAsync();
            await release.Task;
            await http.Response.WriteAsync("late");
        };

        await Should.ThrowAsync<OperationCanceledException>(host.Http.PostAsync(
            "/api/v1/events",
            new StringContent(
                $$"""{"platform":"sandbox","channel_id":"lobby","message_type":"chatMessage","message_id":"{{name}}","user_id":"a","user_name":"a","message_content":"!{{name}}"}""",
                Encoding.UTF8,
                "application/json"),
            patience.Token));
        release.SetResult();

        await TestHost.EventuallyAsync(
            async () =>
                await host.Db.Write.ValueAsync<string>($"select status from router.command_executions where command_id = {id}", Ct) == "success",
            "the row is finished");
        var repeated = await host.SayAsync($"!{name}", user: "a", messageId: name);
        (repeated["outcome"]!.GetValue<string>(), TestHost.Lines(repeated)[0]).ShouldBe(("duplicate", "late"));
    }

    private async Task<JsonObject> RaidAsync(string channel, string payload)
    {
        using var response = await host.Http.PostAsync(
            "/api/v1/events",
            new StringContent(
                $$"""{"platform":"sandbox","channel_id":"{{channel}}","message_type":"raid","user_id":"bo","user_name":"Bo","payload":{{payload}}}""",
                Encoding.UTF8,
                "application/json"),
            Ct);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!.AsObject();
    }

    private static string Signature(string secret, string timestamp, string content) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{timestamp}.{content}")))}";
}
