using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Rookery.Host;
using Rookery.Kernel.Security;
using Shouldly;
using Xunit;

namespace Rookery.Testing;

/// <summary>The whole server in this process, on a real port and a database of its own.</summary>
public class TestHost : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"rookery-test-{Guid.NewGuid():N}");
    private WebApplication? _app;

    /// <summary>What the server takes for the time; null: the real one. Set before the host starts.</summary>
    public ManualClock? Clock { get; init; }

    /// <summary>
    /// Settings as in appsettings.json, for example <c>Router:LaneCapacity</c>. Set before the host starts.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>(
        StringComparer.Ordinal);

    /// <summary>Changes the services before the host is built.</summary>
    public Action<IServiceCollection>? Configure { get; init; }

    public string ConnectionString { get; init; } = "";

    public string Database { get; private set; } = "";

    public string AdminKey { get; private set; } = "";

    public Uri Address { get; private set; } = null!;

    /// <summary>Speaks with the admin key.</summary>
    public HttpClient Http { get; private set; } = null!;

    public IServiceProvider Services => _app!.Services;

    public T Get<T>()
        where T : notnull
        => Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        Database = ConnectionString.Length > 0 ? ConnectionString : await TestPostgres.CreateDatabaseAsync();
        Directory.CreateDirectory(_folder);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>(StringComparer.Ordinal) { ["Logging:LogLevel:Default"] = "Warning" })
            .AddInMemoryCollection(Settings)
            .Build();
        _app = Server.Build(
            new ServerOptions("127.0.0.1", 0, ServerRoles.All, []),
            configuration,
            Database,
            null,
            KeyRing.Open(Path.Combine(_folder, "keys.json")),
            services =>
            {
                if (Clock is not null)
                {
                    services.AddSingleton<TimeProvider>(Clock);
                }

                Configure?.Invoke(services);
            });
        await Server.PrepareAsync(_app, CancellationToken.None);
        AdminKey =
            (await Get<ApiKeys>().CreateAsync("test admin", [Scopes.Admin], null, 0, null, "test", CancellationToken.None)).Secret;
        await _app.StartAsync();
        Address = new Uri(_app.Urls.Single());
        Http = Client(AdminKey);
    }

    /// <summary>A client that, where a request asks whether it may send its body, waits for the answer and not for a second only.</summary>
    public HttpClient Client(string? key)
    {
        var client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(30) }) { BaseAddress = Address };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Add("X-API-Key", key);
        }

        return client;
    }

    /// <summary>Says something in a sandbox channel over the API and returns the answer's JSON.</summary>
    public async Task<JsonObject> SayAsync(
        string text, string user = "ada", string channel = "lobby", string role = "member", string? messageId = null)
    {
        using var response = await PostEventAsync(text, user, channel, role, messageId);
        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    public Task<HttpResponseMessage> PostEventAsync(
        string text, string user = "ada", string channel = "lobby", string role = "member", string? messageId = null) => Http.PostAsJsonAsync(
        "/api/v1/events",
        new JsonObject
        {
            ["platform"] = "sandbox",
            ["channel_id"] = channel,
            ["message_id"] = messageId,
            ["message_type"] = "chatMessage",
            ["user_id"] = user,
            ["user_name"] = user,
            ["user_role"] = role,
            ["message_content"] = text,
        });

    /// <summary>The chat lines of an answer.</summary>
    public static IReadOnlyList<string> Lines(JsonObject answer) =>
        [.. answer["responses"]!.AsArray().Select(r => r!["chat_message"]?.GetValue<string>() ?? "")];

    /// <summary>Waits until something holds, at most half a minute: long, for the machine may be busy with other things.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await holds())
            {
                return;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"Not within 30 s: {what}");
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        if (ConnectionString.Length == 0)
        {
            await TestPostgres.DropDatabaseAsync(Database);
        }

        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
