using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Privacy;

/// <summary>Knows what one owner of tables holds about a person. Every table with a user's id has one.</summary>
public interface IPersonalData
{
    /// <summary>Schema and table, for example <c>memories.reminders</c>.</summary>
    string Name { get; }

    /// <summary>Everything about the person, readable.</summary>
    Task<JsonArray> ExportAsync(Session session, Platform platform, string userId, CancellationToken ct);

    /// <summary>Deletes it, or takes the person out where others need the row.</summary>
    /// <returns>Rows touched.</returns>
    Task<int> EraseAsync(Session session, Platform platform, string userId, CancellationToken ct);
}
