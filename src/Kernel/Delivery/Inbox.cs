using Microsoft.Extensions.Logging;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Delivery;

/// <summary>One event to be claimed as seen for the first time.</summary>
/// <param name="EventKey">The platform's id of the event.</param>
/// <param name="EventId">Our id of this sight of it.</param>
/// <param name="Fence">The token without which it is not claimed; null: none is needed.</param>
public sealed record InboxClaim(Platform Platform, string EventKey, Guid EventId, DateTimeOffset At, long? Fence = null)
{
    /// <summary>
    /// After the write: the id of the first sight. Equal to <see cref="EventId"/> when this was it; empty when the fence
    /// refused it and nobody saw it before.
    /// </summary>
    public Guid First { get; set; }

    public bool IsFirst => First == EventId;

    /// <summary>How the table names the event.</summary>
    public string Key => KeyOf(Platform, EventKey);

    public static string KeyOf(Platform platform, string eventKey) => $"{platform.Name()}:{eventKey}";
}

/// <summary>
/// Knows which platform events were seen, for longer than any platform retries (Slack gives up after an hour,
/// Twitch after ten minutes): the day of the claim and the <see cref="WindowDays"/> before it.
/// </summary>
public sealed class Inbox : IAsyncDisposable
{
    public const int WindowDays = 2;

    private readonly BatchWriter<InboxClaim> _writer;

    public Inbox(Database db, ILogger<Inbox> log) => _writer = new BatchWriter<InboxClaim>(db, ClaimAsync, log);

    /// <summary>Claims one event durably and tells whose claim holds.</summary>
    public async Task<InboxClaim> ClaimAsync(InboxClaim claim)
    {
        await _writer.WriteAsync(claim);
        return claim;
    }

    private static async Task ClaimAsync(
        NpgsqlConnection connection, IReadOnlyList<InboxClaim> claims, CancellationToken ct)
    {
        var together = new InboxClaims(claims);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { together.Command() } };
        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            await together.ReadAsync(reader, ct);
        }

        await together.FindHoldersAsync(connection, ct);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
