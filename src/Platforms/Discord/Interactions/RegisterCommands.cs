using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Scheduling;
using Rookery.Platforms.Discord.Rest;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>Tells Discord which commands there are, when they changed; one node at a time does.</summary>
internal sealed partial class RegisterCommands(
    IOptions<DiscordOptions> options, ICommandList commands, DiscordRest rest, Database db, TimeProvider clock,
    ILogger<RegisterCommands> log) : IJob
{
    private IReadOnlyList<ListedCommand>? _told;

    /// <summary>How long a change of the registry takes at most to be seen; looking costs nothing.</summary>
    public TimeSpan Period => TimeSpan.FromSeconds(5);

    public async ValueTask RunAsync(CancellationToken ct)
    {
        var typed = commands.Typed;
        if (!options.Value.IsOn || typed.Count == 0 || ReferenceEquals(typed, _told))
        {
            return;
        }

        if (await rest.ApplicationIdAsync(ct) is { } application
            && await db.TransactionAsync(t => TellAsync(t, application, typed, ct), ct))
        {
            _told = typed;
        }
    }

    /// <returns>False when it is to be tried again.</returns>
    private async Task<bool> TellAsync(
        Transaction transaction, string application, IReadOnlyList<ListedCommand> typed, CancellationToken ct)
    {
        if (!await transaction.ValueAsync<bool>(
            $"select pg_try_advisory_xact_lock(hashtextextended('discord.registered_commands', 0))", ct))
        {
            return false;
        }

        var (list, leftOut) = SlashCommands.Of(typed);
        var body = JsonSerializer.Serialize(list, DiscordJson.Default.IReadOnlyListSlashCommand);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        var known = await transaction.ListAsync(
            $"select 1 from discord.registered_commands where application_id = {application} and commands_hash = {hash}",
            r => r.GetInt32(0),
            ct);
        if (known.Count > 0)
        {
            return true;
        }

        var answer = await rest.CallAsync(
            new Call(HttpMethod.Put, "applications/{application}/commands", application, $"applications/{Uri.EscapeDataString(application)}/commands")
            {
                Body = body,
            },
            ct);
        if (!answer.Ok)
        {
            var told = RestAnswer.Tell(answer);
            Refused(told.Error!);

            // What Discord will not take is not offered again until it changes.
            return told.RetryAfter is null;
        }

        await transaction.ExecuteAsync(
            $"""
            insert into discord.registered_commands (application_id, commands_hash, registered_at)
            values ({application}, {hash}, {clock.GetUtcNow()})
            on conflict (application_id) do update
            set commands_hash = excluded.commands_hash, registered_at = excluded.registered_at
            """,
            ct);
        Told(list.Count);
        if (leftOut.Count > 0)
        {
            LeftOut(string.Join(", ", leftOut));
        }

        return true;
    }

    [LoggerMessage(LogLevel.Information, "Discord shows {Count} slash commands.")]
    private partial void Told(int count);

    [LoggerMessage(LogLevel.Warning, "Not among Discord's slash commands, by their name or because of their number: {Commands}.")]
    private partial void LeftOut(string commands);

    [LoggerMessage(LogLevel.Warning, "Discord did not take the slash commands: {Why}")]
    private partial void Refused(string why);
}
