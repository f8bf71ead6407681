using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Rookery.Testing;

/// <summary>A browser with cookies of its own, which shows where each step leads.</summary>
public sealed class Browser : IDisposable
{
    private readonly TestHost _host;
    private readonly Action<string, string> _logsIn;
    private readonly HttpClient _http;

    /// <param name="logsIn">Tells the simulated platform who sits before the browser.</param>
    public Browser(TestHost host, Action<string, string> logsIn)
    {
        (_host, _logsIn) = (host, logsIn);
        _http = new HttpClient(new HttpClientHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = host.Address };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("Test/1.0");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public CookieContainer Cookies { get; } = new();

    /// <summary>The token of the session; null: none.</summary>
    public string? Session
    {
        get => Cookies.GetCookies(_host.Address)["rookery_session"]?.Value;
        set => Cookies.Add(_host.Address, new Cookie("rookery_session", value, "/"));
    }

    /// <summary>Goes to the platform as somebody.</summary>
    /// <returns>Where the platform sends the browser.</returns>
    public async Task<Uri> GoAsync(string platform, string user, string? returnTo = null)
    {
        _logsIn(platform, user);
        using var begun = await GetAsync(
            $"/auth/{platform}/login{(returnTo is null ? "" : $"?return_to={Uri.EscapeDataString(returnTo)}")}");
        begun.StatusCode.ShouldBe(HttpStatusCode.Redirect, await begun.Content.ReadAsStringAsync(Ct));
        using var allowed = await _http.GetAsync(begun.Headers.Location, Ct);
        return allowed.Headers.Location!;
    }

    /// <summary>Goes there and back.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string platform, string user, string? returnTo = null) =>
        await GetAsync((await GoAsync(platform, user, returnTo)).AbsoluteUri);

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(_host.Address, path), Ct);

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var response = await GetAsync(path);
        return response.StatusCode;
    }

    public async Task<JsonObject> JsonAsync(string path) => (await _http.GetFromJsonAsync<JsonObject>($"/api/v1/{path}", Ct))!;

    /// <summary>The accounts the session has, as the API tells.</summary>
    public async Task<IReadOnlyList<string>> AccountsAsync() =>
        [.. (await JsonAsync("auth/me"))["identities"]!.AsArray().Select(i => $"{i!["platform"]}:{i["user_id"]}")];

    /// <summary>Changes something, as our own page does unless told otherwise.</summary>
    public async Task<HttpStatusCode> ChangeAsync(
        string method, string path, string? csrf = "", string? site = "same-origin", string? origin = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v1/{path}");
        if ((csrf is "" ? (await JsonAsync("auth/me"))["csrf_token"]!.GetValue<string>() : csrf) is { } token)
        {
            request.Headers.Add("X-Rookery-Csrf", token);
        }

        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = await _http.SendAsync(request, Ct);
        return response.StatusCode;
    }

    /// <summary>Calls the API as our own page does.</summary>
    public async Task<JsonObject> SendAsync(string method, string path, JsonObject? body, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v1/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        if (method != "GET")
        {
            request.Headers.Add("X-Rookery-Csrf", (await JsonAsync("auth/me"))["csrf_token"]!.GetValue<string>());
            request.Headers.Add("Sec-Fetch-Site", "same-origin");
        }

        using var response = await _http.SendAsync(request, Ct);
        var text = await response.Content.ReadAsStringAsync(Ct);
        response.StatusCode.ShouldBe(status, text);
        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }

    public void Dispose() => _http.Dispose();
}
