using System.Text.Json;

namespace Rookery.Platforms.Discord.Rest;

/// <summary>The bot's own account, which is not its application.</summary>
internal sealed class BotUser(DiscordRest rest)
{
    private string? _id;

    /// <returns>Null when Discord does not tell now.</returns>
    public async ValueTask<string?> IdAsync(CancellationToken ct)
    {
        if (_id is null && await rest.CallAsync(new Call(HttpMethod.Get, "users/@me", "", "users/@me"), ct) is { Ok: true } answer)
        {
            _id = JsonSerializer.Deserialize(answer.Body, DiscordJson.Default.DiscordUser)!.Id;
        }

        return _id;
    }
}
